internal import Foundation

/// Where everything goes that is no answer.
enum StandardError {
    /// One line, written at once, so that lines of several threads do not mix. What cannot be
    /// written is lost: there is nobody to tell.
    static func write(_ line: String) {
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }
}
