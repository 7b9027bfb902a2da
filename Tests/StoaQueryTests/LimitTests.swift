import StoaBase
import StoaModel
import StoaQuery
import Testing

/// Statements at and beyond every limit. None may overflow the stack, in parsing, binding,
/// hashing, comparing or when the tree is freed.
@Suite struct LimitTests {
    private func code(_ sql: String) -> ErrorCode? { Fixture.error(sql)?.code }

    private func repeated(_ text: String, _ count: Int) -> String {
        String(repeating: text, count: count)
    }

    @Test("100,000 nested parentheses within the size limit are too deep")
    func parentheses() {
        let sql = "SELECT " + repeated("(", 100_000) + "1" + repeated(")", 100_000)
        #expect(sql.utf8.count < QueryLimits.textByteCountLimit)
        #expect(code(sql) == .queryTooDeep)
        #expect(Fixture.error(sql)?.position == 135..<136)
    }

    @Test("1,000,000 nested parentheses are too large a text")
    func millionParentheses() {
        #expect(code("SELECT " + repeated("(", 1_000_000) + "1") == .queryTooLarge)
    }

    @Test("128 levels are fine, 129 are not")
    func nesting() {
        for (open, close) in [("(", ")"), ("abs(", ")"), ("- ", ""), ("CAST(", " AS INT)")] {
            let fits = "SELECT " + repeated(open, 128) + "1" + repeated(close, 128)
            let exceeds = "SELECT " + repeated(open, 129) + "1" + repeated(close, 129)
            #expect(code(fits) == nil)
            #expect(code(exceeds) == .queryTooDeep)
        }
        #expect(code("SELECT " + repeated("NOT ", 128) + "TRUE") == nil)
        #expect(code("SELECT " + repeated("NOT ", 60_000) + "TRUE") == .queryTooDeep)
        #expect(code("SELECT 1 IN " + repeated("(1 IN ", 40_000)) == .queryTooDeep)
        #expect(code("SELECT " + repeated("extract(year FROM ", 10_000)) == .queryTooDeep)
    }

    @Test("a result has at most 4,096 columns, and like names are told apart")
    func outputs() throws {
        let limit = Limits.columnCountLimit
        let ones = "SELECT 1" + repeated(", 1", limit - 1)
        let plan = try Fixture.plan(ones)
        #expect(plan?.outputs.last?.name == "1_\(limit - 1)")
        #expect(code(ones + ", 1") == .queryTooLarge)
        #expect(code("SELECT *" + repeated(", *", 4_000) + " FROM trades") == .queryTooLarge)
        let mixed = try Fixture.plan("SELECT 1 AS a, 2 AS A, 3 AS a_1, 4 AS A")
        #expect(mixed?.outputs.map(\.name) == ["a", "A_1", "a_1_1", "A_2"])
    }

    @Test("chains of AND and OR may be as long as the node limit lets them")
    func logicalChains() throws {
        let ands = repeated("active AND ", 8_999) + "active"
        let plan = try Fixture.plan("SELECT id FROM trades WHERE " + ands)
        #expect(plan?.filter?.nodeCount == 9_001)
        #expect(plan?.filter?.depth == 2)
        #expect(plan?.filter == plan?.filter)
        let comparisons = repeated("id = 1 OR ", 3_000) + "id = 2"
        #expect(code("SELECT id FROM trades WHERE " + comparisons) == nil)
        #expect(code("SELECT id FROM trades WHERE " + repeated("id OR ", 40_000)) == .queryTooLarge)
        #expect(code("SELECT " + repeated("1 OR ", 100_000) + "1") == .queryTooLarge)
    }

    @Test("a chain of operators is bounded by its depth, with an error and not a crash")
    func arithmeticChains() throws {
        let fits = "SELECT sum(id" + repeated(" + fee", 500) + ") FROM trades GROUP BY id"
        let plan = try Fixture.plan(fits)
        #expect(plan?.outputs.first?.type == .float64)
        #expect(try Fixture.plan(fits) == plan)
        #expect(code("SELECT id" + repeated(" + id", 512) + " FROM trades") == .queryTooDeep)
        #expect(code("SELECT 1" + repeated(" - 1", 60_000)) == .queryTooDeep)
        #expect(code("SELECT 1" + repeated("::INT", 40_000)) == .queryTooDeep)
        #expect(code("SELECT 1" + repeated(" IS NULL", 30_000)) == .queryTooDeep)
    }

    @Test("a list after IN may hold thousands of constants")
    func longLists() throws {
        let list = (1...9_000).map(String.init).joined(separator: ",")
        let plan = try Fixture.plan("SELECT id FROM trades WHERE id IN (\(list))")
        guard case .inList(_, let literals, _, _)? = plan?.filter?.node else {
            Issue.record("no list")
            return
        }
        #expect(literals.count == 9_000)
        let longer = (1...10_000).map(String.init).joined(separator: ",")
        #expect(code("SELECT id FROM trades WHERE id IN (\(longer))") == .queryTooLarge)
    }

    @Test("expressions that double when they are bound are refused before they explode")
    func doubling() {
        let nested =
            repeated("(", 100) + "active" + repeated(" BETWEEN active AND active)", 100)
        let error = Fixture.error("SELECT \(nested) FROM trades")
        #expect(error?.code == .queryTooLarge)
        #expect(error?.message.hasPrefix("The expression has more than 10000 parts") == true)
        let sum = "id" + repeated(" + id", 500)
        let orders = (0..<4_000).map { "a + \($0)" }.joined(separator: ", ")
        #expect(code("SELECT \(sum) AS a FROM trades ORDER BY \(orders)") == .queryTooLarge)
    }

    @Test("many items, many aliases and many sort keys stay quick")
    func manyNames() {
        let items = (0..<4_000).map { "id AS a\($0 + 1_000)" }.joined(separator: ", ")
        let orders = (0..<4_000).map { "a\($0 + 1_000)" }.joined(separator: ", ")
        #expect(code("SELECT \(items) FROM trades ORDER BY \(orders)") == nil)
        let duration = ContinuousClock().measure {
            _ = code("SELECT \(items) FROM trades ORDER BY \(orders)")
        }
        #expect(duration < .seconds(5))
    }

    @Test("the constants of VALUES are bounded by the text alone")
    func manyRows() throws {
        let rows = (0..<20_000).map { "(\($0),1)" }.joined(separator: ",")
        let statement = try Fixture.bind("INSERT INTO trades (id, tiny) VALUES \(rows)")
        guard case .insert(let insert) = statement else {
            Issue.record("no insert")
            return
        }
        #expect(insert.batch.rowCount == 20_000)
        #expect(insert.batch.columns[0].literal(19_999) == .integer(19_999))
    }

    @Test("the raw bytes of a text are limited like an array of them")
    func rawBytes() throws {
        let sql = Array("SHOW TABLES".utf8)
        #expect(try sql.withUnsafeBytes { try Parser.parse($0) }.isReadOnly)
        let long = [UInt8](repeating: 0x20, count: QueryLimits.textByteCountLimit + 1)
        #expect(throws: QueryError.self) { try long.withUnsafeBytes { try Parser.parse($0) } }
    }
}
