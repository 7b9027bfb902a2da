import Foundation
import StoaModel
import StoaText
import Testing

@Suite("What a file seems to hold")
struct DetectionTests {
    enum Column: CaseIterable {
        case integers, leadingZeros, plusSigns, decimals, mixedScales, manyDigits, exponents
        case integersAndDecimals, hugeIntegers, dates, timestamps, datesAndTimestamps, bools
        case nothing, blanks, specials, onlySpecials, text, mixture, wrongDays, negativeZeros

        var values: [String] {
            switch self {
            case .integers: ["1", "", "-20", "0"]
            case .leadingZeros: ["007", "12"]
            case .plusSigns: ["+4912345", "+4912346"]
            case .decimals: ["1.50", "-0.25", "", "12345678901234.00"]
            case .mixedScales: ["1.5", "1.25"]
            case .manyDigits: ["12345678901234567.25"]
            case .exponents: ["1e5", "2.5"]
            case .integersAndDecimals: ["1", "2.50"]
            case .hugeIntegers: ["1", "92233720368547758080"]
            case .dates: ["2025-01-31", "", "0001-01-01"]
            case .timestamps: ["2025-01-01 00:00:00.005", "2025-01-01T10:00:00Z"]
            case .datesAndTimestamps: ["2025-01-01", "2025-01-01 10:00:00"]
            case .bools: ["true", "FALSE", ""]
            case .nothing: ["", ""]
            case .blanks: ["1", "  ", " 2"]
            case .specials: ["1.5", "NaN", "-inf"]
            case .onlySpecials: ["nan", "inf"]
            case .text: ["a", "b"]
            case .mixture: ["1", "a", "2025-01-01"]
            case .wrongDays: ["2025-02-29"]
            case .negativeZeros: ["-007", "-1"]
            }
        }

        var type: ColumnType {
            switch self {
            case .integers, .blanks: .int64
            case .decimals: .decimal(precision: 18, scale: 2)
            case .mixedScales, .exponents, .integersAndDecimals, .specials: .float64
            case .dates: .date
            case .timestamps, .datesAndTimestamps: .timestamp
            case .bools: .bool
            case .leadingZeros, .plusSigns, .hugeIntegers, .manyDigits, .nothing, .onlySpecials,
                .text,
                .mixture, .wrongDays, .negativeZeros:
                .string
            }
        }
    }

    @Test("a column gets the type that all of its values have", arguments: Column.allCases)
    func types(_ column: Column) throws {
        let text =
            "name\n"
            + column.values.map { $0.isEmpty ? "\"\"" : $0 }
            .joined(separator: "\n") + "\n"
        let found = try propose(text, header: true)
        #expect(found.columns.map(\.type) == [column.type])
    }

    @Test("profiles of two parts add up to the profile of both", arguments: Column.allCases)
    func merging(_ column: Column) {
        let dialect = Dialect()
        let profiler = ChunkProfiler(dialect: dialect, cellCount: 1)
        for cut in 0...column.values.count {
            let parts = [column.values[..<cut], column.values[cut...]]
            var merged = ChunkProfiler.Result(cellCount: 1)
            for part in parts {
                let text = part.map { $0 + "\n" }.joined()
                merged.merge(profiler.profile(TextChunk(Array(text.utf8))))
            }
            #expect(merged.columns[0].type == column.type)
            #expect(merged.rowCount == column.values.count)
        }
    }

    enum Delimited: CaseIterable {
        case commas, semicolons, tabs, bars, decimalCommas, single, quotedCommas, tabsWithCommas

        var text: String {
            switch self {
            case .commas: "a,b\n1,2\n"
            case .semicolons: "a;b\n1;2\n"
            case .tabs: "a\tb\n1\t2\n"
            case .bars: "a|b|c\n1|2|3\n"
            case .decimalCommas: "a;b;c\n1,5;2,5;3\n1;2,5;3,5\n"
            case .single: "a\n1\n2\n"
            case .quotedCommas: "a;b\n\"1,2,3\";x\n\"4,5,6\";y\n"
            case .tabsWithCommas: "name\ttext\nx\tone, two\ny\tthree, four, five\n"
            }
        }

        var delimiter: Character {
            switch self {
            case .commas: ","
            case .single: Character(Unicode.Scalar(Dialect.noDelimiter))
            case .semicolons, .decimalCommas, .quotedCommas: ";"
            case .tabs, .tabsWithCommas: "\t"
            case .bars: "|"
            }
        }
    }

    @Test("the delimiter is the one that cuts all lines alike", arguments: Delimited.allCases)
    func delimiters(_ sample: Delimited) throws {
        let found = try propose(sample.text)
        #expect(Character(Unicode.Scalar(found.dialect.delimiter)) == sample.delimiter)
    }

    @Test("a first line of names is a header, a first line of values is not")
    func headers() throws {
        #expect(try propose("id,name\n1,x\n").dialect.hasHeader)
        #expect(try !propose("1,x\n2,y\n").dialect.hasHeader)
        #expect(try propose("name,city\nAda,Rom\nBob,Ulm\n").dialect.hasHeader)
        #expect(try !propose("Ada,Rom\nBob,Ulm\nAda,Köln\n").dialect.hasHeader)
        #expect(try propose("a,b\n").dialect.hasHeader)
        #expect(try propose("day,2023,2024\nx,1,2\n").columns.map(\.name).count == 3)
        #expect(try !propose(",\n1,2\n").dialect.hasHeader)
        #expect(
            try propose("a,b\n1,2\n", header: false).columns.map(\.name)
                == ["column_1", "column_2"])
    }

    @Test("names stay as they are, and become valid and distinct where they are not")
    func names() {
        let header = ["Cost Total $", " padded ", "", "a", "A", "a_2", "x\ny", "日本"]
        #expect(
            ColumnNaming.names(of: header.map { Array($0.utf8) }) == [
                "Cost Total $", "padded", "column_3", "a", "A_3", "a_2", "x y", "日本",
            ])
        let long = Array(repeating: UInt8(ascii: "x"), count: 300)
        let names = ColumnNaming.names(of: [long, long])
        #expect(names.allSatisfy(Names.isValid))
        #expect(names[0] != names[1])
    }

    @Test("what is no UTF-8 text is refused with what to do")
    func refusals() {
        #expect(throws: FileRefusal.isEmpty) { try propose("") }
        #expect(throws: FileRefusal.isEmpty) { try propose("\u{FEFF}\n\n") }
        #expect(throws: FileRefusal.isUTF16) {
            try FileProposal.propose(TextChunk([0xFF, 0xFE, 0x61, 0]))
        }
        #expect(throws: FileRefusal.isBinary) { try propose("a\0b") }
    }

    @Test("a byte order mark is no part of the first name")
    func byteOrderMark() throws {
        let found = try propose("\u{FEFF}\"id\",x\r\n1,2\r\n")
        #expect(found.columns.map(\.name) == ["id", "x"])
        #expect(found.bodyStart == 11)
        #expect(found.bodyLine == 1)
    }

    enum Sample: String, CaseIterable {
        case birdstrikes, flights, losses_equipment, trades
    }

    @Test("real files get the tables that their golden files show", arguments: Sample.allCases)
    func golden(_ sample: Sample) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Samples")
        let text = try Data(contentsOf: folder.appending(path: "\(sample.rawValue).csv"))
        let expected = try String(
            contentsOf: folder.appending(path: "\(sample.rawValue).sql"), encoding: .utf8)
        let found = try FileProposal.propose(TextChunk(Array(text)))
        #expect(
            TableText.createTable(sample.rawValue, columns: found.columns) + "\n" == expected)
        #expect(found.sampledRejectCount == 0)
        let parsed = ChunkParser(found.creatingPlan).parse(
            TextChunk(Array(text.dropFirst(found.bodyStart))))
        #expect(parsed.rowCount == found.sampledRowCount)
        #expect(!parsed.hasMismatch && parsed.rejects.isEmpty)
        _ = try TextFixture.literals(parsed)
    }

    @Test("a value that contradicts the plan stops a creating parse and only rejects otherwise")
    func mismatches() throws {
        var plan = try propose("a\n1\n2\n").creatingPlan
        let late = TextChunk(Array("3\nx\n4\n".utf8))
        #expect(ChunkParser(plan).parse(late).hasMismatch)
        plan.stopsAtMismatch = false
        let parsed = ChunkParser(plan).parse(late)
        #expect(parsed.rowCount == 2)
        #expect(
            parsed.rejects == [
                RejectedRecord(
                    line: 1, reason: "column \"a\": no valid INT64", text: Array("x".utf8))
            ])
    }

    private func propose(_ text: String, header: Bool? = nil) throws -> FileProposal {
        var wishes = FileProposal.Wishes()
        wishes.hasHeader = header
        return try FileProposal.propose(TextChunk(Array(text.utf8)), wishes: wishes)
    }
}
