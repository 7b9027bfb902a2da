internal import StoaBase

/// The name of a result column without an alias: its tokens with one way of spacing, function
/// names in lower case and keywords in upper case.
extension StatementParser {
    func label(_ range: Range<Int>) -> String {
        var label: [UInt8] = []
        var isOperand = false  // Whether the token before ended an operand.
        for index in range {
            let token = tokens[index]
            let isBinary = isOperand && Self.isOperator(token)
            if index > range.lowerBound, hasSpace(before: index, isBinary: isBinary) {
                label.append(UInt8(ascii: " "))
            }
            label.append(contentsOf: spelling(index))
            isOperand = Self.endsOperand(token, isBinary: isBinary)
            if label.count > Limits.nameByteCountLimit { break }
        }
        return Self.shortened(label)
    }

    /// At most 128 bytes of valid text; `…` stands for the rest.
    static func shortened(_ label: [UInt8]) -> String {
        guard label.count > Limits.nameByteCountLimit else {
            return String(decoding: label, as: UTF8.self)
        }
        var end = Limits.nameByteCountLimit - "…".utf8.count
        while end > 0, label[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: label[..<end], as: UTF8.self) + "…"
    }

    private func spelling(_ index: Int) -> [UInt8] {
        let token = tokens[index]
        let bytes = Array(text[token.range])
        switch token.kind {
        case .symbol(let symbol): return Array(symbol.rawValue.utf8)
        case .word:
            if token.keyword?.isReserved ?? false {
                return bytes.map { $0 >= 97 && $0 <= 122 ? $0 & 0xDF : $0 }
            }
            guard tokens[index + 1].kind == .symbol(.openParenthesis) else { return bytes }
            return bytes.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
        default:
            // A name has no control characters: C0, DEL, and C1 (0xC2 0x80 … 0xC2 0x9F).
            var result = bytes.map { $0 < 0x20 || $0 == 0x7F ? UInt8(ascii: " ") : $0 }
            for place in result.indices.dropLast()
            where result[place] == 0xC2 && result[place + 1] < 0xA0 {
                result[place] = UInt8(ascii: " ")
                result[place + 1] = UInt8(ascii: " ")
            }
            return result
        }
    }

    private func hasSpace(before index: Int, isBinary: Bool) -> Bool {
        let token = tokens[index]
        let previous = tokens[index - 1]
        switch previous.kind {
        case .symbol(.openParenthesis), .symbol(.point), .symbol(.doubleColon): return false
        case .symbol(.minus), .symbol(.plus):
            // Behind a sign there is none, behind an operator there is one.
            if index < 2 || !Self.endsOperand(tokens[index - 2], isBinary: false) {
                // Two minus signs side by side would be a comment.
                return token.kind == previous.kind
            }
        default: break
        }
        switch token.kind {
        case .symbol(.closeParenthesis), .symbol(.comma), .symbol(.point), .symbol(.doubleColon),
            .symbol(.semicolon):
            return false
        case .symbol(.openParenthesis):
            guard previous.kind == .word else { return previous.kind != .quotedName }
            return previous.keyword?.isReserved ?? false
        default: return true
        }
    }

    private static func isOperator(_ token: Token) -> Bool {
        switch token.kind {
        case .symbol(.openParenthesis), .symbol(.closeParenthesis), .symbol(.comma),
            .symbol(.point), .symbol(.doubleColon), .symbol(.semicolon):
            false
        case .symbol: true
        default: false
        }
    }

    private static func endsOperand(_ token: Token, isBinary: Bool) -> Bool {
        switch token.kind {
        case .symbol(.closeParenthesis): true
        case .symbol(.star): !isBinary
        case .symbol: false
        case .word:
            switch token.keyword {
            case .null, .true, .false, .end: true
            default: !(token.keyword?.isReserved ?? false)
            }
        default: true
        }
    }
}
