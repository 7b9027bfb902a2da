import StoaBase
import StoaModel
import StoaQuery
import Testing

/// Whatever the bytes are: a statement, or an error that lies within the text.
@Suite struct RandomTextTests {
    private static let words = [
        "SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "LIMIT", "OFFSET", "AND", "OR", "NOT",
        "BETWEEN", "IN", "IS", "NULL", "LIKE", "CAST", "AS", "EXTRACT", "DATE", "TIMESTAMP", "TRUE",
        "INSERT", "INTO", "VALUES", "CREATE", "TABLE", "DROP", "IF", "EXISTS", "TIME", "ALTER",
        "RENAME", "TO", "SHOW", "TABLES", "DESCRIBE", "ASC", "DESC", "NULLS", "FIRST", "ALL",
        "CASE",
        "JOIN", "DISTINCT", "HAVING", "trades", "id", "ticker", "price", "quantity", "day", "time",
        "active", "share", "big", "count", "sum", "avg", "min", "max", "date_trunc", "year", "INT",
        "DECIMAL", "\"Odd Names\"", "\"All\"", "x", "public", "'2024-01-01'", "'A'", "'it''s'",
        "''",
        "99999999999999999999999999999999999999", "0.00000000000000000001", "1e300",
        "1", "2.5", "1e3", "0", "9223372036854775808", "99999999999999999999", "(", ")", "(", ")",
        ",", ".", ";", "::", "+", "-", "*", "/", "//", "%", "=", "<>", "<", "<=", ">", ">=", "||",
        "--", "/*", "*/", "\n", "é",
    ]

    private static let samples = [
        "SELECT ticker, sum(price * quantity) AS v FROM trades WHERE time >= '2024-01-01' AND "
            + "quantity IN (1, 2.5, NULL) GROUP BY ticker ORDER BY v DESC NULLS LAST LIMIT 9 "
            + "OFFSET 2",
        "SELECT date_trunc('hour', time) h, CAST(avg(share) AS DECIMAL(10,2)), "
            + "extract(year FROM day) FROM trades t WHERE t.ticker LIKE 'A%' OR "
            + "NOT (t.fee BETWEEN -1.5 AND 1e3) GROUP BY ALL",
        "INSERT INTO trades (id, ticker, price, day) VALUES (1, 'A', -1.5, DATE '2024-01-01'), "
            + "(2, NULL, '3', NULL)",
        "CREATE TABLE IF NOT EXISTS x (a BIGINT NOT NULL, \"b c\" DECIMAL(18,4), t TIMESTAMP) "
            + "TIME (t)",
    ]

    /// Runs the statement, if it is one; an error must point into the text.
    private func check(_ text: [UInt8]) -> Bool {
        do throws(QueryError) {
            let bound = try Binder.bind(try Parser.parse(text), catalog: Fixture.catalog)
            if case .select(let plan) = bound {
                _ = plan.scanPredicates
                #expect(plan.outputs.allSatisfy { Names.isValid($0.name) }, "\(text)")
            }
            return true
        } catch {
            if let position = error.position {
                #expect(position.lowerBound >= 0 && position.upperBound <= text.count, "\(text)")
            }
            return false
        }
    }

    @Test("random bytes never trap", arguments: 0..<8)
    func bytes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...80, using: &random)
            _ = check((0..<count).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test("random words of the grammar never trap", arguments: 0..<16)
    func words(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<2_000 {
            let count = Int.random(in: 1...30, using: &random)
            let words = (0..<count).map { _ in Self.words.randomElement(using: &random) ?? "" }
            let start = ["", "SELECT ", "INSERT INTO trades VALUES (", "CREATE TABLE x ("]
            let text = (start.randomElement(using: &random) ?? "") + words.joined(separator: " ")
            _ = check(Array(text.utf8))
        }
    }

    @Test("statements with random changes never trap", arguments: 0..<16)
    func changes(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var acceptedCount = 0
        for _ in 0..<1_000 {
            var text = Array((Self.samples.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text.remove(at: place)
                case 2:
                    let word = Self.words.randomElement(using: &random) ?? ""
                    text.insert(contentsOf: Array(word.utf8), at: place)
                default: text.removeSubrange(place..<min(place + 9, text.count))
                }
                if text.isEmpty { break }
            }
            if check(text) { acceptedCount += 1 }
        }
        #expect(acceptedCount > 100)
    }

    @Test("every beginning of a statement is a statement or an error")
    func beginnings() {
        for sample in Self.samples {
            let bytes = Array(sample.utf8)
            for count in bytes.indices { _ = check(Array(bytes[..<count])) }
        }
    }
}
