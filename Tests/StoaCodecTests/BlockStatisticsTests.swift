import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct BlockStatisticsTests {
    @Test(
        "bounds and sum of integers are exact, signed and unsigned",
        arguments: IntegerShape.allCases)
    func integers(shape: IntegerShape) {
        let values = shape.values()
        for nulls in NullShape.allCases where nulls == .none || values.count > 1 {
            for isUnsigned in [false, true] {
                let present = values.indices.filter { !nulls.isNull($0, of: values.count) }.map {
                    isUnsigned ? Int128(UInt64(bitPattern: values[$0])) : Int128(values[$0])
                }
                guard let least = present.min(), let greatest = present.max() else { continue }
                let block = BlockFixture.encode(values, isUnsigned: isUnsigned, nulls: nulls)
                #expect(
                    block.statistics
                        == BlockStatistics(
                            rowCount: values.count, nullCount: values.count - present.count,
                            bounds: .integers(min: least, max: greatest),
                            sum: present.reduce(0, +)))
            }
        }
    }

    @Test("the sum of a full block of extremes does not overflow")
    func extremes() {
        let least = BlockFixture.encode([Int64](repeating: .min, count: 65_536))
        #expect(least.statistics.sum == Int128(Int64.min) * 65_536)
        let greatest = BlockFixture.encode([Int64](repeating: -1, count: 65_536), isUnsigned: true)
        #expect(greatest.statistics.sum == Int128(UInt64.max) * 65_536)
    }

    @Test("bounds of floats follow the total order: -0.0 equals 0.0 and NaN is the greatest")
    func floats() {
        func bounds(_ values: [Double]) -> BlockStatistics.Bounds {
            let statistics = BlockFixture.encode(values).statistics
            #expect(statistics.sum == nil, "sums of floats would depend on the order of addition")
            return statistics.bounds
        }
        #expect(bounds([1.5, -2.5, 0]) == .floats(min: -2.5, max: 1.5))
        #expect(bounds([.infinity, -.infinity, 3]) == .floats(min: -.infinity, max: .infinity))
        guard case .floats(let low, let high) = bounds([.nan, .infinity, 7, -.nan]) else {
            Issue.record("floats have bounds")
            return
        }
        #expect(low == 7 && high.isNaN)
        guard case .floats(let zero, let alsoZero) = bounds([0.0, -0.0]) else { return }
        #expect(zero == 0 && alsoZero == 0)
    }

    @Test("bounds of strings are the strings, or sound when they are long")
    func strings() {
        let block = BlockFixture.encode(["b", "a", "ab", ""], nulls: .last)
        #expect(block.statistics.bounds == .strings(min: [0x61], max: [0x62], isExact: true))
        #expect(block.statistics.nullCount == 1)
        let long = String(repeating: "z", count: 70)
        guard
            case .strings(let low, let high, let isExact) =
                BlockFixture.encode([long, long + "z", "zz"]).statistics.bounds
        else {
            Issue.record("strings have bounds")
            return
        }
        #expect(!isExact && low.count <= 64)
        #expect(low.lexicographicallyPrecedes(Array(long.utf8)) || low == Array("zz".utf8))
        #expect(Array((long + "z").utf8).lexicographicallyPrecedes(high ?? [0xFF]))
        let last = [UInt8](repeating: 0xF4, count: 1) + [0x8F, 0xBF, 0xBF]
        let greatest = String(repeating: String(decoding: last, as: UTF8.self), count: 20)
        guard case .strings(_, let bound, _) = BlockFixture.encode([greatest]).statistics.bounds
        else { return }
        #expect(Array(greatest.utf8).lexicographicallyPrecedes(bound ?? [0xFF]))
    }

    @Test(
        "a block of nulls knows nothing, takes two units and reads as nulls",
        arguments: [
            BlockKind.integers(isUnsigned: true), .float32, .float64, .strings, .codes,
        ])
    func allNull(kind: BlockKind) throws {
        let words = [UInt64](repeating: 0, count: 40)
        let zeros = [UInt64](repeating: 0, count: 2_501)
        let block = words.withUnsafeBufferPointer { validity in
            zeros.withUnsafeBytes { raw in
                let address = raw.baseAddress!
                let input: BlockInput =
                    switch kind {
                    case .integers:
                        .integers(
                            address.assumingMemoryBound(to: Int64.self),
                            isUnsigned: true)
                    case .float32: .float32(address.assumingMemoryBound(to: Float.self))
                    case .float64: .float64(address.assumingMemoryBound(to: Double.self))
                    case .strings:
                        .strings(
                            offsets: address.assumingMemoryBound(to: UInt32.self), bytes: address)
                    case .codes: .codes(address.assumingMemoryBound(to: UInt32.self))
                    }
                return BlockEncoder.encode(input, rowCount: 2_500, validity: validity.baseAddress)
            }
        }
        #expect(block.bytes.count == 128)
        #expect(
            block.statistics
                == BlockStatistics(
                    rowCount: 2_500, nullCount: 2_500, bounds: .none))
        let reader = try BlockReader(
            Bytes(block.bytes), kind: kind, rowCount: 2_500, dictionary: nil)
        #expect(reader.nullCount == 2_500)
        let isNull = BlockFixture.readAll(reader).allSatisfy { $0 == .null }
        #expect(isNull)
    }
}
