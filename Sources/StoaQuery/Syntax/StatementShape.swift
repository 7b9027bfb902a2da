/// A statement without its values, for logs: what is asked may be seen by an operator, what it is
/// asked about may not.
package enum StatementShape {
    /// The words of a statement in their order, every number and string as `?`, comments and line
    /// breaks gone; nil for what is no statement. Cut after `byteCountLimit` bytes or a bit more.
    package static func text(_ statement: [UInt8], byteCountLimit: Int = 300) -> String? {
        guard let tokens = try? Lexer.tokens(statement) else { return nil }
        var shape = ""
        var end = 0
        for token in tokens where token.kind != .end {
            if shape.utf8.count >= byteCountLimit { return shape + " …" }
            if !shape.isEmpty, token.range.lowerBound > end { shape += " " }
            end = token.range.upperBound
            switch token.kind {
            case .number, .floatNumber, .string: shape += "?"
            case .word, .quotedName, .parameter, .symbol, .end:
                shape += String(decoding: statement[token.range], as: UTF8.self)
            }
        }
        return shape
    }
}
