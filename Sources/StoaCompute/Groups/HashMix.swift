/// The hash of keys: 64 × 64 → 128-bit multiplications, both halves folded.
@usableFromInline
package enum HashMix {
    @inlinable static var first: UInt64 { 0x9E37_79B9_7F4A_7C15 }
    @inlinable static var second: UInt64 { 0xD6E8_FEB8_6659_FD93 }

    @inlinable
    static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }

    /// The hash of one more word after `seed`.
    @inlinable
    package static func mix(_ word: UInt64, _ seed: UInt64) -> UInt64 {
        fold(word ^ seed ^ first, second)
    }

    /// The hash of bytes, 16 a step; the last step overlaps the one before, so that no byte is
    /// looked at alone.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        let count = bytes.count
        // Empty bytes have the same hash with an address and without.
        guard let base = bytes.baseAddress, count > 0 else { return mix(0, 0) }
        var hash = second
        if count >= 16 {
            var index = 0
            repeat {
                hash = fold(
                    word(base, at: index) ^ first, word(base, at: index &+ 8) ^ hash)
                index &+= 16
            } while index &+ 16 <= count
            if index < count {
                hash = fold(
                    word(base, at: count &- 16) ^ first, word(base, at: count &- 8) ^ hash)
            }
        } else if count >= 8 {
            hash = fold(word(base, at: 0) ^ first, word(base, at: count &- 8) ^ hash)
        } else if count >= 4 {
            let low = base.loadUnaligned(as: UInt32.self)
            let high = base.loadUnaligned(fromByteOffset: count &- 4, as: UInt32.self)
            hash = fold((UInt64(high) << 32 | UInt64(low)) ^ first, hash)
        } else {
            let middle = base.load(fromByteOffset: count &>> 1, as: UInt8.self)
            let last = base.load(fromByteOffset: count &- 1, as: UInt8.self)
            let word =
                UInt64(base.load(as: UInt8.self)) | UInt64(middle) << 8 | UInt64(last) << 16
            hash = fold(word ^ first, hash)
        }
        return mix(UInt64(count), hash)
    }

    @inline(__always)
    private static func word(_ base: UnsafeRawPointer, at offset: Int) -> UInt64 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    }

    /// Whether `count` bytes at two places are the same.
    @inline(__always)
    package static func isEqual(
        _ left: UnsafeRawPointer, _ right: UnsafeRawPointer, count: Int
    ) -> Bool {
        if count >= 8 {
            var index = 0
            while index &+ 8 <= count {
                if word(left, at: index) != word(right, at: index) { return false }
                index &+= 8
            }
            return word(left, at: count &- 8) == word(right, at: count &- 8)
        }
        for index in 0..<count
        where left.load(fromByteOffset: index, as: UInt8.self)
            != right.load(fromByteOffset: index, as: UInt8.self)
        {
            return false
        }
        return true
    }
}
