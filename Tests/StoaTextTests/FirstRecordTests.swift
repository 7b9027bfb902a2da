import StoaModel
import StoaText
import Testing

@Suite("The table inside what programs write around it")
struct FirstRecordTests {
    /// A file, and the table that stands in it.
    struct File: CustomStringConvertible, Sendable {
        let description: String
        let text: String
        /// Names and types, one per column.
        let table: String
        let rowCount: Int
        var skipped = 0
        var rejectCount = 0
        var note: String?

        init(
            _ description: String, _ text: String, _ table: String, rows: Int, skipped: Int = 0,
            rejects: Int = 0, note: String? = nil
        ) {
            self.description = description
            self.text = text
            self.table = table
            rowCount = rows
            self.skipped = skipped
            rejectCount = rejects
            self.note = note
        }
    }

    static let files: [File] = [
        File("a plain table", "a,b\n1,x\n2,y\n", "a INT64, b STRING", rows: 2),
        File("a title", "Report\na,b\n1,x\n2,y\n", "a INT64, b STRING", rows: 2, skipped: 1),
        File(
            "a title of a spreadsheet", "Report,,\n,,\na,b,c\n1,x,2\n2,y,3\n",
            "a INT64, b STRING, c INT64", rows: 2, skipped: 2),
        File(
            "a title with a date", "Report,2025,,\na,b,c,d\n1,x,2,3\n2,y,3,4\n",
            "a INT64, b STRING, c INT64, d INT64", rows: 2, skipped: 1),
        File(
            "comments", "# made by x\n# on 2025-01-01\na,b\n1,x\n", "a INT64, b STRING", rows: 1,
            skipped: 2),
        File(
            "a header that is a comment", "##v4\n#id\tpos\n7\t10\n8\t11\n", "id INT64, pos INT64",
            rows: 2, skipped: 1),
        File(
            "what an instrument writes above",
            "Instrument,X1\nSerial,55\nRate,10\n\nt,u,i\ns,V,A\n0.1,1.5,2.5\n0.2,1.6,2.6\n",
            "t DECIMAL(18,1), u DECIMAL(18,1), i DECIMAL(18,1)", rows: 2, skipped: 4,
            note: "units"),
        File(
            "units in brackets", "t,u\n[s],[V]\n1,2\n3,4\n", "t INT64, u INT64", rows: 2,
            note: "units"),
        File(
            "a separator line", "sep=;\na;b\n1,5;x\n2,5;y\n", "a DECIMAL(18,1), b STRING", rows: 2,
            skipped: 1),
        File(
            "a quoted separator line", "\"sep=|\"\r\na|b\r\n1|x\r\n", "a INT64, b STRING", rows: 1,
            skipped: 1),
        File("blank lines above", "\n\n\na,b\n1,x\n", "a INT64, b STRING", rows: 1, skipped: 3),
        File(
            "a table of psql", " id | name \n----+------\n  1 | x y\n  2 | \n",
            "id INT64, name STRING", rows: 2),
        File(
            "a table of mysql",
            "+----+------+\n| id | name |\n+----+------+\n|  1 | x    |\n|  2 | y    |\n",
            "id INT64, name STRING", rows: 2, skipped: 1),
        File(
            "a table of Markdown", "| id | name |\n|---:|:-----|\n| 1 | x |\n| 2 | y |\n",
            "id INT64, name STRING", rows: 2),
        File("a delimiter behind every record", "a,b,\n1,x,\n2,y,\n", "a INT64, b STRING", rows: 2),
        File("a delimiter behind every row", "a,b\n1,x,\n2,y,\n", "a INT64, b STRING", rows: 2),
        File("a delimiter behind the header", "a,b,\n1,x\n2,y\n", "a INT64, b STRING", rows: 2),
        File(
            "row names without a name", "\"a\",\"b\"\n\"1\",5,x\n\"2\",6,y\n",
            "column_1 INT64, a INT64, b STRING", rows: 2, note: "one name fewer"),
        File(
            "a first column without a name", ",a\n0,x\n1,y\n", "column_1 INT64, a STRING", rows: 2),
        File(
            "the header again in the middle", "a,b\n1,x\na,b\n2,y\n", "a INT64, b STRING", rows: 2),
        File(
            "rows of other lengths", "a,b\n1,x\n2\n3,y,z\n4,w\n", "a INT64, b STRING", rows: 2,
            rejects: 2),
        File("lines that end in every way", "a,b\r\n1,x\n2,y\r3,z", "a INT64, b STRING", rows: 3),
        File("carriage returns alone", "a,b\r1,x\r2,y\r", "a INT64, b STRING", rows: 2),
        File("a byte order mark", "\u{FEFF}a,b\n1,x\n", "a INT64, b STRING", rows: 1),
        File(
            "a header with line ends in it", "\"a\nb\",c\n1,x\n", "\"a b\" INT64, c STRING", rows: 1
        ),
        File("only a header", "a,b\n", "a STRING, b STRING", rows: 0),
        File("one column", "a\n1\n2\n", "a INT64", rows: 2),
        File("one column of text", "name\nNew York\nUlm\n", "name STRING", rows: 2),
        File("nothing but NULL", "a,b\n,\n,\n", "a STRING, b STRING", rows: 2),
        File(
            "a header of years", "region,2023,2024,2025\nN,10,20,30\nS,5,6,7\n",
            "region STRING, \"2023\" INT64, \"2024\" INT64, \"2025\" INT64", rows: 2,
            note: "--no-header"),
        File(
            "a header of days", "region,2025-01-01,2025-01-02\nN,10,20\nS,5,6\n",
            "region STRING, \"2025-01-01\" INT64, \"2025-01-02\" INT64", rows: 2),
        File("single quotes", "'a','b'\n'1','x, y'\n'2','z'\n", "a INT64, b STRING", rows: 2),
        File(
            "decimal commas", "o;m;p\nx;1,5;11,25\ny;2,5;12,25\n",
            "o STRING, m DECIMAL(18,1), p DECIMAL(18,2)", rows: 2),
        File(
            "decimal commas without a header", "1,5;2,5\n3,5;4,5\n",
            "column_1 DECIMAL(18,1), column_2 DECIMAL(18,1)", rows: 2),
        File(
            "bars with commas in the text", "n|a|k\nx|street 1, town, land|1\ny|street 2, t, l|2\n",
            "n STRING, a STRING, k INT64", rows: 2),
        File(
            "tabs with commas in times",
            "at\tmsg\n2026-01-01 00:00:00,101\ta, b, c\n2026-01-01 00:00:01,102\ta, b, d\n",
            "at TIMESTAMP, msg STRING", rows: 2),
        File(
            "names and semicolons in text", "id,note\n1,a; b\n2,c; d\n", "id INT64, note STRING",
            rows: 2),
        File(
            "names that are there already", "c;c;c;c_2\n1;2;3;4\n",
            "c INT64, c_3 INT64, c_4 INT64, c_2 INT64", rows: 1),
    ]

    @Test("a file gets the table that stands in it", arguments: files)
    func tables(_ file: File) throws {
        let found = try FileProposal.propose(TextChunk(Array(file.text.utf8)))
        let table = found.columns.map { "\(TableText.identifier($0.name)) \($0.type)" }
        #expect(table.joined(separator: ", ") == file.table)
        #expect(found.skippedLineCount == file.skipped)
        let parsed = ChunkParser(found.creatingPlan).parse(
            TextChunk(Array(file.text.utf8.dropFirst(found.bodyStart))))
        #expect(!parsed.hasMismatch)
        #expect(parsed.rowCount == file.rowCount)
        #expect(parsed.rejects.count == file.rejectCount, "\(parsed.rejects)")
        #expect(found.sampledRowCount == file.rowCount)
        if let note = file.note {
            #expect(found.notes.contains { $0.contains(note) }, "\(found.notes)")
        } else {
            #expect(found.notes.isEmpty)
        }
    }

    @Test("what is drawn around values is no part of them")
    func boxes() throws {
        for file in Self.files where file.description.hasPrefix("a table of") {
            let found = try FileProposal.propose(TextChunk(Array(file.text.utf8)))
            let parsed = ChunkParser(found.creatingPlan).parse(
                TextChunk(Array(file.text.utf8.dropFirst(found.bodyStart))))
            let first = try #require(try TextFixture.literals(parsed).first)
            #expect(TextFixture.text(first[0]) == "1")
            #expect(["x", "x y"].contains(TextFixture.text(first[1])))
        }
    }

    enum Shapeless: String, CaseIterable {
        case prose =
            "Dear reader,\n\nthis is a letter, and, no table.\nIt ends, here\nat last.\nYours, x\n"
        case letter =
            "Dear all,\n\nthe meeting is moved, sorry.\nIt is at ten, in room 4, A.\nYours, A.\n"
        case aligned = "PID   USER    CMD\n1     root    init\n25    root    sh\n30    x       ls\n"
        case wide = "a,b,c,d\n1,2\n3,4\n5,6\n"
        case open = "a,b\n5,6,7\n5,8,9\n5,1,2\n"
    }

    @Test("what has no table in it is refused in a sentence", arguments: Shapeless.allCases)
    func refusals(_ file: Shapeless) {
        let refusal = #expect(throws: FileRefusal.self) {
            try FileProposal.propose(TextChunk(Array(file.rawValue.utf8)))
        }
        let expected: FileRefusal =
            switch file {
            case .prose, .letter: .isShapeless
            case .aligned: .isAligned
            case .wide: .hasOtherHeader(line: 1, nameCount: 4, cellCount: 2)
            case .open: .hasOtherHeader(line: 1, nameCount: 2, cellCount: 3)
            }
        #expect(refusal == expected)
    }

    @Test("a header that is not UTF-8 is refused, a row is rejected")
    func foreignBytes() throws {
        #expect(throws: FileRefusal.hasForeignHeader) {
            try FileProposal.propose(
                TextChunk(Array("id,Stra".utf8) + [0xDF, 0x65, 0x0A, 0x31, 0x2C, 0x32]))
        }
        let text = Array("id,city\n1,Berlin\n2,K".utf8) + [0xF6] + Array("ln\n".utf8)
        let found = try FileProposal.propose(TextChunk(text))
        let parsed = ChunkParser(found.creatingPlan).parse(TextChunk(Array(text.dropFirst(8))))
        #expect(parsed.rowCount == 1)
        #expect(parsed.rejects.map(\.reason) == ["column \"city\": not UTF-8"])
    }

    @Test("a caller's words about the shape count")
    func words() throws {
        var wishes = FileProposal.Wishes()
        wishes.skippedLineCount = 2
        wishes.comment = UInt8(ascii: "%")
        let text = "x,y,z\nq,r,s\n% no, row\na,b\n% \"\n1,x\n%,\n2,y\n"
        let found = try FileProposal.propose(TextChunk(Array(text.utf8)), wishes: wishes)
        #expect(found.columns.map(\.name) == ["a", "b"])
        let parsed = ChunkParser(found.creatingPlan).parse(
            TextChunk(Array(text.utf8.dropFirst(found.bodyStart))))
        #expect(parsed.rowCount == 2)
        #expect(parsed.passedRecordCount == 2)
        wishes = FileProposal.Wishes()
        wishes.quote = .some(nil)
        let plain = try FileProposal.propose(
            TextChunk(Array("a,b\n\"x,1\ny\",2\n".utf8)), wishes: wishes)
        #expect(plain.columns.map(\.type) == [.string, .int64])
        #expect(plain.sampledRowCount == 2)
    }
}
