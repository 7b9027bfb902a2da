internal import Foundation

/// Standard output: data only.
enum StandardOutput {
    /// Writes all bytes. Ends the process quietly when the reader went away (`stoa … | head`),
    /// with an error when the disk is full.
    static func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count > 0 {
                rest = rest.dropFirst(count)
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: usleep(1_000)
            case EPIPE: exit(ExitStatus.success.rawValue)
            default:
                let reason = String(cString: strerror(errno))
                ErrorReport.print(ErrorReport("cannot write to standard output: \(reason)"))
                exit(ExitStatus.localError.rawValue)
            }
        }
    }

    /// Writes text.
    static func write(_ text: String) { write(Array(text.utf8)) }

}
