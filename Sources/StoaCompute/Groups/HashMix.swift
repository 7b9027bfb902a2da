/// The hash of keys: one 64 × 64 → 128-bit multiplication per word, both halves folded.
@usableFromInline
package enum HashMix {
    @inlinable static var first: UInt64 { 0x9E37_79B9_7F4A_7C15 }
    @inlinable static var second: UInt64 { 0xD6E8_FEB8_6659_FD93 }

    /// The hash of one more word after `seed`.
    @inlinable
    package static func mix(_ word: UInt64, _ seed: UInt64) -> UInt64 {
        let product = (word ^ seed ^ first).multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    /// The hash of bytes.
    package static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash = mix(UInt64(bytes.count), 0)
        var tail: UInt64 = 0
        // Empty bytes have the same hash with an address and without.
        if let base = bytes.baseAddress {
            var index = 0
            while index &+ 8 <= bytes.count {
                hash = mix(base.loadUnaligned(fromByteOffset: index, as: UInt64.self), hash)
                index &+= 8
            }
            while index < bytes.count {
                tail = tail &<< 8 | UInt64(base.load(fromByteOffset: index, as: UInt8.self))
                index &+= 1
            }
        }
        return mix(tail, hash)
    }
}
