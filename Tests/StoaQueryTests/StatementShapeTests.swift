import StoaQuery
import Testing

@Suite struct StatementShapeTests {
    private func shape(_ sql: String) -> String? { StatementShape.text(Array(sql.utf8)) }

    @Test("names and words stay, values and comments go")
    func values() {
        #expect(
            shape("SELECT \"a b\", x+1 -- the key 17\nFROM t WHERE n='Ann''s' AND y IN (1.5, 2e3)")
                == "SELECT \"a b\", x+? FROM t WHERE n=? AND y IN (?, ?)")
        #expect(shape("INSERT INTO t VALUES (1,'x')") == "INSERT INTO t VALUES (?,?)")
        #expect(shape("SELECT $1, :name, ?") == "SELECT $1, :name, ?")
        #expect(shape("DATE '2024-01-31'") == "DATE ?")
    }

    @Test("what cannot be read shows nothing, and what is long is cut")
    func limits() {
        #expect(shape("SELECT 'open") == nil)
        #expect(shape("SELECT \u{1}") == nil)
        #expect(shape("") == "")
        let long = StatementShape.text(
            Array("SELECT \(String(repeating: "column, ", count: 99))1".utf8), byteCountLimit: 20)
        #expect(long.map { $0.utf8.count < 40 && $0.hasSuffix(" …") } == true)
    }
}
