/// The place in a statement that an error is about: its line, and a mark below.
package struct SourceExcerpt: Equatable, Sendable {
    /// The line, from 1.
    package let line: Int
    /// The character in the line, from 1.
    package let column: Int
    /// The line's text, cut to a window when it is long.
    package let text: String
    /// Spaces, then a `^` under every column of the place.
    package let mark: String

    private static let windowWidth = 100

    /// - Parameter position: offsets in bytes of UTF-8; they may lie outside of the statement.
    package init(_ statement: [UInt8], position: Range<Int>) {
        let begin = min(max(0, position.lowerBound), statement.count)
        let isLineFeed = { (byte: UInt8) in byte == UInt8(ascii: "\n") }
        let lineStart = statement[..<begin].lastIndex(where: isLineFeed).map { $0 + 1 } ?? 0
        let lineEnd = statement[begin...].firstIndex(where: isLineFeed) ?? statement.count
        let end = min(max(position.upperBound, begin + 1), lineEnd)
        line = statement[..<begin].count(where: isLineFeed) + 1
        func shown(_ range: Range<Int>) -> String {
            let bytes = statement[range].map { $0 == UInt8(ascii: "\t") ? 0x20 : $0 }
            return DisplayText.printable(bytes)
        }
        let before = shown(lineStart..<begin)
        let marked = shown(begin..<max(begin, end))
        let after = shown(max(begin, end)..<lineEnd)
        column = String(decoding: statement[lineStart..<begin], as: UTF8.self).count + 1
        // A long line is shown from a little before the place on.
        let room = Self.windowWidth / 2
        let isCut = DisplayText.width(before) > room
        let left = isCut ? "…" + String(before.suffix(room - 1)) : before
        let whole = DisplayText.cut(left + marked + after, toWidth: Self.windowWidth)
        text = whole
        let indent = DisplayText.width(left)
        let markWidth = min(DisplayText.width(marked), max(1, Self.windowWidth - indent))
        mark =
            String(repeating: " ", count: indent)
            + String(repeating: "^", count: max(1, markWidth))
    }
}
