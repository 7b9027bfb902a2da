import StoaBase
import StoaModel
import StoaText
import Testing

@Suite("Values of cells")
struct ValueParsingTests {
    @Test("floats are the nearest double, bit for bit", arguments: 0..<8)
    func floats(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let lines = (0..<6_000).map { _ in randomNumber(&random) }
        let found = try TextFixture.column(lines, .float64)
        #expect(found.rejects.isEmpty)
        let bits = found.values.map { literal -> UInt64 in
            guard case .float(let value) = literal else { return 0 }
            return value.bitPattern
        }
        let wrong = zip(lines, bits).filter { Double($0)?.bitPattern != $1 }
        #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }

    private func randomNumber(_ random: inout SeededRandom) -> String {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: return Double(bitPattern: random.next() & ~(0x7FF << 52) | 0x3FF << 52).description
        case 1:
            let value = Double(bitPattern: random.next())
            return value.isFinite ? value.description : "0"
        case 2: return "\(Int64.random(in: -9...9, using: &random)).\(random.next())"
        case 3: return "\(random.next())e\(Int.random(in: -340...288, using: &random))"
        default:
            let digitCount = Int.random(in: 1...25, using: &random)
            let digits = (0..<digitCount).map { _ in
                String(Int.random(in: 0...9, using: &random))
            }
            return "-" + digits.joined() + "." + String(random.next() % 1_000_000)
        }
    }

    @Test("numbers on the edge between two doubles round to even")
    func halfway() throws {
        let lines = [
            "9007199254740993", "9007199254740993.0000000000000000001", "9007199254740992.5",
            "0.500000000000000166533453693773481063544750213623046875", "1e23", "8.5e-27",
            "4.9e-324", "2.4e-324", "1.7976931348623157e308", ".5", "5.", "-0", "-0.0",
            "00012.50", "1E5", "+3.25",
        ]
        let found = try TextFixture.column(lines, .float64)
        for (line, literal) in zip(lines, found.values) {
            let text = line.hasPrefix(".") ? "0" + line : line.hasSuffix(".") ? line + "0" : line
            #expect(literal == .float(Double(text) ?? .nan), "\(line)")
        }
    }

    @Test("nineteen digits beside the middle between two doubles go to the nearer one")
    func besideHalfway() throws {
        var random = SeededRandom(seed: 3)
        var lines: [String] = []
        for _ in 0..<2_000 {
            // The middle above s / 2^52 is (2 s + 1) / 2^53; cut after 18 digits, and one more.
            let significand = 1 << 52 | (random.next() & (1 << 52 - 1))
            let middle = UInt128(2 * significand + 1) * 1_000_000_000_000_000_000 >> 53
            for digits in [UInt64(middle), UInt64(middle) + 1] {
                let whole = digits / 1_000_000_000_000_000_000
                let fraction = String(digits % 1_000_000_000_000_000_000)
                let zeros = String(repeating: "0", count: 18 - fraction.count)
                lines.append("\(whole).\(zeros)\(fraction)")
            }
        }
        let found = try TextFixture.column(lines, .float64)
        for (line, literal) in zip(lines, found.values) {
            #expect(literal == .float(Double(line) ?? .nan), "\(line)")
        }
    }

    @Test("a float column of 32 bits is rounded once")
    func floats32() throws {
        let found = try TextFixture.column(
            ["1.00000017881393432617187499", "1.000000178813934326171875", "16777217", "0.1"],
            .float32)
        let expected: [Float] = [1.0000001, 1.0000002, 16_777_216, 0.1]
        #expect(found.values == expected.map { .float(Double($0)) })
    }

    @Test("a number beyond the largest float is rejected, as a CAST refuses it")
    func floatOverflow() throws {
        let doubles = [
            "1e400", "-1e400", "1.7976931348623159e308", "17976931348623159e292", "1e999999999",
        ]
        let found = try TextFixture.column(doubles + ["1.7976931348623158e308"], .float64)
        #expect(found.rejects.map { $0.line } == [0, 1, 2, 3, 4])
        #expect(found.values == [.float(.greatestFiniteMagnitude)])
        // The last is halfway between the largest float and what would be the next.
        let floats = [
            "1e39", "-1e39", "1e400", "3.4028236e38", "340282356779733661637539395458142568448",
        ]
        let narrow = try TextFixture.column(
            floats + ["3.4028235e38", "-inf", "Infinity", "nan"], .float32)
        #expect(narrow.rejects.map { $0.line } == [0, 1, 2, 3, 4])
        #expect(
            narrow.values.prefix(3) == [
                .float(Double(Float.greatestFiniteMagnitude)), .float(-.infinity),
                .float(.infinity),
            ])
        #expect(narrow.values.count == 4)
    }

    @Test("integers keep their range and refuse everything else")
    func integers() throws {
        let found = try TextFixture.column(
            [
                "0", "-1", "+7", "007", "9223372036854775807", "-9223372036854775808", " 12 ",
                "00000000000000000000000000042", "123456789012345678",
                "9223372036854775808", "1.0", "1e3", "--1", "12a", "-", "x",
            ], .int64)
        #expect(
            found.values
                == [
                    0, -1, 7, 7, .max, .min, 12, 42, 123_456_789_012_345_678,
                ].map { (value: Int64) in .integer(Int128(value)) })
        #expect(found.rejects.map(\.line) == Array(9...15))
        #expect(found.rejects.first?.reason == "column \"c\": no valid INT64")
    }

    @Test("every digit count parses, with garbage at every place refused")
    func digitCounts() throws {
        for count in 1...18 {
            let digits = (0..<count).map { String(($0 + 1) % 10) }.joined()
            var lines = [digits, "-" + digits]
            for place in 0..<count {
                var broken = Array(digits)
                broken[place] = place % 2 == 0 ? ":" : "/"
                lines.append(String(broken))
            }
            let found = try TextFixture.column(lines, .int64)
            let value = try #require(Int128(digits))
            #expect(found.values == [.integer(value), .integer(-value)])
            #expect(found.rejects.count == count)
        }
    }

    @Test("decimals are exact, and digits beyond the scale must be zeros")
    func decimals() throws {
        let found = try TextFixture.column(
            [
                "1.25", "-0.05", "3", "1.2", "1.2500", "+9.99", ".5", "99999999.99",
                "1.255", "100000000.00", "1e2", "1.2.3", "abc",
            ], .decimal(precision: 10, scale: 2))
        #expect(
            found.values
                == [125, -5, 300, 120, 125, 999, 50, 9_999_999_999].map {
                    .decimal(unscaled: $0, scale: 2)
                })
        #expect(found.rejects.count == 5)
    }

    @Test("dates and timestamps in every form of ISO 8601 that the product reads")
    func times() throws {
        let found = try TextFixture.column(
            [
                "2025-01-01 00:00:00.005", "2025-01-01T00:00:00Z", "2025-01-01",
                "2025-01-01 01:00:00+01:00", "1969-12-31 23:59:59.999999", "2025-01-01 00:00",
                "2025-02-30 00:00:00", "2025-01-01 24:00:00", "2025-01-01 00:00:00.0000001", "now",
            ], .timestamp)
        let start: Int64 = 1_735_689_600_000_000
        #expect(
            found.values == [start + 5_000, start, start, start, -1, start].map { .timestamp($0) })
        #expect(found.rejects.count == 4)
        let days = try TextFixture.column(["1970-01-02", "2024-02-29", "2023-02-29"], .date)
        #expect(days.values == [.date(1), .date(19_782)])
    }

    @Test("booleans, small integers and NULL texts")
    func others() throws {
        let bools = try TextFixture.column(["true", "FALSE", "1", "f", "yes"], .bool)
        #expect(bools.values == [.bool(true), .bool(false), .bool(true), .bool(false)])
        let small = try TextFixture.column(["127", "-128", "128"], .int8)
        #expect(small.values == [.integer(127), .integer(-128)])
        let big = try TextFixture.column(["18446744073709551615", "-1"], .uint64)
        #expect(big.values == [.integer(Int128(UInt64.max))])
        let nulls = try TextFixture.column(
            ["NA", "\"NA\"", "", "\"\"", "x"], .string, nullTexts: ["NA"])
        #expect(
            nulls.values == [
                .null, .string(Array("NA".utf8)), .null, .string([]), .string(Array("x".utf8)),
            ])
    }

    @Test("text that is not UTF-8 rejects its row only")
    func encoding() throws {
        let bytes: [UInt8] = Array("ok,1\nbad\u{1},2\ngut,3\n".utf8).map { $0 == 1 ? 0xE9 : $0 }
        let found = try TextFixture.strings(bytes, columnCount: 2)
        #expect(found.rows == [["ok", "1"], ["gut", "3"]])
        #expect(found.rejects.map(\.reason) == ["column \"c0\": not UTF-8"])
    }

    @Test("rejected rows leave no trace in the others", arguments: 0..<4)
    func rejectedRows(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let distinct = seed % 2 == 0 ? 5 : 1_000_000
        var lines: [String] = []
        var expected: [[Literal]] = []
        var badLines: [Int] = []
        for row in 0..<7_000 {
            let name = "name \(Int.random(in: 0..<distinct, using: &random))"
            let isBad = Int.random(in: 0..<100, using: &random) == 0
            let isNull = Int.random(in: 0..<10, using: &random) == 0
            lines.append("\(isNull ? "" : name),\(isBad ? "x" : String(row)),\(row % 2 == 0)")
            if isBad {
                badLines.append(row)
            } else {
                expected.append([
                    isNull ? .null : .string(Array(name.utf8)), .integer(Int128(row)),
                    .bool(row % 2 == 0),
                ])
            }
        }
        let types: [ColumnType] = [.string, .int64, .bool]
        var plan = ParsePlan(
            dialect: Dialect(), cellCount: 3,
            columns: types.enumerated().map {
                ParseColumn(name: "c\($0)", type: $1, position: $0)
            }, stopsAtMismatch: false)
        plan.batchRowLimit = seed < 2 ? 262_144 : 3_000
        let text = Array(lines.joined(separator: "\n").utf8)
        let parsed = ChunkParser(plan).parse(TextChunk(text))
        #expect(parsed.rejects.map(\.line) == badLines)
        #expect(try TextFixture.literals(parsed) == expected)
        #expect(parsed.batches.count == (seed < 2 ? 1 : 4))
    }

    @Test("a batch fits a frame however long the values are")
    func longValues() throws {
        let value = String(repeating: "x", count: 1_000_000)
        let text = Array(String(repeating: value + "\n", count: 12).utf8)
        let plan = ParsePlan(
            dialect: Dialect(), cellCount: 1,
            columns: [ParseColumn(name: "c", type: .string, position: 0)], stopsAtMismatch: false)
        let parsed = ChunkParser(plan).parse(TextChunk(text))
        #expect(parsed.rowCount == 12)
        #expect(parsed.batches.allSatisfy { $0.bytes.count < 7 << 20 })
        let long = Array((String(repeating: "y", count: (1 << 20) + 1) + "\nz\n").utf8)
        let refused = ChunkParser(plan).parse(TextChunk(long))
        #expect(refused.rowCount == 1)
        #expect(refused.rejects.first?.text.count == RejectedRecord.textByteCountLimit)
    }

    @Test("a column turns from dictionary to plain strings without losing a row", arguments: 0..<4)
    func dictionaries(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let distinct = [3, 700, 5_000, 100_000][Int(seed)]
        let lines = (0..<9_000).map { row -> String in
            if row % 97 == 0 { return "," }
            let number = Int.random(in: 0..<distinct, using: &random)
            return "name \(number),\"a \"\"\(number % 11)\"\"\""
        }
        let text = Array(lines.joined(separator: "\n").utf8)
        let found = try TextFixture.strings(text, columnCount: 2)
        let expected = lines.map { line -> [String?] in
            if line == "," { return [nil, nil] }
            let parts = line.split(separator: ",")
            let quoted = parts[1].dropFirst().dropLast()
            return [String(parts[0]), String(quoted).replacing("\"\"", with: "\"")]
        }
        #expect(found.rows == expected)
    }
}
