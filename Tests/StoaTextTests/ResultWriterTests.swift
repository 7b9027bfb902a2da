import StoaModel
import StoaText
import Testing

@Suite("Results as text")
struct ResultWriterTests {
    /// Every type, a NULL in each, and text that each format has trouble with.
    private func sample() throws -> RowBatch {
        try TextFixture.batch([
            ("id", .int64, [.integer(9_007_199_254_740_993), .integer(-1), .null]),
            (
                "price", .decimal(precision: 18, scale: 2),
                [.decimal(unscaled: 150, scale: 2), .decimal(unscaled: -5, scale: 2), .null]
            ),
            ("rate", .float64, [.float(0.1), .float(.nan), .null]),
            ("on", .bool, [.bool(true), .bool(false), .null]),
            ("day", .date, [.date(0), .date(19_782), .null]),
            ("at", .timestamp, [.timestamp(5_000), .timestamp(1_735_689_600_000_000), .null]),
            (
                "say \"x\"", .string,
                [.string(Array("a,\"b\"\n|c\t".utf8)), .string([]), .null]
            ),
        ])
    }

    enum Golden: String, CaseIterable {
        case csv, tsv, json, ndjson, markdown, vertical, table

        var text: String {
            switch self {
            case .csv:
                """
                id,price,rate,on,day,at,"say ""x""\"
                9007199254740993,1.50,0.1,true,1970-01-01,1970-01-01 00:00:00.005,"a,""b""
                |c\t"
                -1,-0.05,nan,false,2024-02-29,2025-01-01 00:00:00,""
                ,,,,,,

                """
            case .tsv:
                """
                id\tprice\trate\ton\tday\tat\t"say ""x""\"
                9007199254740993\t1.50\t0.1\ttrue\t1970-01-01\t1970-01-01 00:00:00.005\t"a,""b""
                |c\t"
                -1\t-0.05\tnan\tfalse\t2024-02-29\t2025-01-01 00:00:00\t""
                \t\t\t\t\t\t

                """
            case .json:
                "[\n" + objects.joined(separator: ",\n") + "\n]\n"
            case .ndjson:
                objects.map { $0 + "\n" }.joined()
            case .markdown:
                """
                | id | price | rate | on | day | at | say "x" |
                | --: | --: | --: | --- | --- | --- | --- |
                | 9007199254740993 | 1.50 | 0.1 | true | 1970-01-01 | 1970-01-01 00:00:00.005 \
                | a,"b"\\n\\|c\\t |
                | -1 | -0.05 | nan | false | 2024-02-29 | 2025-01-01 00:00:00 |  |
                | NULL | NULL | NULL | NULL | NULL | NULL | NULL |

                """
            case .vertical:
                """
                ─[ row 1 ]──────────────────────────────
                id      │ 9007199254740993
                price   │ 1.50
                rate    │ 0.1
                on      │ true
                day     │ 1970-01-01
                at      │ 1970-01-01 00:00:00.005
                say "x" │ a,"b"\\n|c\\t
                ─[ row 2 ]──────────────────────────────
                id      │ -1
                price   │ -0.05
                rate    │ nan
                on      │ false
                day     │ 2024-02-29
                at      │ 2025-01-01 00:00:00
                say "x" │\u{20}
                ─[ row 3 ]──────────────────────────────
                id      │ NULL
                price   │ NULL
                rate    │ NULL
                on      │ NULL
                day     │ NULL
                at      │ NULL
                say "x" │ NULL

                """
            case .table:
                """
                +------------------+-------+------+-------+------------+-------------------------+\
                -------------+
                |               id | price | rate | on    | day        | at                      |\
                 say "x"     |
                +------------------+-------+------+-------+------------+-------------------------+\
                -------------+
                | 9007199254740993 |  1.50 |  0.1 | true  | 1970-01-01 | 1970-01-01 00:00:00.005 |\
                 a,"b"\\n|c\\t |
                |               -1 | -0.05 |  nan | false | 2024-02-29 | 2025-01-01 00:00:00     |\
                             |
                |             NULL |  NULL | NULL | NULL  | NULL       | NULL                    |\
                 NULL        |
                +------------------+-------+------+-------+------------+-------------------------+\
                -------------+

                """
            }
        }

        private var objects: [String] {
            [
                #"{"id":9007199254740993,"price":1.50,"rate":0.1,"on":true,"day":"1970-01-01","#
                    + #""at":"1970-01-01T00:00:00.005Z","say \"x\"":"a,\"b\"\n|c\t"}"#,
                #"{"id":-1,"price":-0.05,"rate":null,"on":false,"day":"2024-02-29","#
                    + #""at":"2025-01-01T00:00:00Z","say \"x\"":""}"#,
                #"{"id":null,"price":null,"rate":null,"on":null,"day":null,"#
                    + #""at":null,"say \"x\"":null}"#,
            ]
        }
    }

    @Test("each format is what its golden text says", arguments: Golden.allCases)
    func golden(_ golden: Golden) throws {
        let format = try #require(TextFormat(rawValue: golden.rawValue))
        let written = try write([try sample()], ResultStyle(format))
        #expect(written == golden.text)
    }

    @Test("a result of many batches has one heading, and an empty one is complete")
    func batches() throws {
        let batch = try TextFixture.batch([("n", .int64, [.integer(1)])])
        let empty = try TextFixture.batch([("n", .int64, [])])
        #expect(try write([empty, batch, batch], ResultStyle(.csv)) == "n\n1\n1\n")
        #expect(try write([empty], ResultStyle(.csv)) == "n\n")
        #expect(try write([empty], ResultStyle(.json)) == "[]\n")
        #expect(try write([empty], ResultStyle(.ndjson)) == "")
        #expect(try write([batch, batch], ResultStyle(.json)) == "[\n{\"n\":1},\n{\"n\":1}\n]\n")
        var bare = ResultStyle(.csv)
        bare.hasHeader = false
        #expect(try write([batch], bare) == "1\n")
        #expect(
            try write([empty], ResultStyle(.box)) == "┌───┐\n│ n │\n├───┤\n└───┘\n")
    }

    @Test("CSV that was written reads back as the same values")
    func roundTrip() throws {
        let written = Array(try write([try sample()], ResultStyle(.csv)).utf8)
        var wishes = FileProposal.Wishes()
        wishes.hasHeader = true
        let proposal = try FileProposal.propose(TextChunk(written), wishes: wishes)
        let parsed = ChunkParser(proposal.creatingPlan).parse(
            TextChunk(Array(written.dropFirst(proposal.bodyStart))))
        let expected = try sample()
        let rows = try TextFixture.literals(parsed)
        for (row, literals) in rows.enumerated() {
            for (position, literal) in literals.enumerated() {
                let wanted = expected.columns[position].literal(row)
                if case .float(let value) = literal, value.isNaN { continue }
                #expect(literal == wanted)
            }
        }
        #expect(rows.count == 3)
    }

    @Test("numbers at the ends of their ranges keep every digit")
    func extremes() throws {
        let numbers = try TextFixture.batch([
            ("i", .int64, [.integer(Int128(Int64.min)), .integer(Int128(Int64.max)), .integer(0)]),
            (
                "u", .uint64,
                [.integer(Int128(UInt64.max)), .integer(0), .integer(10)]
            ),
            (
                "d", .decimal(precision: 18, scale: 18),
                [
                    .decimal(unscaled: -999_999_999_999_999_999, scale: 18),
                    .decimal(unscaled: 1, scale: 18), .decimal(unscaled: 0, scale: 18),
                ]
            ),
            (
                "w", .decimal(precision: 38, scale: 2),
                [
                    .decimal(unscaled: Int128.powerOfTen(38) - 1, scale: 2),
                    .decimal(unscaled: -7, scale: 2), .decimal(unscaled: 100, scale: 2),
                ]
            ),
            ("f", .float32, [.float(0.100000001490116), .float(-.infinity), .float(16_777_216)]),
        ])
        #expect(
            try write([numbers], ResultStyle(.csv)) == """
                i,u,d,w,f
                -9223372036854775808,18446744073709551615,-0.999999999999999999,\
                999999999999999999999999999999999999.99,0.1
                9223372036854775807,0,0.000000000000000001,-0.07,-inf
                0,10,0.000000000000000000,1.00,16777216.0

                """)
    }

    @Test("wide characters take two columns, marks none, and control characters are shown")
    func widths() throws {
        #expect(DisplayText.width("abc") == 3)
        #expect(DisplayText.width("日本語") == 6)
        #expect(DisplayText.width("e\u{301}é") == 2)
        #expect(DisplayText.width("👩‍👩‍👧👍🏽🇩🇪") == 6)
        #expect(DisplayText.width("☁️☁") == 3)
        #expect(DisplayText.width("ﾊﾝ한글") == 6)
        #expect(DisplayText.printable("\u{1B}[31m\u{202E}x".utf8) == "\\x1b[31m\\u{202e}x")
        #expect(DisplayText.cut("日本語", toWidth: 5) == "日本…")
        #expect(DisplayText.cut("日本語", toWidth: 4) == "日…")
        let batch = try TextFixture.batch([
            ("名", .string, [.string(Array("日本".utf8)), .string(Array("a".utf8))])
        ])
        #expect(
            try write([batch], ResultStyle(.box)) == """
                ┌──────┐
                │ 名   │
                ├──────┤
                │ 日本 │
                │ a    │
                └──────┘

                """)
    }

    @Test("a table never passes the terminal's width, and says what it does not show")
    func fitting() throws {
        let long = Literal.string(Array(repeating: UInt8(ascii: "x"), count: 200))
        for columnCount in [1, 2, 3, 7, 30] {
            let columns = (0..<columnCount).map { ("column\($0)", ColumnType.string, [long]) }
            let batch = try TextFixture.batch(columns)
            for width in [20, 40, 80, 133] {
                var style = ResultStyle(.box)
                style.width = width
                let lines = try write([batch], style).split(separator: "\n")
                let drawn = lines.filter { !$0.hasPrefix("…") }
                let widths = Set(drawn.map { DisplayText.width(String($0)) })
                #expect(widths.count == 1)
                #expect(widths.allSatisfy { $0 <= width })
                #expect(drawn[1].contains("column0") || width == 20)
            }
        }
    }

    @Test("a table of more rows than the limit says how many are left")
    func rowLimit() throws {
        let batch = try TextFixture.batch([("n", .int64, [.integer(1), .integer(2)])])
        var style = ResultStyle(.table)
        style.rowLimit = 3
        let written = try write([batch, batch], style)
        #expect(written.hasSuffix("… 1 more rows (--max-rows 0 shows all)\n"))
        #expect(written.split(separator: "\n").count == 3 + 3 + 2)
    }

    private func write(_ batches: [RowBatch], _ style: ResultStyle) throws -> String {
        var writer = ResultWriter(style)
        var output: [UInt8] = []
        for batch in batches { writer.append(batch, to: &output) }
        writer.finish(to: &output)
        return String(decoding: output, as: UTF8.self)
    }
}
