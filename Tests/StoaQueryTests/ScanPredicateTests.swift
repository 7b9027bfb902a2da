import StoaBase
import StoaModel
import StoaQuery
import Testing

/// Predicates for skipping blocks against the filter itself, row by row.
@Suite struct ScanPredicateTests {
    private static func predicates(_ condition: String) throws -> [ScanPredicate] {
        try Fixture.plan("SELECT count(*) FROM trades WHERE \(condition)")?.scanPredicates ?? []
    }

    @Test("bounds are the tightest that whole units of the column allow")
    func bounds() throws {
        func test(_ condition: String) throws -> ScanPredicate.Test? {
            let found = try Self.predicates(condition)
            #expect(found.count <= 1, "\(condition)")
            return found.first?.test
        }
        func integers(_ min: Int128?, _ max: Int128?) -> ScanPredicate.Test {
            .integers(min: min, max: max)
        }
        #expect(try test("id = 5") == integers(5, 5))
        #expect(try test("5 < id") == integers(6, nil))
        #expect(try test("id > 2.5") == integers(3, nil))
        #expect(try test("id < -2.5") == integers(nil, -3))
        #expect(try test("id <= 2.5e0") == integers(nil, 2))
        #expect(try test("id >= 2.1e0") == integers(3, nil))
        #expect(try test("id < 1e300") == integers(nil, .max - 1))
        #expect(try test("id BETWEEN 3 AND 9 AND NOT id > 7") == integers(3, 7))
        #expect(try test("id IN (7, 3, 5)") == integers(3, 7))
        #expect(try test("id = 3 OR id = 9") == integers(3, 9))
        #expect(try test("id = 3 OR ticker = 'A'") == nil)
        #expect(try test("NOT (id < 3 OR id > 9)") == integers(3, 9))
        #expect(try test("price > 1.00005") == integers(10_001, nil))
        #expect(try test("price <= 1") == integers(nil, 10_000))
        #expect(try test("day >= '2024-01-01 12:00'") == integers(19_724, nil))
        #expect(try test("day < TIMESTAMP '2024-01-01'") == integers(nil, 19_722))
        #expect(try test("time >= DATE '1970-01-02'") == integers(86_400_000_000, nil))
        #expect(
            try test("date_trunc('hour', time) = TIMESTAMP '1970-01-01 01:00'")
                == integers(3_600_000_000, 7_199_999_999))
        #expect(try test("active") == integers(1, 1))
        #expect(try test("NOT active") == integers(0, 0))
        #expect(
            try test("ticker LIKE 'AB%C'") == .strings(min: Array("AB".utf8), max: Array("AC".utf8))
        )
        #expect(
            try test("ticker LIKE 'AB'") == .strings(min: Array("AB".utf8), max: Array("AB".utf8)))
        #expect(try test("ticker LIKE '%B'") == .isNotNull)
        #expect(try test("ticker IS NULL") == .isNull)
        #expect(try test("NOT ticker IS NULL") == .isNotNull)
        #expect(try test("ticker IS NULL OR ticker = 'A'") == nil)
        #expect(try test("fee > 0.5") == .floats(min: 0.5, max: nil))
        #expect(try test("id + 1 = 5") == nil)
        #expect(try test("id <> 5") == .isNotNull)
    }

    private static let columns = ["id", "tiny", "big", "price", "share", "fee", "ratio"]
    private static let numbers = [
        "0", "1", "-1", "2.5", "-2.5", "0.1", "1.00005", "99.99", "127", "-128", "300", "1e3",
        "2.5e0", "1e30", "-1e30", "9007199254740993", "18446744073709551615", "1e-3", "'7'",
        "'nan'",
        "'-inf'", "NULL",
    ]
    private static let moments = [
        "'2024-01-01'", "DATE '2024-01-02'", "TIMESTAMP '2024-01-01 12:00:00'",
        "'2024-01-02 00:00:00.000001'", "NULL",
    ]
    private static let texts = ["''", "'A'", "'AB'", "'B'", "'é'", "NULL"]
    private static let patterns = ["'A%'", "'AB_'", "'%'", "'_'", "'AB'", "'é%'", "''"]
    private static let comparisons = ["=", "<>", "<", "<=", ">", ">="]

    /// A random condition over the fixture's columns.
    private static func condition(_ depth: Int, _ random: inout SeededRandom) -> String {
        func pick(_ list: [String]) -> String { list.randomElement(using: &random) ?? "" }
        if depth > 0, Int.random(in: 0..<3, using: &random) > 0 {
            let left = condition(depth - 1, &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: return "NOT (\(left))"
            case 1: return "(\(left) OR \(condition(depth - 1, &random)))"
            default: return "(\(left) AND \(condition(depth - 1, &random)))"
            }
        }
        let not = pick(["", "", "NOT "])
        switch Int.random(in: 0..<8, using: &random) {
        case 0: return "\(pick(columns)) IS \(not)NULL"
        case 1:
            return
                "\(pick(columns)) \(not)IN (\(pick(numbers)), \(pick(numbers)), \(pick(numbers)))"
        case 2: return "\(pick(columns)) \(not)BETWEEN \(pick(numbers)) AND \(pick(numbers))"
        case 3: return "\(pick(["day", "time"])) \(pick(comparisons)) \(pick(moments))"
        case 4: return "ticker \(pick(comparisons)) \(pick(texts))"
        case 5: return "ticker \(not)LIKE \(pick(patterns))"
        case 6: return pick(["active", "active = FALSE", "NOT active", "active IS NULL"])
        default: return "\(pick(columns)) \(pick(comparisons)) \(pick(numbers))"
        }
    }

    @Test("a block with a row that passes is never skipped", arguments: 0..<16)
    func conservative(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var skippedCount = 0
        var passedCount = 0
        for _ in 0..<400 {
            let sql = Self.condition(2, &random)
            guard let plan = try Fixture.plan("SELECT count(*) FROM trades WHERE \(sql)"),
                let table = plan.table, let filter = plan.filter
            else { continue }
            let predicates = plan.scanPredicates
            for _ in 0..<8 {
                let block = RandomBlock(table: table, random: &random)
                let passes = (0..<block.rowCount).contains { row in
                    let cells = plan.scanColumns.map { block.columns[$0][row] }
                    return ReferenceEvaluator(row: cells).value(filter) == .bool(true)
                }
                let mayMatch = predicates.allSatisfy { predicate in
                    let index = Int(predicate.columnID) - 1
                    return predicate.mayMatch(block.statistics(of: index))
                }
                if passes { passedCount += 1 }
                if !mayMatch { skippedCount += 1 }
                #expect(mayMatch || !passes, "\(sql) \(predicates)")
            }
        }
        #expect(skippedCount > 200, "predicates skip something")
        #expect(passedCount > 200, "conditions pass something")
    }
}
