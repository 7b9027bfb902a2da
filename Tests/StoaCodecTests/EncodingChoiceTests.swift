import Glibc
import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Which encoding realistic columns take, and what a value costs.
@Suite struct EncodingChoiceTests {
    /// What the blocks of a column became.
    struct Outcome {
        var encoding: Encoding
        var text: String
        /// Per value that is not null.
        var bits: Double
    }

    /// Encodes a column block by block, each after the one before, and reads every block back.
    static func outcome(
        _ input: (Int) -> BlockInput, rowCount: Int, validity: UnsafePointer<UInt64>? = nil
    ) throws -> Outcome {
        var byteCount = 0, valueCount = 0
        var last: EncodedBlock?
        for first in stride(from: 0, to: rowCount, by: 65_536) {
            let count = min(65_536, rowCount - first)
            let block = BlockEncoder.encode(
                input(first), rowCount: count, validity: validity.map { $0 + first / 64 },
                like: last?.hint)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: input(first).kind, rowCount: count, dictionary: nil)
            #expect(reader.description == block.description)
            byteCount += block.bytes.count
            valueCount += count - block.statistics.nullCount
            last = block
        }
        let block = try #require(last)
        let child = try BlockReader(
            Bytes(block.bytes), kind: input(0).kind,
            rowCount: block.statistics.rowCount, dictionary: nil
        ).nodes().first { $0.encoding != .masked && $0.encoding != .nullable }
        return Outcome(
            encoding: try #require(child).encoding, text: block.description,
            bits: Double(byteCount * 8) / Double(valueCount))
    }

    static func outcome(_ values: [Int64]) throws -> Outcome {
        try values.withUnsafeBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            return try outcome(
                { .integers(start + $0, isUnsigned: false) }, rowCount: values.count)
        }
    }

    static func outcome(_ values: [Double], validity: [UInt64]? = nil) throws -> Outcome {
        try values.withUnsafeBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            guard let validity else {
                return try outcome({ .float64(start + $0) }, rowCount: values.count)
            }
            return try validity.withUnsafeBufferPointer { words in
                try outcome(
                    { .float64(start + $0) }, rowCount: values.count,
                    validity: words.baseAddress)
            }
        }
    }

    @Test("the columns of trades cost little more than their entropy")
    func trades() throws {
        let sample = TradesSample(rowCount: 100_000, seed: 20_261_121)
        var found: [String: Outcome] = [:]
        for column in sample.columns { found[column.name] = try Self.outcome(column.values) }
        found["signal"] = try Self.outcome(sample.signal, validity: sample.signalValidity)
        for (name, outcome) in found.sorted(by: { $0.key < $1.key }) {
            Self.report(name, outcome)
        }
        let limits: [(String, Encoding, Double)] = [
            ("ts", .delta, 6), ("order", .delta, 0.2), ("customer_id", .plain, 16.1),
            ("ticker", .frameOfReference, 9.2), ("quantity", .frameOfReference, 9.6),
            ("price", .frameOfReference, 18.2), ("fees", .frameOfReference, 25.3),
            // The bit that says whether there is a signal costs 1.43 of them.
            ("signal", .alpRealDouble, 56.6 + 1.45),
        ]
        for (name, encoding, bits) in limits {
            let outcome = try #require(found[name])
            #expect(outcome.encoding == encoding, "\(name): \(outcome.text)")
            #expect(outcome.bits <= bits, "\(name): \(outcome.text)")
        }
    }

    /// Columns of other trades, each with the encoding that it must take and the most bits that a
    /// value may cost.
    enum Column: String, CaseIterable {
        case version, rowNumber, hash, meter, valve, instrument, rate, errors, profile, celsius
        case invoice

        var expected: (encoding: Encoding, bits: Double) {
            switch self {
            case .version: (.constant, 0.1)
            case .rowNumber: (.sequence, 0.1)
            case .hash: (.plain, 64.1)
            case .meter: (.doubleDelta, 8)
            case .valve: (.runLength, 0.5)
            case .instrument: (.dictionary, 8.6)
            case .rate: (.dictionary, 5.3)
            case .errors: (.sparse, 1.1)
            case .profile: (.lz4, 10)
            case .celsius: (.alp, 12.1)
            case .invoice: (.delta, 0.2)
            }
        }

        func integers(_ count: Int) -> [Int64]? {
            var random = SeededRandom(seed: 5)
            let some = (0..<1_000).map { _ in Int64(bitPattern: random.next()) }
            var state: Int64 = 1_000_000, pace: Int64 = 500_000
            switch self {
            case .rate, .celsius: return nil
            default: break
            }
            return (0..<count).map { row in
                let bits = random.next()
                switch self {
                case .version: return 3
                case .rowNumber: return Int64(row) * 10 + 7
                case .meter:
                    pace += Int64(bits % 101) - 50
                    state += pace
                    return state
                case .valve:
                    if bits % 200 == 0 { state = Int64(bits >> 40 % 100) }
                    return state
                case .instrument: return some[Int(bits % 230)]
                case .errors: return bits % 50 == 0 ? Int64(bits >> 44) : 0
                case .profile: return some[row % 1_000]
                case .invoice:
                    state += bits % 9_000 == 0 ? 1_000_003 : 10
                    return state
                default: return Int64(bitPattern: bits)
                }
            }
        }

        func doubles(_ count: Int) -> [Double] {
            var random = SeededRandom(seed: 6)
            let rates = (0..<30).map { _ in Double(random.next() >> 11) * 0x1p-53 }
            return (0..<count).map { _ in
                let bits = random.next()
                return self == .rate
                    ? rates[Int(bits % 30)] : Double(Int64(bits % 4_000) - 1_000) / 100
            }
        }
    }

    @Test("every encoding of numbers is right for some column", arguments: Column.allCases)
    func columns(column: Column) throws {
        let outcome =
            try column.integers(100_000).map { try Self.outcome($0) }
            ?? Self.outcome(column.doubles(100_000))
        Self.report(column.rawValue, outcome)
        #expect(outcome.encoding == column.expected.encoding, "\(outcome.text)")
        #expect(outcome.bits <= column.expected.bits, "\(outcome.bits) \(outcome.text)")
    }

    @Test("the counts of a sample file are sparse or narrow")
    func birdstrikes() throws {
        let path = String(#filePath).replacing(
            "Tests/StoaCodecTests/EncodingChoiceTests.swift", with: "")
        let lines = try Self.lines(of: path + "tools/samples/birdstrikes.csv")
        try #require(lines.count > 9_000)
        let limits: [(name: String, column: Int, bits: Double)] = [
            ("cost_other", 10, 0.6), ("cost_repair", 11, 1), ("cost_total", 12, 1.2),
            ("speed", 13, 9),
        ]
        for (name, column, bits) in limits {
            let values = lines.dropFirst().map { line -> Int64 in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false)
                return column < cells.count ? Int64(cells[column]) ?? 0 : 0
            }
            let outcome = try Self.outcome(values)
            Self.report(name, outcome)
            #expect(outcome.bits <= bits, "\(name): \(outcome.bits) \(outcome.text)")
        }
    }

    private static func lines(of path: String) throws -> [Substring] {
        let file = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(file) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            text += buffer[..<count]
        }
        return String(decoding: text, as: UTF8.self).split(whereSeparator: \.isNewline)
    }

    /// For whoever tunes the chooser: `STOA_PRINT_CHOICES=1` prints a line per column.
    private static func report(_ name: String, _ outcome: Outcome) {
        guard getenv("STOA_PRINT_CHOICES") != nil else { return }
        let bits = (outcome.bits * 100).rounded() / 100
        print("\(name): \(bits) bits, \(outcome.text)")
    }
}
