internal import StoaModel

/// Cuts a statement's bytes into tokens.
///
///     word    [A-Za-z_ or a byte ≥ 0x80] [A-Za-z0-9_$ or a byte ≥ 0x80]*
///     name    " … ", a quote inside doubled
///     number  digits, digits . digits, . digits, each with an exponent a FLOAT64
///     string  ' … ', a quote inside doubled
///     parameter  ?, $ digits, $ word, : word
///     comment -- to the end of the line, /* … */ which may contain others
struct Lexer {
    private let text: [UInt8]
    private var index = 0

    /// All tokens of `text`, the last of kind `end`.
    static func tokens(_ text: [UInt8]) throws(QueryError) -> [Token] {
        var lexer = Lexer(text)
        var tokens: [Token] = []
        tokens.reserveCapacity(text.count / 4 + 2)
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private init(_ text: [UInt8]) {
        self.text = text
        if text.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }  // A byte order mark.
    }

    private func byte(at index: Int) -> UInt8? { index < text.count ? text[index] : nil }

    private mutating func next() throws(QueryError) -> Token {
        try skipBlanks()
        guard let first = byte(at: index) else {
            return Token(kind: .end, keyword: nil, range: text.count..<text.count)
        }
        let start = index
        if Self.startsWord(first) { return try word() }
        if Self.isDigit(first) { return try number() }
        if first == UInt8(ascii: "."), let second = byte(at: index + 1), Self.isDigit(second) {
            return try number()
        }
        if first == UInt8(ascii: "'") { return try quoted(first, kind: .string) }
        if first == UInt8(ascii: "\"") { return try quoted(first, kind: .quotedName) }
        if let end = parameterEnd(first) {
            index = end
            return Token(kind: .parameter, keyword: nil, range: start..<end)
        }
        guard let (symbol, byteCount) = symbol(first) else {
            throw unexpectedByte(first)
        }
        index += byteCount
        return Token(kind: .symbol(symbol), keyword: nil, range: start..<index)
    }

    private mutating func skipBlanks() throws(QueryError) {
        while let byte = byte(at: index) {
            switch byte {
            case 0x20, 0x09, 0x0A, 0x0B, 0x0C, 0x0D: index += 1
            case UInt8(ascii: "-") where self.byte(at: index + 1) == UInt8(ascii: "-"):
                while let byte = self.byte(at: index), byte != 0x0A { _ = byte; index += 1 }
            case UInt8(ascii: "/") where self.byte(at: index + 1) == UInt8(ascii: "*"):
                try skipBlockComment()
            default: return
            }
        }
    }

    private mutating func skipBlockComment() throws(QueryError) {
        let start = index
        var openCount = 0
        while let byte = byte(at: index) {
            let following = self.byte(at: index + 1)
            if byte == UInt8(ascii: "/"), following == UInt8(ascii: "*") {
                openCount += 1
                index += 2
            } else if byte == UInt8(ascii: "*"), following == UInt8(ascii: "/") {
                openCount -= 1
                index += 2
                if openCount == 0 { return }
            } else {
                index += 1
            }
        }
        throw QueryError(
            .syntaxError, "A comment is not closed.", position: start..<start + 2,
            hint: "Comments nest: every /* needs its own */.")
    }

    private mutating func word() throws(QueryError) -> Token {
        let start = index
        var isASCII = true
        while let byte = byte(at: index), Self.continuesWord(byte) {
            isASCII = isASCII && byte < 0x80
            index += 1
        }
        let range = start..<index
        if !isASCII { try checkUTF8(range) }
        return Token(kind: .word, keyword: Keyword.named(text[range]), range: range)
    }

    private mutating func number() throws(QueryError) -> Token {
        let start = index
        skipDigits()
        if byte(at: index) == UInt8(ascii: ".") {
            index += 1
            skipDigits()
        }
        var kind = Token.Kind.number
        if let letter = byte(at: index), letter | 0x20 == UInt8(ascii: "e") {
            var digits = index + 1
            if let sign = byte(at: digits), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                digits += 1
            }
            if let digit = byte(at: digits), Self.isDigit(digit) {
                index = digits
                skipDigits()
                kind = .floatNumber
            }
        }
        if let byte = byte(at: index), Self.continuesWord(byte) {
            while let byte = self.byte(at: index), Self.continuesWord(byte) { _ = byte; index += 1 }
            throw QueryError(
                .syntaxError, "A number runs into a letter.", position: start..<index,
                hint: "Numbers are written 1, 1.5 or 1e3; names that start with a digit need "
                    + "double quotes.")
        }
        return Token(kind: kind, keyword: nil, range: start..<index)
    }

    private mutating func skipDigits() {
        while let byte = byte(at: index), Self.isDigit(byte) { _ = byte; index += 1 }
    }

    /// A string or a quoted name, up to a quote that is not doubled.
    private mutating func quoted(_ quote: UInt8, kind: Token.Kind) throws(QueryError) -> Token {
        let start = index
        index += 1
        while let byte = byte(at: index) {
            index += 1
            guard byte == quote else { continue }
            if self.byte(at: index) == quote {
                index += 1
                continue
            }
            try checkUTF8(start..<index)
            return Token(kind: kind, keyword: nil, range: start..<index)
        }
        let what = kind == .string ? "string" : "quoted name"
        throw QueryError(
            .syntaxError, "A \(what) is not closed.", position: start..<start + 1,
            hint: "A quote inside a \(what) is written twice.")
    }

    private func checkUTF8(_ range: Range<Int>) throws(QueryError) {
        let isValid = text.withUnsafeBytes {
            UTF8Check.isValid(UnsafeRawBufferPointer(rebasing: $0[range]))
        }
        guard isValid else {
            throw QueryError(.syntaxError, "The text is not valid UTF-8.", position: range)
        }
    }

    /// Behind the parameter at the cursor; nil when there is none.
    private func parameterEnd(_ first: UInt8) -> Int? {
        if first == UInt8(ascii: "?") { return index + 1 }
        guard first == UInt8(ascii: "$") || first == UInt8(ascii: ":"),
            let second = byte(at: index + 1)
        else { return nil }
        let isNumber = Self.isDigit(second)
        guard isNumber ? first == UInt8(ascii: "$") : Self.startsWord(second) && second < 0x80
        else { return nil }
        var end = index + 1
        while let byte = byte(at: end), byte < 0x80,
            isNumber ? Self.isDigit(byte) : Self.continuesWord(byte) && byte != UInt8(ascii: "$")
        { end += 1 }
        return end
    }

    private func symbol(_ first: UInt8) -> (Token.Symbol, Int)? {
        switch (first, byte(at: index + 1)) {
        case (UInt8(ascii: "<"), UInt8(ascii: ">")), (UInt8(ascii: "!"), UInt8(ascii: "=")):
            (.notEqual, 2)
        case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
        case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
        case (UInt8(ascii: "="), UInt8(ascii: "=")): (.equal, 2)
        case (UInt8(ascii: "/"), UInt8(ascii: "/")): (.doubleSlash, 2)
        case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.concatenation, 2)
        case (UInt8(ascii: ":"), UInt8(ascii: ":")): (.doubleColon, 2)
        default: Self.singleSymbols[first].map { ($0, 1) }
        }
    }

    private static let singleSymbols: [UInt8: Token.Symbol] = Dictionary(
        uniqueKeysWithValues: Token.Symbol.allCases.compactMap { symbol in
            let bytes = Array(symbol.rawValue.utf8)
            return bytes.count == 1 ? (bytes[0], symbol) : nil
        })

    private func unexpectedByte(_ byte: UInt8) -> QueryError {
        let position = index..<index + 1
        switch byte {
        case UInt8(ascii: "`"):
            return QueryError(
                .syntaxError, "A back quote cannot stand here.", position: position,
                hint: "Quote names with double quotes.")
        case UInt8(ascii: "$"), UInt8(ascii: ":"), UInt8(ascii: "@"):
            return QueryError(
                .syntaxError, "A parameter has no name.", position: position,
                hint: "Parameters are written ?, $1, $name or :name.")
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            return QueryError(
                .notSupported, "Lists and structs are not supported.", position: position,
                hint: "A set of values is written in parentheses: x IN (1, 2).")
        case UInt8(ascii: "~"):
            return QueryError(
                .notSupported, "Regular expressions are not supported.", position: position,
                hint: "LIKE and ILIKE are.")
        case UInt8(ascii: "&"), UInt8(ascii: "|"), UInt8(ascii: "^"), UInt8(ascii: "#"):
            return QueryError(
                .notSupported, "Operators of bits are not supported.", position: position,
                hint: byte == UInt8(ascii: "^") ? "Powers are power(x, y)." : nil)
        case 0x21...0x7E:
            let character = Character(Unicode.Scalar(byte))
            return QueryError(
                .syntaxError, "The character \(character) cannot stand here.", position: position)
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            return QueryError(
                .syntaxError,
                "The byte 0x\(digits.count < 2 ? "0" : "")\(digits) cannot stand here.",
                position: position)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= 48 && byte <= 57 }

    private static func startsWord(_ byte: UInt8) -> Bool {
        (byte | 0x20 >= 97 && byte | 0x20 <= 122) || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func continuesWord(_ byte: UInt8) -> Bool {
        startsWord(byte) || isDigit(byte) || byte == UInt8(ascii: "$")
    }
}
