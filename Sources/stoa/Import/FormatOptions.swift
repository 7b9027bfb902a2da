internal import ArgumentParser
internal import StoaBase
internal import StoaModel
internal import StoaText

/// How files are written, where the detection should not find out itself.
struct FormatOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "What encloses cells: one character, or none (default: detected).",
            valueName: "char"))
    var quote: String?

    @Option(
        help: ArgumentHelp(
            "Lines at the start that are passed over, besides what is detected.",
            valueName: "count"))
    var skip = 0

    @Option(
        help: ArgumentHelp(
            "Lines that begin with this character are no rows.", valueName: "char"))
    var comment: String?

    @Flag(help: "The decimal mark is a comma (default: detected).")
    var decimalComma = false

    @Option(
        help: ArgumentHelp(
            "What stands between thousands: , . ' or space (default: detected).",
            valueName: "char"))
    var thousands: String?

    @Option(
        help: ArgumentHelp(
            """
            How dates are written: DD.MM.YYYY, MM/DD/YYYY hh:mm:ss AM, DD-Mon-YY or as strftime \
            has it, %d.%m.%Y (default: detected).
            """, valueName: "format"))
    var dateFormat: String?

    @Option(
        help: ArgumentHelp(
            """
            Types of columns whatever their values are: a=STRING,b=DECIMAL(18,2); may be repeated. \
            Values that are none of the type are rejected.
            """, valueName: "column=TYPE"))
    var types: [String] = []

    func validate() throws {
        if let quote, quote != "none", byte(quote) == nil {
            throw ValidationError("--quote is none or one ASCII character, no digit or line end.")
        }
        if let comment, byte(comment) == nil {
            throw ValidationError("--comment is one ASCII character, no digit or line end.")
        }
        guard (0...1_000_000).contains(skip) else {
            throw ValidationError("--skip is a number of lines from 0 to 1000000.")
        }
        if let thousands, groupMark(thousands) == nil {
            throw ValidationError("--thousands is one of , . ' and space.")
        }
        if decimalComma, thousands == "," {
            throw ValidationError(
                "--decimal-comma and --thousands , exclude each other: one comma cannot be both.")
        }
        if let dateFormat, DateFormat(dateFormat) == nil {
            throw ValidationError(
                """
                --date-format needs a year, a month and a day, as YYYY, MM or Mon, and DD, or \
                %Y, %m or %b, and %d; a time of day is hh:mm:ss or %H:%M:%S.
                """)
        }
        _ = try typeWishes()
    }

    /// Adds what the options say.
    func apply(to wishes: inout FileProposal.Wishes) {
        if let quote { wishes.quote = .some(byte(quote)) }
        wishes.skippedLineCount = skip
        wishes.comment = comment.flatMap(byte)
        wishes.rules.families = NumberFamilies.allowed(
            hasDecimalComma: decimalComma, groupMark: thousands.flatMap(groupMark))
        wishes.rules.givenFormat = dateFormat.flatMap { DateFormat($0) }
        wishes.types = (try? typeWishes()) ?? []
    }

    private func byte(_ text: String) -> UInt8? {
        guard text.utf8.count == 1, let byte = text.utf8.first, byte > 0x20, byte < 0x7F,
            !(48...57).contains(byte)
        else { return nil }
        return byte
    }

    private func groupMark(_ text: String) -> UInt8? {
        if text == "space" { return UInt8(ascii: " ") }
        guard text.utf8.count == 1, let byte = text.utf8.first,
            NumberStyle.groupMarks.contains(byte)
        else { return nil }
        return byte
    }

    /// `name=TYPE` in the order they were given. A comma inside parentheses is the type's.
    private func typeWishes() throws -> [(name: String, type: ColumnType)] {
        try types.flatMap(Self.pieces).map { piece in
            guard let mark = piece.lastIndex(of: "="), mark > piece.startIndex else {
                throw ValidationError("--types takes column=TYPE; \"\(piece)\" has no =.")
            }
            let word = String(piece[piece.index(after: mark)...])
            guard let type = TypeWord.type(word) else {
                throw ValidationError(TypeWord.refusal(word))
            }
            return (String(piece[..<mark]), type)
        }
    }

    private static func pieces(_ text: String) -> [String] {
        var pieces = [""]
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                pieces.append("")
            } else {
                pieces[pieces.count - 1].append(character)
            }
        }
        return pieces.filter { !$0.isEmpty }
    }
}

/// Names of types on the command line: those of SQL.
enum TypeWord {
    private static let simple: [String: ColumnType] = [
        "bool": .bool, "boolean": .bool, "int8": .int8, "tinyint": .int8, "int16": .int16,
        "smallint": .int16, "int32": .int32, "int": .int32, "integer": .int32, "int64": .int64,
        "bigint": .int64, "uint8": .uint8, "uint16": .uint16, "uint32": .uint32,
        "uint64": .uint64, "float32": .float32, "float": .float32, "real": .float32,
        "float64": .float64, "double": .float64, "date": .date, "timestamp": .timestamp,
        "datetime": .timestamp, "string": .string, "text": .string, "varchar": .string,
    ]

    static func type(_ word: String) -> ColumnType? {
        let folded = word.lowercased().filter { $0 != " " }
        if let type = simple[folded] { return type }
        guard folded.hasPrefix("decimal") || folded.hasPrefix("numeric") else { return nil }
        let rest = folded.dropFirst(7)
        guard rest.hasPrefix("("), rest.hasSuffix(")") else { return nil }
        let numbers = rest.dropFirst().dropLast().split(separator: ",").map { UInt8($0) }
        guard (1...2).contains(numbers.count), let precision = numbers[0],
            let scale = numbers.count > 1 ? numbers[1] : 0, scale <= precision,
            (1...ColumnType.storedPrecisionLimit).contains(precision)
        else { return nil }
        return .decimal(precision: precision, scale: scale)
    }

    /// What is wrong with a word that is no type.
    static func refusal(_ word: String) -> String {
        if word.lowercased().hasPrefix("decimal") || word.lowercased().hasPrefix("numeric") {
            return "--types: DECIMAL(p,s) needs p from 1 to 18 and s from 0 to p."
        }
        let near = Suggestion.nearest(to: word, among: simple.keys.sorted())
        let known =
            "BOOL, INT8 to INT64, UINT8 to UINT64, FLOAT32, FLOAT64, DECIMAL(p,s), "
            + "DATE, TIMESTAMP and STRING"
        return "--types: there is no type \"\(word)\"; "
            + (near.map { "did you mean \($0.uppercased())?" } ?? "the types are \(known).")
    }
}
