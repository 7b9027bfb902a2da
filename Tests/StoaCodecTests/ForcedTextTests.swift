import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Every encoding of strings on every shape, also where another one is smaller.
@Suite struct ForcedTextTests {
    typealias Cell = BlockFixture.Cell

    enum Forced: String, CaseIterable {
        case constant, plain, lz4, numericString, fsst, front

        var encoding: Encoding {
            switch self {
            case .constant: .constant
            case .plain: .plain
            case .lz4: .lz4
            case .numericString: .numericString
            case .fsst: .fsst
            case .front: .frontCoded
            }
        }
    }

    static func encode(
        _ strings: [String], _ forced: Forced, nulls: NullShape = .none
    ) -> EncodedBlock? {
        BlockFixture.withText(strings, nulls: nulls) { input, validity in
            BlockEncoder.encode(
                input, rowCount: strings.count, validity: validity, forcing: forced.encoding)
        }
    }

    static func open(_ block: EncodedBlock, rowCount: Int) throws -> BlockReader {
        try BlockReader(Bytes(block.bytes), kind: .strings, rowCount: rowCount, dictionary: nil)
    }

    private static func cells(_ strings: [String], _ nulls: NullShape) -> [Cell] {
        strings.enumerated().map { row, string in
            nulls.isNull(row, of: strings.count) ? .null : .string(Array(string.utf8))
        }
    }

    @Test("every encoding gives back the strings", arguments: Forced.allCases)
    func differential(forced: Forced) throws {
        var blockCount = 0
        for shape in TextShape.allCases {
            let strings = shape.strings(seed: 7)
            for nulls in NullShape.allCases {
                guard let block = Self.encode(strings, forced, nulls: nulls) else { continue }
                // That the reader accepts it proves the predicted size.
                let reader = try Self.open(block, rowCount: strings.count)
                #expect(reader.description == block.description)
                let isSame = BlockFixture.readAll(reader) == Self.cells(strings, nulls)
                #expect(isSame, "\(shape) \(nulls) \(block.description)")
                _ = reader.nodes()
                blockCount += 1
            }
        }
        #expect(blockCount >= (forced == .constant ? 3 : 10), "the encoding was tried")
    }

    @Test("a read at any whole vector equals that part of a full read", arguments: Forced.allCases)
    func offsets(forced: Forced) throws {
        for shape in TextShape.allCases where shape != .huge {
            for nulls in [NullShape.none, .alternating, .wholeVectors] {
                let strings = shape.strings(seed: 3)
                guard let block = Self.encode(strings, forced, nulls: nulls) else { continue }
                let reader = try Self.open(block, rowCount: strings.count)
                let all = BlockFixture.readAll(reader)
                let scratch = VectorScratch()
                for first in stride(from: 0, to: strings.count, by: 1_024).reversed() {
                    for count in [1, 64, 1_000, 1_024, 2_049, 4_096] {
                        let rowCount = min(count, strings.count - first)
                        let part = BlockFixture.read(reader, first, rowCount, scratch)
                        let isSame = part == Array(all[first..<first + rowCount])
                        #expect(isSame, "\(shape) \(nulls) \(first) \(count)")
                    }
                }
            }
        }
    }

    @Test("what an encoding answers is what the strings answer", arguments: 0..<4)
    func filters(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var answeredCount = 0
        let scratch = VectorScratch()
        for shape in TextShape.allCases where shape != .huge {
            let strings = shape.strings(seed: seed)
            for nulls in [NullShape.none, .alternating, .wholeVectors] {
                guard let block = Self.encode(strings, .numericString, nulls: nulls) else {
                    continue
                }
                let reader = try Self.open(block, rowCount: strings.count)
                for _ in 0..<20 {
                    let test = Self.test(strings, &random)
                    let first = min(1_024 * Int(random.next() % 4), strings.count / 1_024 * 1_024)
                    let rowCount = min(
                        strings.count - first, 1 + Int(random.next() % UInt64(strings.count)))
                    var mask = [UInt64](repeating: .max, count: (rowCount + 63) / 64)
                    if rowCount % 64 != 0 { mask[rowCount / 64] = (1 << UInt64(rowCount % 64)) - 1 }
                    let isAnswered = mask.withUnsafeMutableBufferPointer {
                        reader.filter(
                            .strings(test), firstRow: first, rowCount: rowCount,
                            keeping: $0.baseAddress!, scratch: scratch)
                    }
                    guard isAnswered else { continue }
                    answeredCount += 1
                    let found = (0..<rowCount).map { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
                    let expected = (0..<rowCount).map { row in
                        !nulls.isNull(first + row, of: strings.count)
                            && Array(strings[first + row].utf8).withUnsafeBytes(test.matches)
                    }
                    #expect(found == expected, "\(shape) \(nulls) \(test)")
                }
            }
        }
        #expect(answeredCount > 100)
    }

    /// A test about strings of the column, cut and changed.
    private static func test(_ strings: [String], _ random: inout SeededRandom) -> StringTest {
        func value() -> [UInt8] {
            var bytes = Array(strings[Int(random.next() % UInt64(strings.count))].utf8)
            if random.next() % 2 == 0 {
                bytes.removeLast(Int(random.next() % 4) % (bytes.count + 1))
            }
            if random.next() % 4 == 0 { bytes.append(0x30 + UInt8(random.next() % 10)) }
            return bytes
        }
        switch random.next() % 4 {
        case 0: return .equal(value())
        case 1: return .prefix(value())
        case 2: return .range(min: value(), max: nil)
        default: return .range(min: value(), max: value())
        }
    }

    @Test("single rows that are gathered are the rows of a read", arguments: Forced.allCases)
    func gathers(forced: Forced) throws {
        var random = SeededRandom(seed: 11)
        for shape in TextShape.allCases where shape != .huge {
            for nulls in [NullShape.none, .alternating] {
                let strings = shape.strings(seed: 5)
                guard let block = Self.encode(strings, forced, nulls: nulls) else { continue }
                let reader = try Self.open(block, rowCount: strings.count)
                let expected = Self.cells(strings, nulls)
                let step = 1 + Int(random.next() % 90)
                let rows = stride(from: 0, to: strings.count, by: step).prefix(4_096).map {
                    UInt16($0)
                }
                let scratch = VectorScratch()
                let vector = rows.withUnsafeBufferPointer {
                    reader.gather($0.baseAddress!, count: rows.count, into: scratch)
                }
                let found = rows.indices.map { BlockFixture.cell(vector, $0) }
                #expect(found == rows.map { expected[Int($0)] }, "\(shape) \(nulls)")
            }
        }
    }
}

/// Strings of many kinds.
enum TextShape: String, CaseIterable {
    case empty, one, huge, nonASCII, digits, leadingZeros, longDigits, orders, counters
    case mixedTemplates, withExceptions, urls, logLines, names, random, sortedWords, sparseText

    var rowCount: Int {
        switch self {
        case .one: 1
        case .huge: 12
        default: 5_000
        }
    }

    private static let words = [
        "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
        "Größe", "naïve", "東京", "😀",
    ]

    func strings(seed: UInt64) -> [String] {
        var random = SeededRandom(seed: seed)
        let rows = (0..<rowCount).map { row in string(row, &random) }
        return self == .sortedWords
            ? Array(Set(rows)).sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            : rows
    }

    private func string(_ row: Int, _ random: inout SeededRandom) -> String {
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        func word() -> String { Self.words[pick(Self.words.count)] }
        switch self {
        case .empty: return ""
        case .one: return "ORD-17"
        case .huge:
            return row == 5
                ? String(repeating: "x", count: 1 << 20)
                : String(repeating: "\(word())\(row) ", count: 1 << (2 * (row % 9)))
        case .nonASCII: return String(repeating: word(), count: pick(4))
        case .digits: return "\(pick(1_000_000))"
        case .leadingZeros: return "A" + Self.padded(pick(50_000), 7)
        case .longDigits: return Self.padded(pick(1 << 40), 19 + row % 3)
        case .orders: return "ORD-" + Self.padded(row * 7_919 % 1_000_000_000, 9)
        case .counters: return "item\(row)"
        case .mixedTemplates:
            return ["EU-", "US-", "größe", ""][pick(4)] + Self.padded(pick(999), 3 + pick(3))
        case .withExceptions: return row % 90 == 17 ? "none of \(word())" : "C\(10_000 + row)"
        case .urls: return "https://example.org/\(word())/\(pick(90))/page-\(pick(5_000)).html"
        case .logLines:
            return
                "2026-03-0\(1 + pick(9)) ERROR [\(word())] request \(pick(1 << 30)) failed after "
                + "\(pick(900)) ms: connection reset by peer"
        case .names: return word().capitalized + " " + word().capitalized + "sson"
        case .random:
            return String((0..<12).map { _ in Character(UnicodeScalar(UInt8(33 + pick(94)))) })
        case .sortedWords: return "\(word())-\(word())-\(word())/\(pick(400))/x"
        case .sparseText: return pick(20) == 0 ? word() : ""
        }
    }

    static func padded(_ number: Int, _ digitCount: Int) -> String {
        let digits = "\(number)"
        return String(repeating: "0", count: max(0, digitCount - digits.count)) + digits
    }
}

extension String {
    fileprivate var capitalized: String { prefix(1).uppercased() + dropFirst() }
}
