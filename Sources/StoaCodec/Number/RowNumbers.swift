internal import StoaBase
internal import StoaModel

/// The numbers 0, 1, 2 … and … 2, 1, 0, kept once, so that an arithmetic progression of any step
/// is read without being computed.
enum RowNumbers {
    private static let count = DecodeWorkspace.rowLimit
    private static let rising = table { $0 }
    private static let falling = table { count - 1 - $0 }

    private static func table(_ number: (Int) -> Int) -> HeapBytes {
        let memory = HeapBytes(byteCount: count * 2)
        for row in 0..<count { Lane.u16.store(UInt64(number(row)), to: memory.address, row) }
        return memory
    }

    /// `first + row × step`, modulo 2^64, for rows 0 ..< rowCount ≤ 5,120. The multiplier is never
    /// negative: a falling progression is read backwards from its last row.
    static func progression(first: UInt64, step: UInt64, rowCount: Int) -> Vector.Integers {
        if Int64(bitPattern: step) >= 0 {
            return Vector.Integers(
                lane: .u16, values: UnsafeRawPointer(rising.address),
                base: Int64(bitPattern: first), multiplier: Int64(bitPattern: step))
        }
        let last = first &+ step &* UInt64(truncatingIfNeeded: rowCount &- 1)
        return Vector.Integers(
            lane: .u16, values: UnsafeRawPointer(falling.address + (count &- rowCount) &* 2),
            base: Int64(bitPattern: last), multiplier: Int64(bitPattern: 0 &- step))
    }
}
