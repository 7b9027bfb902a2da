internal import Foundation

/// Signals: Ctrl-C ends the process with 130, a closed pipe is not a signal but an error.
enum Interruption {
    /// Installs the handlers. The server takes a lost connection for a cancel and an abort, so
    /// nothing has to be said to it.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        signal(SIGINT) { _ in
            // Only what a signal handler may do: begin a new line, and end.
            var lineFeed: UInt8 = 10
            if isatty(STDERR_FILENO) == 1 { _ = write(STDERR_FILENO, &lineFeed, 1) }
            _exit(130)
        }
    }
}
