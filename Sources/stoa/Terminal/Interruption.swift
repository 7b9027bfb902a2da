internal import Foundation
internal import Synchronization

/// Signals: Ctrl-C ends the process with 130, a closed pipe is not a signal but an error.
enum Interruption {
    /// The address of a C string; 0 for none. A text that was set is never freed, because the
    /// handler may be reading it.
    private static let words = Atomic<UInt>(0)

    /// What is written before the process ends, when there is something that the user must know.
    static var lastWords: String? {
        get { text.map { String(cString: $0) } }
        set {
            let copy = newValue.flatMap { strdup($0) }
            words.store(UInt(bitPattern: copy), ordering: .releasing)
        }
    }

    private static var text: UnsafePointer<CChar>? {
        UnsafePointer(bitPattern: words.load(ordering: .acquiring))
    }

    /// Installs the handlers. The server takes a lost connection for a cancel and an abort, so
    /// nothing has to be said to it.
    static func install() {
        signal(SIGPIPE, SIG_IGN)
        // The first use of a global is no work for a signal handler.
        lastWords = nil
        signal(SIGINT) { _ in
            // Only what a signal handler may do: begin a new line, say the words, and end.
            var lineFeed: UInt8 = 10
            if isatty(STDERR_FILENO) == 1 { _ = write(STDERR_FILENO, &lineFeed, 1) }
            if let text = Interruption.text {
                _ = write(STDERR_FILENO, text, strlen(text))
            }
            _exit(130)
        }
    }
}
