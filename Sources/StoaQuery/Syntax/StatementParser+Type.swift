internal import StoaBase
internal import StoaModel

/// Type names and their aliases.
extension StatementParser {
    mutating func typeName() throws(QueryError) -> ColumnType {
        let start = index
        let name = try identifier("a type")
        switch name.folded {
        case "decimal", "numeric", "dec": return try decimalType(start)
        case "double":
            if isAt(.precision) { advance() }
            return .float64
        case "float": return try floatType(start)
        case "character", "char", "nchar":
            if isAt(.varying) { advance() }
            return try textType()
        case "varchar", "nvarchar", "bpchar": return try textType()
        case "timestamp", "time":
            return try timeType(name, start: start)
        default: break
        }
        guard let type = Self.simpleTypes[name.folded] else {
            let near = Suggestion.nearest(
                to: name.text, among: Self.simpleTypes.keys.sorted() + ["decimal", "varchar"])
            throw QueryError(
                .syntaxError, "There is no type \"\(name.text)\".", position: name.position,
                hint: near.map { "Did you mean \($0.uppercased())?" }
                    ?? "The types are BOOL, INT8 to INT64, UINT8 to UINT64, FLOAT32, FLOAT64, "
                    + "DECIMAL(p,s), DATE, TIMESTAMP and STRING.")
        }
        return type
    }

    private static let simpleTypes: [String: ColumnType] = [
        "bool": .bool, "boolean": .bool, "logical": .bool,
        "int8": .int8, "tinyint": .int8,
        "int16": .int16, "smallint": .int16, "short": .int16,
        "int32": .int32, "int": .int32, "integer": .int32, "signed": .int32,
        "int64": .int64, "bigint": .int64, "long": .int64,
        "uint8": .uint8, "utinyint": .uint8,
        "uint16": .uint16, "usmallint": .uint16,
        "uint32": .uint32, "uinteger": .uint32, "uint": .uint32,
        "uint64": .uint64, "ubigint": .uint64,
        "float32": .float32, "real": .float32, "float4": .float32,
        "float64": .float64, "float8": .float64,
        "date": .date, "datetime": .timestamp, "timestamptz": .timestamp,
        "string": .string, "text": .string,
    ]

    /// `DECIMAL`, `DECIMAL(p)`, `DECIMAL(p, s)`; DECIMAL alone is (18,3), as elsewhere.
    private mutating func decimalType(_ start: Int) throws(QueryError) -> ColumnType {
        guard let numbers = try arguments(atMost: 2) else {
            return .decimal(precision: 18, scale: 3)
        }
        let scale = numbers.count > 1 ? numbers[1] : 0
        let limit = Int(ColumnType.resultPrecisionLimit)
        guard (1...limit).contains(numbers[0]), scale <= numbers[0] else {
            throw QueryError(
                .syntaxError, "DECIMAL(p,s) needs p from 1 to \(limit) and s from 0 to p.",
                position: position(from: start))
        }
        return .decimal(precision: UInt8(numbers[0]), scale: UInt8(scale))
    }

    /// `FLOAT` is FLOAT32 as in DuckDB; `FLOAT(n)` is FLOAT64 from 25 bits on.
    private mutating func floatType(_ start: Int) throws(QueryError) -> ColumnType {
        guard let numbers = try arguments(atMost: 1) else { return .float32 }
        guard (1...53).contains(numbers[0]) else {
            throw QueryError(
                .syntaxError, "FLOAT(n) needs n from 1 to 53.", position: position(from: start))
        }
        return numbers[0] > 24 ? .float64 : .float32
    }

    /// A length is read and not enforced.
    private mutating func textType() throws(QueryError) -> ColumnType {
        _ = try arguments(atMost: 1)
        return .string
    }

    private mutating func timeType(_ name: Identifier, start: Int) throws(QueryError) -> ColumnType
    {
        guard name.isWord("timestamp") else {
            throw notSupported(
                "The type TIME is", at: name.position, hint: "Use TIMESTAMP or a number.")
        }
        if let numbers = try arguments(atMost: 1), numbers[0] > 6 {
            throw notSupported(
                "A TIMESTAMP finer than microseconds is", at: position(from: start))
        }
        if isAt(.with) {
            throw notSupported(
                "TIMESTAMP WITH TIME ZONE is", hint: "TIMESTAMP holds UTC; zones in text are read.")
        }
        return .timestamp
    }

    /// `(n)` or `(n, m)`; nil when there is no parenthesis.
    private mutating func arguments(atMost limit: Int) throws(QueryError) -> [Int]? {
        guard take(.openParenthesis) else { return nil }
        var numbers: [Int] = []
        repeat {
            guard token.kind == .number, numbers.count < limit,
                let number = Int(String(decoding: text[token.range], as: UTF8.self))
            else { throw unexpected(numbers.count < limit ? "a whole number" : "\")\"") }
            numbers.append(number)
            advance()
        } while take(.comma)
        try expect(.closeParenthesis)
        return numbers
    }
}
