import StoaBase
import StoaModel
import StoaQuery
import Testing

/// CAST of constants, and the exact rounding it rests on.
@Suite struct LiteralCastTests {
    /// What CAST makes of a constant, as text; or the failure's name.
    private func cast(_ expression: String) -> String {
        do throws(QueryError) {
            let plan = try Fixture.plan("SELECT \(expression)")
            return plan?.outputs.first?.expression.description ?? ""
        } catch {
            return error.code.name
        }
    }

    private static let table = """
        CAST(1.5 AS INT) = 2:INT32
        CAST(2.5 AS INT) = 3:INT32
        CAST(-2.5 AS INT) = -3:INT32
        CAST(2.4999 AS INT) = 2:INT32
        CAST(2.5e0 AS INT) = 2:INT32
        CAST(3.5e0 AS INT) = 4:INT32
        CAST(-0.5e0 AS INT) = 0:INT32
        CAST('2.5' AS INT) = 3:INT32
        CAST('1e2' AS INT) = 100:INT32
        CAST(1.005 AS DECIMAL(5,2)) = 1.01:DECIMAL(5,2)
        CAST(-1.005 AS DECIMAL(5,2)) = -1.01:DECIMAL(5,2)
        CAST(1.005e0 AS DECIMAL(5,2)) = 1.00:DECIMAL(5,2)
        CAST(0.5e0 AS DECIMAL(5,0)) = 1:DECIMAL(5,0)
        CAST(999.995 AS DECIMAL(5,2)) = NUMERIC_OVERFLOW
        CAST(999.994 AS DECIMAL(5,2)) = 999.99:DECIMAL(5,2)
        CAST(1e37 AS DECIMAL(38,0)) = 9999999999999999538762658202121142272:DECIMAL(38,0)
        CAST(1e38 AS DECIMAL(38,0)) = 99999999999999997748809823456034029568:DECIMAL(38,0)
        CAST(2e38 AS DECIMAL(38,0)) = NUMERIC_OVERFLOW
        CAST('inf' AS DOUBLE)::INT = NUMERIC_OVERFLOW
        CAST('nan' AS DOUBLE)::DECIMAL(5,2) = NUMERIC_OVERFLOW
        CAST(1e300 AS FLOAT) = NUMERIC_OVERFLOW
        CAST(0.1 AS FLOAT)::DOUBLE = 0.10000000149011612:FLOAT64
        CAST(300 AS TINYINT) = NUMERIC_OVERFLOW
        CAST(-1 AS UBIGINT) = NUMERIC_OVERFLOW
        CAST(18446744073709551615 AS UBIGINT) = 18446744073709551615:UINT64
        CAST(0 AS BOOL) = false:BOOL
        CAST(-7 AS BOOL) = true:BOOL
        CAST(1.5 AS BOOL) = TYPE_MISMATCH
        CAST('T' AS BOOL) = true:BOOL
        CAST(TRUE AS DECIMAL(3,1)) = 1.0:DECIMAL(3,1)
        CAST(TRUE AS DATE) = TYPE_MISMATCH
        CAST(5 AS TIMESTAMP) = TYPE_MISMATCH
        CAST(TIMESTAMP '1969-12-31 23:59:59' AS DATE) = 1969-12-31:DATE
        CAST(DATE '1969-12-31' AS TIMESTAMP) = 1969-12-31 00:00:00:TIMESTAMP
        CAST(' 2024-02-29 ' AS DATE) = 2024-02-29:DATE
        CAST('2024-02-29 23:59' AS DATE) = 2024-02-29:DATE
        CAST('2024-02-29T23:59:59.123456Z' AS TIMESTAMP) = 2024-02-29 23:59:59.123456:TIMESTAMP
        CAST('0000-01-01' AS DATE) = INVALID_VALUE
        CAST('' AS INT) = INVALID_VALUE
        CAST('1.2.3' AS DECIMAL(5,2)) = INVALID_VALUE
        CAST('0x10' AS DOUBLE) = INVALID_VALUE
        CAST('1e' AS DOUBLE) = INVALID_VALUE
        CAST('-inf' AS DOUBLE) = -inf:FLOAT64
        CAST('1e-40' AS DECIMAL(38,38)) = INVALID_VALUE
        CAST(1.50 AS STRING) = '1.50'
        CAST(1e20 AS STRING) = '1e+20'
        CAST(0.1e0 AS STRING) = '0.1'
        CAST(TRUE AS STRING) = 'true'
        CAST(DATE '2024-01-02' AS STRING) = '2024-01-02'
        CAST(CAST('x' AS STRING) AS STRING) = 'x'
        """

    @Test("CAST rounds, refuses and reads text as the manual says")
    func casts() {
        for line in Self.table.split(separator: "\n") {
            guard let sign = line.lastIndex(of: "=") else { continue }
            let text = line[..<sign].dropLast()
            #expect(cast(String(text)) == line[sign...].dropFirst(2), "\(text)")
        }
    }

    @Test("which types CAST takes to which is the table of CastRules")
    func matrix() {
        let types: [ColumnType] = [
            .bool, .int8, .uint64, .decimal(precision: 18, scale: 4), .float32, .date, .timestamp,
            .string,
        ]
        let allowed = types.map { source in
            types.map { CastRules.isAllowed(from: source, to: $0) ? "x" : "-" }.joined()
        }
        #expect(
            allowed == [
                "xxxxx--x", "xxxxx--x", "xxxxx--x", "-xxxx--x", "-xxxx--x", "-----xxx", "-----xxx",
                "xxxxxxxx",
            ])
    }

    @Test("a float is scaled without an intermediate rounding")
    func scaling() {
        #expect(
            FloatRounding.scaled(0.1, scale: 38)
                == 10_000_000_000_000_000_555_111_512_312_578_270_212)
        #expect(FloatRounding.scaled(2.675, scale: 2) == 267)
        #expect(FloatRounding.scaled(-0.125, scale: 2) == -13)
        #expect(FloatRounding.scaled(.leastNonzeroMagnitude, scale: 38) == 0)
        #expect(FloatRounding.scaled(-0.0, scale: 5) == 0)
        // The double nearest to 1e38 is a little below it.
        #expect(
            FloatRounding.scaled(1e38, scale: 0)
                == 99_999_999_999_999_997_748_809_823_456_034_029_568)
        #expect(FloatRounding.scaled(1.001e38, scale: 0) == nil)
        #expect(FloatRounding.scaled(-3e38, scale: 0) == nil)
        #expect(FloatRounding.scaled(1e30, scale: 9) == nil)
        #expect(FloatRounding.scaled(.nan, scale: 0) == nil)
        #expect(FloatRounding.exactly(0.5, scale: 1) == 5)
        #expect(FloatRounding.exactly(0.1, scale: 38) == nil)
        #expect(FloatRounding.exactly(0x1p100, scale: 2) == Int128(0x1p100) * 100)
        #expect(FloatRounding.integer(2.5) == 2)
        #expect(FloatRounding.integer(-1e38) == nil)
    }

    @Test("whole and binary fractions survive the way to a decimal and back", arguments: 0..<8)
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for _ in 0..<500 {
            let unscaled = Int64.random(in: -(1 << 50)...(1 << 50), using: &random)
            let shift = Int.random(in: 0...30, using: &random)
            let value = Double(unscaled) / Double(1 << shift)
            let scaled = FloatRounding.scaled(value, scale: shift)
            let tens = (0..<shift).reduce(Int128(1)) { power, _ in power * 5 }
            let (exact, overflowed) = Int128(unscaled).multipliedReportingOverflow(by: tens)
            if overflowed || exact.magnitude >= Int128.powerOfTen(38).magnitude { continue }
            #expect(scaled == exact)
            #expect(FloatRounding.exactly(value, scale: shift) == exact)
        }
    }
}
