internal import NIOCore
internal import NIOPosix

/// Why a connection was not made, in a person's words: a name nobody knows is another mistake than
/// a port nobody listens on.
enum ConnectFailure {
    /// Numbers of Linux.
    private static let refused: CInt = 111
    private static let timedOut: CInt = 110
    private static let noRoute: Set<CInt> = [101, 113]

    /// What is told of an error of the network library.
    static func clientError(_ error: any Error, _ url: StoaURL) -> ClientError {
        let causes = causes(of: error)
        if causes.isEmpty || causes.contains(where: { $0 is SocketAddressError }),
            !causes.contains(where: { $0 is IOError })
        {
            return ClientError(
                .cannotConnect, "the host \(url.host) cannot be found",
                hint: "Is the name right? The address is \(url).")
        }
        if causes.contains(where: { ($0 as? ChannelError)?.isConnectTimeout == true }) {
            return ClientError(
                .cannotConnect, "\(url) does not answer",
                hint: "Is the machine on, and its port open to this one?")
        }
        switch causes.compactMap({ ($0 as? IOError)?.errnoCode }).first {
        case refused?:
            return ClientError(
                .cannotConnect, "nobody listens at \(url)", hint: "Is stoad running there?")
        case timedOut?:
            return ClientError(
                .cannotConnect, "\(url) does not answer",
                hint: "Is the machine on, and its port open to this one?")
        case let code? where noRoute.contains(code):
            return ClientError(
                .cannotConnect, "there is no way to \(url)", hint: "Is the network up?")
        default:
            return ClientError(
                .cannotConnect, "cannot connect to \(url)",
                hint: "Is stoad running, and listening there?")
        }
    }

    /// What went wrong with each address of a host; none when it has no address.
    private static func causes(of error: any Error) -> [any Error] {
        guard let error = error as? NIOConnectionError else { return [error] }
        return error.connectionErrors.map(\.error)
    }
}

extension ChannelError {
    fileprivate var isConnectTimeout: Bool {
        if case .connectTimeout = self { true } else { false }
    }
}
