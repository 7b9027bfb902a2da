internal import Foundation

/// What the tool is attached to.
enum Terminal {
    /// Whether standard output is a terminal.
    static let isOutput = isatty(STDOUT_FILENO) == 1
    /// Whether standard error is a terminal.
    static let isError = isatty(STDERR_FILENO) == 1
    /// Whether standard input is a terminal.
    static let isInput = isatty(STDIN_FILENO) == 1

    /// Whether errors may be coloured: on a terminal, unless `NO_COLOR` says no.
    static let hasColor: Bool = {
        let environment = ProcessInfo.processInfo.environment
        let isForbidden = !(environment["NO_COLOR"] ?? "").isEmpty
        return isError && !isForbidden && environment["TERM"] != "dumb"
    }()

    /// Columns of the terminal behind standard output; nil when there is none.
    static var width: Int? {
        var size = winsize()
        guard isOutput, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return nil
        }
        return Int(size.ws_col)
    }

    /// Writes to standard error; nothing can be done when that fails.
    static func write(error text: String) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count)
            }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }

    /// The text in bold red, where colours are wanted.
    static func emphasized(_ text: String) -> String {
        hasColor ? "\u{1B}[1;31m\(text)\u{1B}[0m" : text
    }

    /// The text in bold, where colours are wanted.
    static func bold(_ text: String) -> String {
        hasColor ? "\u{1B}[1m\(text)\u{1B}[0m" : text
    }
}
