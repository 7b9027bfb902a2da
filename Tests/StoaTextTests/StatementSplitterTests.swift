import StoaText
import Testing

@Suite("Scripts")
struct StatementSplitterTests {
    private static let script = """
        -- first; not a statement
        SELECT 'a;b', "c;d" /* e;f /* g; */ h; */ FROM t;
        ;; INSERT INTO t VALUES ('it''s;'); -- tail;
          SELECT 1 - 2 / 3
        """

    @Test("a script is cut at its semicolons only, in whatever pieces it comes")
    func pieces() {
        let script = Array(Self.script.utf8)
        let expected = [
            "SELECT 'a;b', \"c;d\" /* e;f /* g; */ h; */ FROM t",
            "INSERT INTO t VALUES ('it''s;')", "SELECT 1 - 2 / 3",
        ]
        for size in 1...script.count {
            var splitter = StatementSplitter()
            var found: [StatementSplitter.Statement] = []
            for start in stride(from: 0, to: script.count, by: size) {
                splitter.append(script[start..<min(start + size, script.count)])
                while let statement = splitter.next() { found.append(statement) }
            }
            while let statement = splitter.finish() { found.append(statement) }
            #expect(found.map { String(decoding: $0.text, as: UTF8.self) } == expected)
            #expect(found.map(\.line) == [2, 3, 4])
            #expect(found.map(\.column) == [1, 4, 3])
        }
    }

    @Test("what never closes is one last statement, and comments alone are none")
    func ends() {
        #expect(statements("SELECT 'a; b") == ["SELECT 'a; b"])
        #expect(statements("SELECT 1; -- done\n/* x */ ") == ["SELECT 1"])
        #expect(statements("") == [])
        #expect(statements("-") == ["-"])
        #expect(statements("SELECT 1 -- c") == ["SELECT 1 -- c"])
    }

    @Test("the place of an error is shown under its line")
    func excerpts() {
        let statement = Array("SELECT a,\n\t日本 + simbol\nFROM t".utf8)
        let found = SourceExcerpt(statement, position: 20..<26)
        #expect(found.line == 2)
        #expect(found.column == 7)
        #expect(found.text == " 日本 + simbol")
        #expect(found.mark == "        ^^^^^^")
        let end = SourceExcerpt(Array("SELECT".utf8), position: 6..<6)
        #expect((end.line, end.column, end.mark) == (1, 7, "      ^"))
        let outside = SourceExcerpt(Array("SELECT".utf8), position: 60..<90)
        #expect(outside.mark == "      ^")
        let long = SourceExcerpt(
            Array(String(repeating: "x", count: 500).utf8), position: 300..<305)
        #expect(DisplayText.width(long.text) <= 100)
        #expect(long.mark.hasSuffix(" ^^^^^"))
    }

    private func statements(_ script: String) -> [String] {
        var splitter = StatementSplitter()
        splitter.append(script.utf8)
        var found: [StatementSplitter.Statement] = []
        while let statement = splitter.next() { found.append(statement) }
        while let statement = splitter.finish() { found.append(statement) }
        return found.map { String(decoding: $0.text, as: UTF8.self) }
    }
}
