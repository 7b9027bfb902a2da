import StoaBase
import StoaCompute
import StoaModel

/// A seeded vector of one lane beside its values in plain 128-bit form.
final class LaneFixture {
    let rowCount: Int
    let values: [Int128]
    let isValid: [Bool]
    private let memory: UnsafeMutableRawPointer
    private let validity: UnsafeMutablePointer<UInt64>
    let integers: Vector.Integers

    /// - Parameter isUnsigned: Whether the 64-bit pattern of each value is unsigned.
    init(_ lane: Lane, seed: UInt64, rowCount: Int = 4_000, isUnsigned: Bool = false) {
        var random = SeededRandom(seed: seed)
        self.rowCount = rowCount
        memory = .allocate(byteCount: rowCount * 8 + 64, alignment: 64)
        validity = .allocate(capacity: rowCount / 64 + 1)
        validity.initialize(repeating: 0, count: rowCount / 64 + 1)
        let isPlain = seed % 3 == 0
        // Bases near the ends of 64 bits too, where a line wraps.
        let wild = Int64(truncatingIfNeeded: random.next())
        let base = isPlain ? 0 : seed % 4 == 1 ? wild % 50 : wild >> (seed % 3 * 20)
        let multiplier =
            seed % 2 == 0 || seed % 5 == 0 || isPlain ? 1 : Int64(random.next() % 100) + 1
        var values: [Int128] = []
        var isValid: [Bool] = []
        for row in 0..<rowCount {
            let number = lane == .constant ? 0 : Self.number(lane, &random)
            switch lane {
            case .constant: break
            case .u8: memory.storeBytes(of: UInt8(number), toByteOffset: row, as: UInt8.self)
            case .u16:
                memory.storeBytes(of: UInt16(number), toByteOffset: row * 2, as: UInt16.self)
            case .u32:
                memory.storeBytes(of: UInt32(number), toByteOffset: row * 4, as: UInt32.self)
            case .u64: memory.storeBytes(of: number, toByteOffset: row * 8, as: UInt64.self)
            }
            let pattern = base &+ multiplier &* Int64(bitPattern: number)
            values.append(isUnsigned ? Int128(UInt64(bitPattern: pattern)) : Int128(pattern))
            let valid = random.next() % 4 != 0
            isValid.append(valid)
            if valid { validity[row >> 6] |= 1 << UInt64(row & 63) }
        }
        self.values = values
        self.isValid = isValid
        integers = Vector.Integers(
            lane: lane, values: memory, base: base, multiplier: multiplier)
    }

    deinit {
        memory.deallocate()
        validity.deallocate()
    }

    private static func number(_ lane: Lane, _ random: inout SeededRandom) -> UInt64 {
        let wild = random.next()
        switch lane {
        case .constant: return 0
        case .u8: return wild & 0xFF
        case .u16: return wild & 0xFFFF
        case .u32: return wild & 0xFFFF_FFFF
        // Sizes of every kind, the ends of the range too.
        case .u64: return wild % 16 == 0 ? 1 << 63 : wild >> (random.next() % 64)
        }
    }

    var validMask: UnsafePointer<UInt64> { UnsafePointer(validity) }
}

/// A mask as booleans.
func bits(_ mask: UnsafePointer<UInt64>, _ rowCount: Int) -> [Bool] {
    (0..<rowCount).map { MaskWords.isSet(mask, $0) }
}

/// Runs `body` with room for a mask of a full batch.
func withMask<Result>(
    _ body: (UnsafeMutablePointer<UInt64>) throws -> Result
) rethrows -> Result {
    let mask = UnsafeMutablePointer<UInt64>.allocate(capacity: MaskWords.wordCountLimit + 1)
    mask.initialize(repeating: 0, count: MaskWords.wordCountLimit + 1)
    defer { mask.deallocate() }
    return try body(mask)
}
