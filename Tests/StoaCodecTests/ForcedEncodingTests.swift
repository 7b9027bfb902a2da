import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Every encoding of numbers on every shape, also where another one is smaller.
@Suite struct ForcedEncodingTests {
    typealias Cell = BlockFixture.Cell

    enum Forced: String, CaseIterable {
        case constant, plain, frameOfReference, delta, runLength, lz4
        case sequence, doubleDelta, dictionary, sparse

        var encoding: Encoding {
            switch self {
            case .constant: .constant
            case .plain: .plain
            case .frameOfReference: .frameOfReference
            case .delta: .delta
            case .runLength: .runLength
            case .lz4: .lz4
            case .sequence: .sequence
            case .doubleDelta: .doubleDelta
            case .dictionary: .dictionary
            case .sparse: .sparse
            }
        }
    }

    static func encode(
        _ values: [Int64], _ forced: Forced, nulls: NullShape, isCompact: Bool,
        isUnsigned: Bool = false
    ) -> EncodedBlock? {
        BlockFixture.withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .integers($0.baseAddress!, isUnsigned: isUnsigned), rowCount: values.count,
                    validity: validity, forcing: forced.encoding, isCompact: isCompact)
            }
        }
    }

    @Test("every encoding gives back what PLAIN gives back", arguments: Forced.allCases)
    func differential(forced: Forced) throws {
        var blockCount = 0
        for shape in IntegerShape.allCases {
            let values = shape.values(seed: 7)
            for nulls in NullShape.allCases {
                for isCompact in nulls == .none ? [true] : [true, false] {
                    guard
                        let block = Self.encode(
                            values, forced, nulls: nulls, isCompact: isCompact)
                    else { continue }
                    let reader = try BlockReader(
                        Bytes(block.bytes), kind: .integers(isUnsigned: false),
                        rowCount: values.count, dictionary: nil)
                    #expect(reader.description == block.description)
                    let expected = BlockRoundTripTests.cells(values, nulls)
                    let isSame = BlockFixture.readAll(reader) == expected
                    #expect(isSame, "\(shape) \(nulls) \(block.description)")
                    blockCount += 1
                }
            }
        }
        let isRare = forced == .constant || forced == .sequence
        #expect(blockCount >= (isRare ? 8 : 20), "the encoding was tried")
    }

    @Test("a read at any whole vector equals that part of a full read", arguments: Forced.allCases)
    func offsets(forced: Forced) throws {
        for shape in [IntegerShape.skewed, .risingWithGaps, .shortRuns, .outliers, .clustered] {
            for nulls in [NullShape.none, .alternating, .wholeVectors] {
                let values = Array(shape.values().prefix(7_500))
                guard let block = Self.encode(values, forced, nulls: nulls, isCompact: true) else {
                    continue
                }
                let reader = try BlockReader(
                    Bytes(block.bytes), kind: .integers(isUnsigned: false),
                    rowCount: values.count, dictionary: nil)
                let all = BlockFixture.readAll(reader)
                let scratch = VectorScratch()
                for first in stride(from: 0, to: values.count, by: 1_024) {
                    for count in [1, 63, 64, 1_000, 1_024, 2_049, 4_096] {
                        let rowCount = min(count, values.count - first)
                        let part = BlockFixture.read(reader, first, rowCount, scratch)
                        let isSame = part == Array(all[first..<first + rowCount])
                        #expect(isSame, "\(shape) \(nulls) \(first) \(count)")
                    }
                }
            }
        }
    }

    @Test("narrow values arrive in narrow lanes")
    func lanes() throws {
        func lane(_ values: [Int64]) throws -> Lane? {
            let block = BlockFixture.encode(values)
            let reader = try BlockReader(
                Bytes(block.bytes), kind: .integers(isUnsigned: false), rowCount: values.count,
                dictionary: nil)
            let vector = reader.read(firstRow: 0, rowCount: 4_096, into: VectorScratch())
            guard case .integers(let numbers) = vector.content else { return nil }
            return numbers.lane
        }
        #expect(try lane(IntegerShape.allTheSame.values()) == .constant)
        #expect(try lane(IntegerShape.randomBytes.values()) == .u8)
        #expect(try lane(IntegerShape.randomNarrow.values()) == .u16)
        #expect(try lane(IntegerShape.multiples.values()) == .u16)
        #expect(try lane(IntegerShape.timestamps.values()) == .u32)
        #expect(try lane(IntegerShape.randomWide.values()) == .u64)
    }
}
