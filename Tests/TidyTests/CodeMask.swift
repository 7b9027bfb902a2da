/// Blanks out what is not code in Swift text: comments and the insides of string literals.
/// Interpolations stay, because they are code.
struct CodeMask {
    private enum State {
        case code
        /// Inside `\( … )`; the count of parentheses open in it.
        case interpolation(depth: Int)
        case lineComment
        case blockComment(depth: Int)
        case string(hashCount: Int, isMultiline: Bool)
    }

    private let text: [UInt8]
    private var output: [UInt8]
    private var index = 0
    private var states: [State] = [.code]

    /// `text` with spaces for everything that is not code; line feeds stay.
    static func mask(_ text: String) -> String {
        var mask = CodeMask(Array(text.utf8))
        while mask.index < mask.text.count { mask.step() }
        return String(decoding: mask.output, as: UTF8.self)
    }

    private init(_ text: [UInt8]) {
        self.text = text
        output = text.map { $0 == UInt8(ascii: "\n") ? $0 : UInt8(ascii: " ") }
    }

    private func starts(_ word: String, at offset: Int = 0) -> Bool {
        text[min(index + offset, text.count)...].starts(with: word.utf8)
    }

    private mutating func keep(_ count: Int) {
        for position in index..<min(index + count, text.count) { output[position] = text[position] }
        index += count
    }

    private mutating func step() {
        switch states[states.count - 1] {
        case .code, .interpolation: stepInCode()
        case .lineComment:
            if text[index] == UInt8(ascii: "\n") { states.removeLast() }
            index += 1
        case .blockComment(let depth): stepInBlockComment(depth)
        case .string(let hashCount, let isMultiline):
            stepInString(hashCount: hashCount, isMultiline: isMultiline)
        }
    }

    private mutating func stepInCode() {
        if starts("//") {
            states.append(.lineComment)
            index += 2
        } else if starts("/*") {
            states.append(.blockComment(depth: 1))
            index += 2
        } else if let hashCount = hashesBeforeQuote() {
            let isMultiline = starts("\"\"\"", at: hashCount)
            keep(hashCount + (isMultiline ? 3 : 1))
            states.append(.string(hashCount: hashCount, isMultiline: isMultiline))
        } else {
            if case .interpolation(let depth) = states[states.count - 1] {
                if starts("(") { states[states.count - 1] = .interpolation(depth: depth + 1) }
                if starts(")") {
                    states.removeLast()
                    if depth > 1 { states.append(.interpolation(depth: depth - 1)) }
                }
            }
            keep(1)
        }
    }

    /// The count of `#` before a quote that opens a literal here; nil when none opens.
    private func hashesBeforeQuote() -> Int? {
        var count = 0
        while index + count < text.count, text[index + count] == UInt8(ascii: "#") { count += 1 }
        return starts("\"", at: count) ? count : nil
    }

    private mutating func stepInBlockComment(_ depth: Int) {
        if starts("*/") {
            states.removeLast()
            if depth > 1 { states.append(.blockComment(depth: depth - 1)) }
            index += 2
        } else if starts("/*") {
            states[states.count - 1] = .blockComment(depth: depth + 1)
            index += 2
        } else {
            index += 1
        }
    }

    private mutating func stepInString(hashCount: Int, isMultiline: Bool) {
        let hashes = String(repeating: "#", count: hashCount)
        let quote = (isMultiline ? "\"\"\"" : "\"") + hashes
        if starts("\\" + hashes + "(") {
            keep(hashCount + 2)
            states.append(.interpolation(depth: 1))
        } else if hashCount == 0, starts("\\") {
            index += 2
        } else if starts(quote) {
            keep(quote.utf8.count)
            states.removeLast()
        } else if !isMultiline, starts("\n") {
            states.removeLast()
        } else {
            index += 1
        }
    }
}
