/// Bytes of 0 and 1 to the bit masks that vectors carry.
enum ValidityMask {
    /// The mask of `rowCount` bytes, in `mask`; nil when every byte is 1. Reads no byte of a later
    /// row: the writer may be at it.
    static func gather(
        _ bytes: UnsafeRawPointer, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        var nullBits: UInt64 = 0
        for word in 0..<(rowCount + 63) / 64 {
            let rest = min(64, rowCount - word * 64)
            let used = rest == 64 ? UInt64.max : (1 << UInt64(rest)) - 1
            let source = bytes + word * 64
            var bits: UInt64 = 0
            for group in 0..<rest / 8 {
                let eight = (source + group * 8).loadUnaligned(as: UInt64.self)
                let gathered = (eight &* 0x0102_0408_1020_4080) >> 56
                bits |= gathered << UInt64(group * 8)
            }
            for row in rest / 8 * 8..<rest {
                bits |= UInt64((source + row).load(as: UInt8.self)) << UInt64(row)
            }
            mask[word] = bits
            nullBits |= bits ^ used
        }
        return nullBits == 0 ? nil : UnsafePointer(mask)
    }
}
