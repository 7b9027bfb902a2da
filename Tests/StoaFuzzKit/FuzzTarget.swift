internal import StoaBase
internal import StoaCodec

/// What is fuzzed: each takes any bytes and must come back. A trap, a read out of bounds or an
/// endless loop is a finding.
package enum FuzzTarget: String, CaseIterable, Sendable {
    // One block of a kind, checked and read whole. Checksums are not in the way.
    case integers, unsigned, float32, float64, strings, codes
    /// The dictionary of a column.
    case dictionary
    /// A whole segment file; its own checksums are set right first.
    case segment
    /// A row batch as clients send it.
    case batch
    /// A CSV file, from the guess of its dialect to its batches.
    case csv
    /// The bytes of a file, decompressed and decoded; the first says how.
    case input
    /// A statement, parsed and bound.
    case sql
    /// Traps when it is given the right six bytes: shows that the fuzzer finds what is there.
    case planted

    /// The targets that are fuzzed for findings.
    package static var all: [FuzzTarget] { allCases.filter { $0 != .planted } }

    /// Runs the target on one input.
    package func run(_ input: UnsafeRawBufferPointer) {
        switch self {
        case .integers: BlockFuzz.run(input, kind: .integers(isUnsigned: false))
        case .unsigned: BlockFuzz.run(input, kind: .integers(isUnsigned: true))
        case .float32: BlockFuzz.run(input, kind: .float32)
        case .float64: BlockFuzz.run(input, kind: .float64)
        case .strings: BlockFuzz.run(input, kind: .strings)
        case .codes: BlockFuzz.run(input, kind: .codes)
        case .dictionary: DictionaryFuzz.run(input)
        case .segment: SegmentFuzz.run(input)
        case .batch: TextFuzz.batch(input)
        case .csv: TextFuzz.csv(input)
        case .input: TextFuzz.input(input)
        case .sql: TextFuzz.sql(input)
        case .planted: Self.trap(input)
        }
    }

    private static func trap(_ input: UnsafeRawBufferPointer) {
        let word: [UInt8] = Array("STOA!?".utf8)
        var isSame = input.count >= word.count
        // One comparison a byte, so that the fuzzer is led from one to the next.
        for (index, byte) in word.enumerated() where isSame {
            if input[index] != byte { isSame = false }
        }
        invariant(!isSame, "the planted trap was found")
    }
}
