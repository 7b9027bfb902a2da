internal import NIOCore

/// What the network library throws, in words; its own text names the system's calls.
package enum ConnectionFailure {
    /// One clause: why a connection broke or could not be made.
    package static func reason(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return words[error.errnoCode] ?? "system error \(error.errnoCode)"
        case let error as ChannelError:
            switch error {
            case .connectTimeout: return "nobody answered in time"
            case .eof, .inputClosed, .outputClosed, .ioOnClosedChannel, .alreadyClosed:
                return "the other side closed it"
            default: return "the connection is not usable"
            }
        default: return "the network failed"
        }
    }

    /// By the system's numbers on Linux.
    private static let words: [Int32: String] = [
        1: "not permitted", 13: "this user may not", 24: "this process has too many files open",
        23: "this machine has too many files open", 32: "the other side closed it",
        97: "this machine does not speak that family of addresses",
        98: "another program listens there", 99: "this machine has no such address",
        100: "the network is down", 101: "the network cannot be reached",
        103: "the connection was given up", 104: "the other side cut it off",
        105: "the system has no memory for it", 110: "nobody answered in time",
        111: "nothing listens there", 113: "the host cannot be reached",
    ]
}
