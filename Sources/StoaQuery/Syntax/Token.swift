/// One word, number, string or symbol of a statement.
struct Token: Equatable {
    enum Kind: Equatable {
        /// An unquoted word; a keyword where the grammar has one in its place.
        case word
        /// `"a name"`
        case quotedName
        /// Digits, maybe with a point.
        case number
        /// Digits with an exponent.
        case floatNumber
        /// `?`, `$1`, `$name` or `:name`
        case parameter
        /// `'text'`
        case string
        case symbol(Symbol)
        /// Behind the last token.
        case end
    }

    enum Symbol: String, Equatable, CaseIterable {
        case equal = "="
        case notEqual = "<>"
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case plus = "+"
        case minus = "-"
        case star = "*"
        case slash = "/"
        case doubleSlash = "//"
        case percent = "%"
        case concatenation = "||"
        case openParenthesis = "("
        case closeParenthesis = ")"
        case comma = ","
        case point = "."
        case semicolon = ";"
        case doubleColon = "::"
    }

    let kind: Kind
    /// Set for words that the grammar knows.
    let keyword: Keyword?
    /// Bytes of the statement.
    let range: Range<Int>
}
