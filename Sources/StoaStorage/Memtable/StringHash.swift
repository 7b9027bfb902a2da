/// A hash of raw bytes for the tables of this module; never stored, never sent.
///
/// Two 64-bit multiplications per 16 bytes, folded, as in wyhash (Wang Yi, public domain). The
/// seed is drawn once per process, so that nobody can prepare strings that collide.
enum StringHash {
    private static let seed = UInt64.random(in: .min ... .max) | 1

    static func hash(_ text: UnsafeRawBufferPointer) -> UInt64 {
        let count = text.count
        guard let base = text.baseAddress, count > 0 else { return fold(seed, secret) }
        var state = seed ^ UInt64(truncatingIfNeeded: count)
        var index = 0
        while count - index > 16 {
            state = fold(load8(base + index) ^ state, load8(base + index + 8) ^ secret)
            index += 16
        }
        let (low, high) = tail(base + index, count - index)
        return fold(low ^ state, high ^ secret2)
    }

    private static let secret: UInt64 = 0xE703_7ED1_A0B4_28DB
    private static let secret2: UInt64 = 0x8EBC_6AF0_9C88_C6E3

    /// The last 1 … 16 bytes as two words that overlap when there are fewer.
    @inline(__always)
    private static func tail(_ base: UnsafeRawPointer, _ count: Int) -> (UInt64, UInt64) {
        if count >= 8 { return (load8(base), load8(base + count - 8)) }
        if count >= 4 {
            let first = UInt64(base.loadUnaligned(as: UInt32.self))
            return (first, UInt64((base + count - 4).loadUnaligned(as: UInt32.self)))
        }
        let first = UInt64(base.load(as: UInt8.self))
        let middle = UInt64((base + count / 2).load(as: UInt8.self))
        return (first << 8 | middle, UInt64((base + count - 1).load(as: UInt8.self)))
    }

    @inline(__always)
    private static func load8(_ address: UnsafeRawPointer) -> UInt64 {
        address.loadUnaligned(as: UInt64.self)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.low ^ product.high
    }
}
