import StoaModel
import StoaText
import Testing

@Suite("What detection accepts and what the parser takes")
struct ReadingTests {
    /// Values of one column, the type they get, and what is stored.
    struct Column: CustomStringConvertible, Sendable {
        let description: String
        let values: [String]
        let type: String
        var stored: [String]?
        var note: String?

        init(
            _ description: String, _ values: [String], _ type: String, stored: [String]? = nil,
            note: String? = nil
        ) {
            self.description = description
            self.values = values
            self.type = type
            self.stored = stored
            self.note = note
        }
    }

    static let columns: [Column] = [
        Column("integers", ["1", "-20", "0"], "INT64"),
        Column("INT64's ends", ["9223372036854775807", "-9223372036854775808"], "INT64"),
        Column("20 digits in UINT64", ["1", "12345678901234567890"], "UINT64"),
        Column("19 digits after a point", ["0.1000000000000000056"], "STRING"),
        Column("20 digits and a minus", ["-1", "12345678901234567890"], "STRING"),
        Column("21 digits", ["1", "123456789012345678901"], "STRING"),
        Column("a leading zero", ["1", "007"], "STRING"),
        Column("a plus sign", ["1", "+49301234567"], "STRING"),
        Column("a plus sign at a fraction", ["1.5", "+1.5"], "STRING"),
        Column("a leading zero at a fraction", ["1.50", "007.50"], "STRING"),
        Column(
            "a fraction without a zero", [".5", "-.5"], "DECIMAL(18,1)", stored: ["0.5", "-0.5"]),
        Column("one scale", ["1.50", "20.00"], "DECIMAL(18,2)"),
        Column("two scales", ["1.5", "20.25"], "FLOAT64"),
        Column(
            "more digits than a double", ["1.5", "1234567890123456.25"], "DECIMAL(18,2)",
            stored: ["1.50", "1234567890123456.25"]),
        Column("more digits than DECIMAL", ["1.5", "12345678901234567.255"], "STRING"),
        Column("20 digits among floats", ["1.5e0", "12345678901234567890"], "STRING"),
        Column(
            "17 digits of a double", ["0.84442185152504812", "0.5"], "FLOAT64",
            stored: ["0.8444218515250481", "0.5"]),
        Column(
            "19 digits as savetxt writes them", ["1.000000000000000056e-01"], "FLOAT64",
            stored: ["0.1"]),
        Column("exponents", ["-1e1", "0e1", ".04"], "FLOAT64", stored: ["-10.0", "0.0", "0.04"]),
        Column(
            "a plus sign before an exponent", ["+1.5E+03", "-2.0E+00"], "FLOAT64",
            stored: ["1500.0", "-2.0"]),
        Column("codes beyond the largest double", ["12E4", "587E590"], "STRING"),
        Column("an underflow", ["1.5", "1e-400"], "STRING"),
        Column(
            "nan among numbers", ["1.5", "NaN", "-inf"], "FLOAT64", stored: ["1.5", "nan", "-inf"]),
        Column("only nan", ["nan", "nan"], "STRING"),
        Column("NA among numbers", ["1", "NA"], "STRING", note: "--null 'NA' it would be INT64"),
        Column("several words among numbers", ["1", "NA", "n/a"], "STRING"),
        Column("booleans", ["true", "FALSE"], "BOOL", stored: ["true", "false"]),
        Column("1 among booleans", ["true", "1"], "STRING"),
        Column("0 and 1", ["0", "1"], "INT64"),
        Column("dates", ["2025-01-31", "0001-01-01", "9999-12-31"], "DATE"),
        Column("the year 10000", ["2025-01-31", "10000-01-01"], "STRING"),
        Column("no such day", ["2025-02-29"], "STRING"),
        Column(
            "timestamps", ["2025-01-01 10:00:00.5", "1969-12-31T23:59:59Z"], "TIMESTAMP",
            stored: ["2025-01-01 10:00:00.5", "1969-12-31 23:59:59"],
            note: "times without a zone"),
        Column("microseconds", ["1969-12-31 23:59:59.999999"], "TIMESTAMP"),
        Column(
            "zeros beyond microseconds", ["2025-01-01 00:00:00.123456000"], "TIMESTAMP",
            stored: ["2025-01-01 00:00:00.123456"]),
        Column("nanoseconds", ["2025-01-01 00:00:00.123456789"], "STRING"),
        Column(
            "German dates", ["31.12.2025", "1.2.2026"], "DATE",
            stored: ["2025-12-31", "2026-02-01"]),
        Column(
            "American dates", ["12/31/2025", "1/2/2026"], "DATE",
            stored: ["2025-12-31", "2026-01-02"]),
        Column(
            "British dates", ["31/12/2025", "01/02/2026"], "DATE",
            stored: ["2025-12-31", "2026-02-01"]),
        Column("dates of either", ["01/02/2026", "03/04/2026"], "STRING", note: "--date-format"),
        Column("short years", ["31.12.25"], "STRING", note: "--date-format"),
        Column(
            "names of months", ["31-Dec-2025", "1-jan-2026"], "DATE",
            stored: ["2025-12-31", "2026-01-01"]),
        Column(
            "halves of a day", ["12/31/2025 12:05:01 AM", "1/13/2026 1:00 PM"], "TIMESTAMP",
            stored: ["2025-12-31 00:05:01", "2026-01-13 13:00:00"]),
        Column("dates in two formats", ["2025-01-31", "31.01.2025"], "STRING"),
        Column("decimal commas", ["1,5", "1234,5"], "DECIMAL(18,1)", stored: ["1.5", "1234.5"]),
        Column(
            "points between thousands", ["1.234,50", "0,25"], "DECIMAL(18,2)",
            stored: ["1234.50", "0.25"]),
        Column(
            "commas between thousands", ["1,234.50", "0.25"], "DECIMAL(18,2)",
            stored: ["1234.50", "0.25"]),
        Column("commas between millions", ["1,234,567", "5"], "INT64", stored: ["1234567", "5"]),
        Column(
            "spaces between thousands", ["1 234", "-12 345 678"], "INT64",
            stored: ["1234", "-12345678"]),
        Column(
            "apostrophes between thousands", ["1'234.5", "2.5"], "DECIMAL(18,1)",
            stored: ["1234.5", "2.5"]),
        Column("commas of either", ["1,234", "5,678"], "STRING", note: "--decimal-comma"),
        Column("three digits after a point", ["1.234", "5.678"], "DECIMAL(18,3)"),
        Column("broken groups", ["1,23,456", "1,234,567"], "STRING"),
        Column("commas and points", ["1.5", "1,5"], "STRING"),
        Column(
            "dollars", ["$1,234.50", "-$0.25"], "DECIMAL(18,2)", stored: ["1234.50", "-0.25"],
            note: "every value has $"),
        Column(
            "euros", ["1.234,50 €", "0,25 €"], "DECIMAL(18,2)", stored: ["1234.50", "0.25"],
            note: "every value has €"),
        Column(
            "percent", ["12.5%", "3.0 %"], "DECIMAL(18,1)", stored: ["12.5", "3.0"],
            note: "every value has %"),
        Column("percent at some", ["12.5%", "3.0"], "STRING"),
        Column("two currencies", ["$5", "€5"], "STRING"),
        Column("versions", ["1.2.3", "1.10.0"], "STRING"),
        Column("addresses", ["10.0.0.1", "192.168.100.200"], "STRING"),
        Column("addresses in groups of three", ["192.168.100.200", "192.168.100.201"], "STRING"),
        Column(
            "points between billions", ["1.234.567.890", "1.234"], "INT64",
            stored: ["1234567890", "1234"]),
        Column("times of day", ["12:30", "23:59:59"], "STRING"),
        Column("hexadecimal", ["0x10", "1F"], "STRING"),
        Column("a negative zero", ["-0", "5"], "STRING"),
        Column(
            "a negative zero with a point", ["-0.00", "5.25"], "FLOAT64", stored: ["-0.0", "5.25"]),
        Column("blanks around numbers", [" 1", "2 "], "INT64", stored: ["1", "2"]),
        Column("text", ["a", " b "], "STRING"),
    ]

    @Test(
        "a column gets the type that holds every digit, and the parser gives it", arguments: columns
    )
    func exact(_ column: Column) throws {
        let found = try propose(column.values)
        #expect(found.columns[0].type.description == column.type)
        let parsed = ChunkParser(found.creatingPlan).parse(
            TextChunk(Array(Self.body(column.values).utf8)))
        #expect(!parsed.hasMismatch)
        #expect(parsed.rejects.isEmpty)
        let stored = try TextFixture.literals(parsed).map { TextFixture.text($0[0]) }
        #expect(stored == column.stored ?? column.values)
        if let note = column.note {
            #expect(found.reasons[0].note?.contains(note) == true, "\(found.reasons[0])")
        } else {
            #expect(found.reasons[0].note == nil)
        }
    }

    @Test("a value of one column, late in another, is kept or stops the load", arguments: columns)
    func late(_ column: Column) throws {
        let found = try propose(column.values)
        var plan = found.creatingPlan
        for other in Self.columns {
            let text = TextChunk(Array(Self.body(other.values).utf8))
            let parsed = ChunkParser(plan).parse(text)
            var whole = found
            whole.settle(found.profiler.profile(text))
            // Both orders of looking come to the same type, so what was not stopped was right.
            if !parsed.hasMismatch, found.columns[0].type != .string {
                #expect(whole.columns[0].reading == found.columns[0].reading, "\(other)")
            }
            plan = whole.creatingPlan
            let again = ChunkParser(plan).parse(text)
            #expect(!again.hasMismatch, "\(column) then \(other)")
            plan = found.creatingPlan
        }
    }

    @Test("the reason names the row that decided")
    func reasons() throws {
        let start = "k,v\n" + (1...300).map { "\($0),\($0)\n" }.joined()
        for (late, reason) in [
            ("007", "row 301 has a leading zero"), ("+4", "row 301 has a plus sign"),
            ("x", "row 301 is no number"), ("true", "row 301 mixes true or false and numbers"),
            ("NA", "row 301 has a word instead of a value"),
        ] {
            let found = try FileProposal.propose(TextChunk(Array((start + "301,\(late)\n").utf8)))
            #expect(found.columns[1].type == .string)
            #expect(found.reasons[1].reason == reason)
        }
    }

    @Test("given types are read generously, and what they cannot hold is rejected")
    func givenTypes() throws {
        var wishes = FileProposal.Wishes()
        wishes.types = [("V", .decimal(precision: 9, scale: 2))]
        let text = "k;v\n1;007,5\n2;x\n3;+1,25\n"
        let found = try FileProposal.propose(TextChunk(Array(text.utf8)), wishes: wishes)
        #expect(found.columns[1].type == .decimal(precision: 9, scale: 2))
        let parsed = ChunkParser(found.creatingPlan).parse(
            TextChunk(Array(text.utf8.dropFirst(found.bodyStart))))
        #expect(!parsed.hasMismatch)
        #expect(parsed.rejects.map(\.reason) == ["column \"v\": no valid DECIMAL(9,2)"])
        #expect(
            try TextFixture.literals(parsed).map { TextFixture.text($0[1]) } == ["7.50", "1.25"])
        wishes.types = [("valeu", .int64)]
        #expect(throws: FileRefusal.hasNoColumn("valeu", nearest: "value")) {
            try FileProposal.propose(TextChunk(Array("k,value\n1,2\n".utf8)), wishes: wishes)
        }
    }

    @Test("other columns decide what one leaves open")
    func evidence() throws {
        func types(_ text: String) throws -> [String] {
            try FileProposal.propose(TextChunk(Array(text.utf8))).columns.map(\.type.description)
        }
        #expect(try types("a;b\n1,5;1,234\n2,5;5,678\n") == ["DECIMAL(18,1)", "DECIMAL(18,3)"])
        #expect(try types("a;b\n1,5;1.234\n2,5;5.678\n") == ["DECIMAL(18,1)", "STRING"])
        #expect(try types("a;b\n1.5;1,234\n2.5;5,678\n") == ["DECIMAL(18,1)", "INT64"])
        #expect(
            try types("a;b\n31/12/2025;01/02/2026\n30/11/2025;02/03/2026\n") == ["DATE", "DATE"])
    }

    @Test("a caller's words settle what is open")
    func words() throws {
        func type(_ values: [String], _ change: (inout ProfileRules) -> Void) throws -> String {
            var wishes = FileProposal.Wishes()
            wishes.hasHeader = true
            change(&wishes.rules)
            let text = "v\n" + Self.body(values)
            let found = try FileProposal.propose(TextChunk(Array(text.utf8)), wishes: wishes)
            let parsed = ChunkParser(found.creatingPlan).parse(
                TextChunk(Array(text.utf8.dropFirst(2))))
            #expect(!parsed.hasMismatch && parsed.rejects.isEmpty)
            let first = try TextFixture.literals(parsed).first.map { TextFixture.text($0[0]) }
            return "\(found.columns[0].type) \(first ?? "")"
        }
        let commas = NumberFamilies.allowed(hasDecimalComma: true, groupMark: nil)
        let groups = NumberFamilies.allowed(hasDecimalComma: false, groupMark: UInt8(ascii: ","))
        #expect(try type(["1,234"]) { $0.families = commas } == "DECIMAL(18,3) 1.234")
        #expect(try type(["1,234"]) { $0.families = groups } == "INT64 1234")
        #expect(try type(["1.234", "5"]) { $0.families = commas } == "INT64 1234")
        for (format, value, stored) in [
            ("DD.MM.YY", "31.12.25", "DATE 2025-12-31"), ("%Y%m%d", "20251231", "DATE 2025-12-31"),
            ("MM/DD/YYYY", "01/02/2026", "DATE 2026-01-02"),
            (
                "%d/%b/%Y:%H:%M:%S %z", "10/Oct/2000:13:55:36 -0700",
                "TIMESTAMP 2000-10-10 20:55:36"
            ),
            ("MM/DD/YYYY hh:mm AM", "01/02/2026 12:00 AM", "TIMESTAMP 2026-01-02 00:00:00"),
        ] {
            let given = try #require(DateFormat(format))
            #expect(try type([value]) { $0.givenFormat = given } == stored)
        }
        for unknown in ["", "DD.MM", "YYYY", "%Q", "day.month.year"] {
            #expect(DateFormat(unknown) == nil)
        }
    }

    private func propose(_ values: [String]) throws -> FileProposal {
        var wishes = FileProposal.Wishes()
        wishes.hasHeader = true
        wishes.delimiter = UInt8(ascii: ";")
        let text = "v\n" + Self.body(values)
        return try FileProposal.propose(TextChunk(Array(text.utf8)), wishes: wishes)
    }

    private static func body(_ values: [String]) -> String {
        values.map { "\"\($0)\"\n" }.joined()
    }
}
