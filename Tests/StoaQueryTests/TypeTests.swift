import StoaModel
import StoaQuery
import Testing

/// The types of results, expression by expression: §3 of the design as a table.
@Suite struct TypeTests {
    private static let table = """
        tiny + small = INT64
        tiny + 1 = INT64
        quantity * utiny = INT64
        quantity // tiny = INT64
        id % 7 = INT64
        big + 1 = DECIMAL(38,0)
        id - big = DECIMAL(38,0)
        big % big = DECIMAL(38,0)
        -quantity = INT64
        -big = DECIMAL(38,0)
        -price = DECIMAL(18,4)
        -fee = FLOAT64
        price + price = DECIMAL(19,4)
        price + share = DECIMAL(19,4)
        share - price = DECIMAL(19,4)
        price + id = DECIMAL(24,4)
        share + tiny = DECIMAL(6,2)
        share + usmall = DECIMAL(8,2)
        share + uint = DECIMAL(13,2)
        share + big = DECIMAL(23,2)
        1 - share = DECIMAL(5,2)
        1000 - share = DECIMAL(7,2)
        1.5 + share = DECIMAL(5,2)
        price * share = DECIMAL(22,6)
        price * price * price = DECIMAL(38,12)
        price * quantity = DECIMAL(28,4)
        price * 2 = DECIMAL(19,4)
        price // share = DECIMAL(16,0)
        price % share = DECIMAL(6,4)
        price / 2 = FLOAT64
        id / id = FLOAT64
        fee + 1 = FLOAT64
        ratio + ratio = FLOAT64
        price * fee = FLOAT64
        big * ratio = FLOAT64
        sum(tiny) = DECIMAL(38,0)
        sum(id) = DECIMAL(38,0)
        sum(big) = DECIMAL(38,0)
        sum(share) = DECIMAL(38,2)
        sum(price * quantity) = DECIMAL(38,4)
        sum(fee) = FLOAT64
        sum(ratio) = FLOAT64
        avg(tiny) = FLOAT64
        avg(big) = FLOAT64
        avg(ratio) = FLOAT64
        avg(share) = DECIMAL(38,8)
        avg(price) = DECIMAL(38,10)
        avg(CAST(price AS DECIMAL(38,4))) = DECIMAL(38,4)
        avg(CAST(price AS DECIMAL(38,36))) = DECIMAL(38,36)
        avg(CAST(price AS DECIMAL(30,0))) = DECIMAL(38,6)
        avg(CAST(price AS DECIMAL(35,0))) = DECIMAL(38,3)
        min(ticker) = STRING
        max(active) = BOOL
        min(ratio) = FLOAT32
        max(day) = DATE
        max(utiny) = UINT8
        count(ticker) = INT64
        count(*) = INT64
        count(NULL) = INT64
        sum(NULL) = DECIMAL(38,0)
        day = '2024-01-01' = BOOL
        NOT active = BOOL
        date_trunc('year', day) = DATE
        date_trunc('minute', day) = TIMESTAMP
        date_trunc('day', time) = TIMESTAMP
        extract(hour FROM time) = INT64
        extract(epoch FROM day) = FLOAT64
        CAST(id AS DECIMAL(38,10)) = DECIMAL(38,10)
        day::STRING = STRING
        1 = INT64
        9223372036854775807 = INT64
        -9223372036854775808 = INT64
        9223372036854775808 = DECIMAL(38,0)
        1.0 = DECIMAL(2,1)
        0.05 = DECIMAL(2,2)
        1e0 = FLOAT64
        """

    private static func lastEqualSign(_ line: Substring) -> Substring.Index? {
        line.lastIndex(of: "=")
    }

    @Test("every operator and aggregate has the type the design gives it")
    func types() throws {
        for line in Self.table.split(separator: "\n") {
            guard let sign = Self.lastEqualSign(line) else { continue }
            let (text, type) = (line[..<sign], line[sign...].dropFirst(2))
            let plan = try Fixture.plan("SELECT \(text) FROM trades")
            #expect(plan?.outputs.first?.type.description == String(type), "\(text)")
        }
    }

    @Test("constants are computed at once, but for what would be an error")
    func folding() throws {
        let widest = "99999999999999999999999999999999999999"
        let folded = [
            "2 + 3 * 4": "14:INT64", "7 // -2": "-3:INT64", "-7 % 3": "-1:INT64",
            "1.5 + 1": "2.5:DECIMAL(3,1)", "1.5 * 1.5": "2.25:DECIMAL(4,2)",
            "7.5 // 2": "3:DECIMAL(1,0)", "-7.5 % 2": "-1.5:DECIMAL(2,1)",
            "-9223372036854775808 + 0": "-9223372036854775808:INT64",
        ]
        for (sql, expected) in folded {
            let plan = try Fixture.plan("SELECT \(sql)")
            #expect(plan?.outputs.first?.expression.description == expected, "\(sql)")
        }
        let kept = [
            "\(widest) + \(widest)", "-\(widest) - \(widest)", "\(widest) * 10", "1 // 0",
            "1.5 % 0",
            "9223372036854775807 + 1", "-9223372036854775808 // -1", "1 / 2", "1e0 + 1",
            "\(widest) % 0.00000000000000000000000000000000000001",
        ]
        for sql in kept {
            let plan = try Fixture.plan("SELECT \(sql)")
            #expect(plan?.outputs.first?.expression.literal == nil, "\(sql)")
        }
    }

    @Test("NULL is kept where it can come from, and only there")
    func nullability() throws {
        let plan = try Fixture.plan(
            """
            SELECT id, id + 1, quantity, id + quantity, id IS NULL, quantity IS NULL, id IN (1, 2),
            id IN (1, NULL), id = 1 AND active, CAST(id AS STRING), ticker LIKE 'x', 1 FROM trades
            """)
        let expected = [
            false, false, true, true, false, false, false, true, true, false, true, false,
        ]
        #expect(plan?.outputs.map(\.expression.isNullable) == expected)
        let groups = try Fixture.plan("SELECT id, count(*), sum(id) FROM trades GROUP BY id")
        #expect(groups?.outputs.map(\.expression.isNullable) == [false, false, true])
    }

    @Test("equal text at different places is one expression")
    func equality() throws {
        let plan = try Fixture.plan(
            "SELECT price * 2, t.PRICE*2, price * 3 FROM trades t ORDER BY price * 2, 1")
        let expressions = plan?.outputs.map(\.expression) ?? []
        #expect(expressions[0] == expressions[1])
        #expect(expressions[0].hashValue == expressions[1].hashValue)
        #expect(expressions[0].position != expressions[1].position)
        #expect(expressions[0] != expressions[2])
        #expect(plan?.sortKeys.count == 1)
    }
}
