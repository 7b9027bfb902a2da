/// Cuts a script into statements at `;`, outside of `'strings'`, `"names"`, `-- comments` and
/// `/* comments */`, which may contain others. Text may come in pieces, as from a pipe.
package struct StatementSplitter {
    /// One statement without its `;` and without what stands before its first word.
    package struct Statement: Equatable, Sendable {
        package var text: [UInt8]
        /// The line of the script on which it begins, from 1.
        package var line: Int
        /// The character of that line, from 1.
        package var column: Int

        package init(text: [UInt8], line: Int = 1, column: Int = 1) {
            self.text = text
            self.line = line
            self.column = column
        }
    }

    private enum Mode: Equatable {
        case code, string, name, lineComment
        case blockComment(depth: Int)

        /// Whether a byte may mean something else together with the next one.
        func isHalf(_ byte: UInt8) -> Bool {
            switch self {
            case .code: byte == UInt8(ascii: "-") || byte == UInt8(ascii: "/")
            case .blockComment: byte == UInt8(ascii: "*") || byte == UInt8(ascii: "/")
            case .string, .name, .lineComment: false
            }
        }
    }

    /// What is not yet given out.
    private var pending: [UInt8] = []
    /// Bytes of `pending` looked at.
    private var position = 0
    private var mode = Mode.code
    /// Where the statement's first word begins in `pending`.
    private var start: Int?
    private var startLine = 1
    private var startColumn = 1
    /// Where `position` is in the script, from 1; columns are code points.
    private var line = 1
    private var column = 1

    package init() {}

    /// Takes in more of the script.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        pending.append(contentsOf: bytes)
    }

    /// The next statement that is ended by `;`; nil when more text is needed.
    package mutating func next() -> Statement? { scan(isFinal: false) }

    /// The next statement when no more text comes, also one without `;`; nil at the end.
    package mutating func finish() -> Statement? {
        if let statement = scan(isFinal: true) { return statement }
        guard let start else { return nil }
        var text = Array(pending[start...])
        while let last = text.last, last == 0x20 || (9...13).contains(last) { text.removeLast() }
        pending.removeAll()
        position = 0
        self.start = nil
        return Statement(text: text, line: startLine, column: startColumn)
    }

    /// Moves on until a statement ends. A byte that means something only together with the next
    /// one waits for it, unless there is no more.
    private mutating func scan(isFinal: Bool) -> Statement? {
        while position < pending.count {
            let byte = pending[position]
            let hasNext = position + 1 < pending.count
            if mode.isHalf(byte), !hasNext, !isFinal { return nil }
            let next = hasNext ? pending[position + 1] : 0
            switch mode {
            case .code:
                if byte == UInt8(ascii: ";") {
                    if let statement = end() { return statement }
                    continue
                }
                takeCode(byte, next)
            // A doubled quote ends the string and begins it again.
            case .string: if byte == UInt8(ascii: "'") { mode = .code }
            case .name: if byte == UInt8(ascii: "\"") { mode = .code }
            case .lineComment: if byte == UInt8(ascii: "\n") { mode = .code }
            case .blockComment(let depth): takeComment(byte, next, depth)
            }
            advance()
        }
        if start == nil {
            pending.removeAll()
            position = 0
        }
        return nil
    }

    /// Passes one byte.
    private mutating func advance() {
        switch pending[position] {
        case UInt8(ascii: "\n"):
            line += 1
            column = 1
        case 0x80...0xBF: break  // A further byte of the same character.
        default: column += 1
        }
        position += 1
    }

    private mutating func takeCode(_ byte: UInt8, _ next: UInt8) {
        switch (byte, next) {
        case (UInt8(ascii: "-"), UInt8(ascii: "-")):
            mode = .lineComment
            advance()
            return
        case (UInt8(ascii: "/"), UInt8(ascii: "*")):
            mode = .blockComment(depth: 1)
            advance()
            return
        case (UInt8(ascii: "'"), _): mode = .string
        case (UInt8(ascii: "\""), _): mode = .name
        default: break
        }
        if start == nil, byte != 0x20, !(9...13).contains(byte) {
            start = position
            startLine = line
            startColumn = column
        }
    }

    private mutating func takeComment(_ byte: UInt8, _ next: UInt8, _ depth: Int) {
        if byte == UInt8(ascii: "*"), next == UInt8(ascii: "/") {
            advance()
            mode = depth == 1 ? .code : .blockComment(depth: depth - 1)
        } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
            advance()
            mode = .blockComment(depth: depth + 1)
        }
    }

    /// Gives out what stands before the `;` at `position`; nil when there is nothing.
    private mutating func end() -> Statement? {
        let statement = start.map {
            Statement(
                text: Array(pending[$0..<position]), line: startLine, column: startColumn)
        }
        advance()
        start = nil
        // Not after every statement: each removal moves all that follows.
        if position > 1 << 16 {
            pending.removeFirst(position)
            position = 0
        }
        return statement
    }
}
