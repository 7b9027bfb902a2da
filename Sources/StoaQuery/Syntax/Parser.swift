internal import StoaModel

/// Reads one statement: text → tokens → tree.
///
/// A hand-written recursive-descent parser; expressions climb by precedence. It recurses only
/// where the text nests, and counts that. The grammar is in the module's documentation.
package enum Parser {
    /// The one statement in `text`, with or without a `;` behind it.
    ///
    /// *Throws* `SYNTAX_ERROR`, `NOT_SUPPORTED` for SQL that Stoa knows of but does not have,
    /// `QUERY_TOO_LARGE` and `QUERY_TOO_DEEP` at the limits of `QueryLimits`, and
    /// `NUMERIC_OVERFLOW` or `BAD_NAME` for words that cannot be.
    package static func parse(_ text: [UInt8]) throws(QueryError) -> Statement {
        guard text.count <= QueryLimits.textByteCountLimit else {
            throw QueryError(
                .queryTooLarge,
                "The statement has \(text.count) bytes, \(QueryLimits.textByteCountLimit) is the "
                    + "limit.",
                hint: "Send rows as batches (stoa import, or a client's ingest), not as text.")
        }
        var parser = StatementParser(text: text, tokens: try Lexer.tokens(text))
        return try parser.statement()
    }

    /// The one statement in the bytes of `text`.
    package static func parse(_ text: UnsafeRawBufferPointer) throws(QueryError) -> Statement {
        // Too long a text is refused before it is copied.
        guard text.count <= QueryLimits.textByteCountLimit else {
            return try parse([UInt8](repeating: 0, count: text.count))
        }
        return try parse([UInt8](text))
    }
}
