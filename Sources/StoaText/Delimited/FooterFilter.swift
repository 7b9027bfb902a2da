internal import StoaBase

/// Tells what programs write below a table from rows that are broken.
///
/// Rejected records behind the last row are held back until the file ends. Then those that say
/// how many rows there were, that are drawing, or that stand alone behind an empty line are a
/// footer; all others are rejects as before.
package struct FooterFilter: Sendable {
    private var held: [RejectedRecord] = []
    /// The line of the last row, or of the header before there is one.
    private var lastRowLine: Int

    /// More records are no footer.
    private static let heldCountLimit = 32

    /// - Parameter lastRowLine: lines before the first row in the file.
    package init(bodyLine: Int) { lastRowLine = bodyLine - 1 }

    /// Takes the next rejects of the file; those that are surely some.
    ///
    /// - Parameters:
    ///   - rejects: in the order of the file, with lines counted from its start, from 0.
    ///   - rowLine: lines before the last row among them; nil when no row came.
    package mutating func take(
        _ rejects: [RejectedRecord], lastRowLine rowLine: Int?
    ) -> [RejectedRecord] {
        var sure: [RejectedRecord] = []
        if let rowLine {
            sure = held + rejects.filter { $0.line < rowLine }
            held = []
            lastRowLine = rowLine
        }
        held += rejects.filter { $0.line > lastRowLine }
        if held.count > Self.heldCountLimit {
            sure += held
            held = []
        }
        return sure
    }

    /// What is left at the file's end: rejects, and the number of records below the table.
    package mutating func finish() -> (rejects: [RejectedRecord], footerCount: Int) {
        var rejects: [RejectedRecord] = []
        var footerCount = 0
        var isBehindGap = false
        var line = lastRowLine
        for record in held {
            isBehindGap = isBehindGap || record.line > line + 1
            line = record.line
            if record.hasOtherShape, isFooter(record, isBehindGap: isBehindGap) {
                footerCount += 1
            } else {
                rejects.append(record)
            }
        }
        held = []
        return (rejects, footerCount)
    }

    private func isFooter(_ record: RejectedRecord, isBehindGap: Bool) -> Bool {
        let text = record.text
        let isDrawing = text.allSatisfy { Self.strokes.contains($0) }
        if isDrawing, text.count >= 3 { return true }
        if Self.commentStarts.contains(where: text.starts) { return true }
        return isBehindGap && record.isSingleValue || saysRowCount(text)
    }

    private static let strokes = Set("-=+| ".utf8)
    private static let commentStarts = ["-- ", "# ", "##"].map { Array($0.utf8) }
    private static let rowWords: Set<String> = [
        "row", "rows", "record", "records", "zeile", "zeilen", "ligne", "lignes", "fila", "filas",
    ]

    /// `(2 rows)`, `2 rows selected.`, `(2 rows affected)`, `2 rows in set (0.01 sec)`.
    private func saysRowCount(_ text: [UInt8]) -> Bool {
        guard text.count <= 80 else { return false }
        let words = String(decoding: text, as: UTF8.self).lowercased()
            .split { !($0.isLetter || $0.isNumber || $0 == ",") }
        guard words.count >= 2, words[0].allSatisfy({ $0.isNumber || $0 == "," }) else {
            return false
        }
        return Self.rowWords.contains(String(words[1]))
    }
}
