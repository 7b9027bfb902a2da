/// Comparison of strings as bytes, eight at a time: the order of the design's §3.
enum ByteOrder {
    @inline(__always)
    static func isEqual(
        _ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer
    ) -> Bool {
        let count = left.count
        guard count == right.count else { return false }
        guard count > 0, let a = left.baseAddress, let b = right.baseAddress else { return true }
        var index = 0
        while index + 8 <= count {
            if word(a + index) != word(b + index) { return false }
            index += 8
        }
        while index < count {
            if byte(a + index) != byte(b + index) { return false }
            index += 1
        }
        return true
    }

    /// Whether `left` comes before `right`, bytewise; a prefix comes first.
    static func isLess(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
        let count = min(left.count, right.count)
        guard count > 0, let a = left.baseAddress, let b = right.baseAddress else {
            return left.count < right.count
        }
        var index = 0
        while index + 8 <= count {
            let x = word(a + index), y = word(b + index)
            if x != y { return x.byteSwapped < y.byteSwapped }
            index += 8
        }
        while index < count {
            let x = byte(a + index), y = byte(b + index)
            if x != y { return x < y }
            index += 1
        }
        return left.count < right.count
    }

    /// The first eight bytes as a number whose order is the bytes' order, zero-filled.
    static func prefix(_ text: UnsafeRawBufferPointer) -> UInt64 {
        guard let base = text.baseAddress else { return 0 }
        if text.count >= 8 { return word(base).byteSwapped }
        var prefix: UInt64 = 0
        for index in 0..<text.count {
            prefix |= UInt64(byte(base + index)) << UInt64(56 - 8 * index)
        }
        return prefix
    }

    @inline(__always)
    private static func word(_ address: UnsafeRawPointer) -> UInt64 {
        UInt64(littleEndian: address.loadUnaligned(as: UInt64.self))
    }

    @inline(__always)
    private static func byte(_ address: UnsafeRawPointer) -> UInt8 {
        address.load(as: UInt8.self)
    }
}
