import StoaBase
import StoaCompute
import StoaModel
import Testing

/// Sums over narrow lanes against sums of plain numbers.
@Suite struct LaneSumsTests {
    static let lanes: [Lane] = [.constant, .u8, .u16, .u32]

    /// Numbers of a lane, the least and the greatest among them.
    static func numbers(_ lane: Lane, seed: UInt64) -> [UInt64] {
        var random = SeededRandom(seed: seed)
        let limit = lane == .constant ? 0 : (UInt64(1) << UInt64(lane.byteCount * 8)) - 1
        return (0..<3_000).map { row in
            row == 70 ? limit : row == 71 ? 0 : random.next() & limit
        }
    }

    static func withVector<Result>(
        _ numbers: [UInt64], _ lane: Lane, _ body: (Vector.Integers) -> Result
    ) -> Result {
        let memory = UnsafeMutableRawPointer.allocate(
            byteCount: numbers.count * 8 + 64, alignment: 64)
        defer { memory.deallocate() }
        for (row, number) in numbers.enumerated() {
            switch lane {
            case .constant: break
            case .u8: memory.storeBytes(of: UInt8(number), toByteOffset: row, as: UInt8.self)
            case .u16:
                memory.storeBytes(of: UInt16(number), toByteOffset: row * 2, as: UInt16.self)
            case .u32:
                memory.storeBytes(of: UInt32(number), toByteOffset: row * 4, as: UInt32.self)
            case .u64: memory.storeBytes(of: number, toByteOffset: row * 8, as: UInt64.self)
            }
        }
        return body(Vector.Integers(lane: lane, values: memory))
    }

    /// Masks with stretches, single rows, all rows and none.
    static func masks(rowCount: Int) -> [[UInt64]] {
        var random = SeededRandom(seed: 9)
        let wordCount = (rowCount + 63) / 64
        let last = UInt64.max >> UInt64(wordCount * 64 - rowCount)
        let all: [[UInt64]] = [
            .init(repeating: .max, count: wordCount), .init(repeating: 0, count: wordCount),
            (0..<wordCount).map { $0 % 3 == 0 ? random.next() : .max },
            (0..<wordCount).map { $0 == 1 ? 1 << 6 : 0 },
        ]
        return all.map { words in
            var words = words
            words[wordCount - 1] &= last
            return words
        }
    }

    @Test(
        "sums and bounds are those of the selected rows",
        arguments: lanes)
    func sums(lane: Lane) {
        let a = Self.numbers(lane, seed: 1)
        for mask in Self.masks(rowCount: a.count) {
            let rows = a.indices.filter { mask[$0 / 64] >> UInt64($0 % 64) & 1 == 1 }
            Self.withVector(a, lane) { vector in
                #expect(
                    LaneSums.sum(vector, mask: mask, rowCount: a.count)
                        == rows.reduce(0) { $0 + a[$1] })
                let bounds = LaneSums.bounds(vector, mask: mask, rowCount: a.count)
                #expect(bounds?.lowerBound == rows.map { a[$0] }.min())
                #expect(bounds?.upperBound == rows.map { a[$0] }.max())
            }
        }
    }

    @Test(
        "sums of products are those of the selected rows' values, modulo 2^64",
        arguments: lanes, lanes)
    func productSums(left: Lane, right: Lane) {
        // An odd number of rows: kernels take two at a time.
        let a = Array(Self.numbers(left, seed: 1).dropLast()), b = Self.numbers(right, seed: 2)
        let lines: [(base: Int64, multiplier: Int64)] = [(0, 1), (-7, 1), (1 << 40, 100)]
        for mask in Self.masks(rowCount: a.count) + [nil] {
            let rows = a.indices.filter { row in
                mask.map { $0[row / 64] >> UInt64(row % 64) & 1 == 1 } ?? true
            }
            for (first, second) in zip(lines, lines.reversed()) + [(lines[0], lines[0])] {
                let expected = rows.reduce(Int64(0)) { sum, row in
                    let n = first.base &+ first.multiplier &* Int64(a[row])
                    return sum &+ n &* (second.base &+ second.multiplier &* Int64(b[row]))
                }
                let found = Self.withVector(a, left) { leftLine in
                    Self.withVector(b, right) { rightLine in
                        var (leftLine, rightLine) = (leftLine, rightLine)
                        (leftLine.base, leftLine.multiplier) = first
                        (rightLine.base, rightLine.multiplier) = second
                        return LaneSums.productSum(
                            leftLine, rightLine, mask: mask, rowCount: a.count)
                    }
                }
                #expect(found.total == expected)
                #expect(found.count == rows.count)
            }
        }
    }

    @Test(
        "products of values of 32 bits are exact", arguments: lanes.dropFirst(), lanes.dropFirst())
    func products(left: Lane, right: Lane) {
        let a = Self.numbers(left, seed: 3), b = Self.numbers(right, seed: 4)
        var found = [Int64](repeating: 0, count: a.count)
        Self.withVector(a, left) { first in
            Self.withVector(b, right) { second in
                var first = first
                (first.base, first.multiplier) = left == .u32 ? (0, 1) : (5, 3)
                found.withUnsafeMutableBufferPointer {
                    LaneProducts.multiply(
                        first, second, rowCount: a.count, into: $0.baseAddress!)
                }
            }
        }
        let expected = zip(a, b).map { left == .u32 ? $0 &* $1 : ($0 * 3 + 5) &* $1 }
        #expect(found == expected.map { Int64(bitPattern: $0) })
    }
}
