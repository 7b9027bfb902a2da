/// Reads little-endian fields one after the other from bytes that nobody vouches for.
///
/// Every call checks what is left first, so any byte string can be read without a trap.
@usableFromInline
package struct ByteReader: Sendable {
    /// What is read.
    @usableFromInline package let bytes: Bytes
    /// The offset of the next unread byte.
    @usableFromInline package internal(set) var offset: Int

    package init(_ bytes: Bytes, at offset: Int = 0) {
        invariant(offset >= 0 && offset <= bytes.count, "reading starts inside the bytes")
        self.bytes = bytes
        self.offset = offset
    }

    /// The bytes not read yet.
    @inlinable
    package var remainingByteCount: Int { bytes.count - offset }

    /// The next integer.
    @inlinable
    package mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type = T.self
    ) throws(EndOfBytes) -> T {
        try require(MemoryLayout<T>.size)
        let value: T = bytes.integer(at: offset)
        offset += MemoryLayout<T>.size
        return value
    }

    /// The next `byteCount` bytes, shared and not copied.
    package mutating func readBytes(_ byteCount: Int) throws(EndOfBytes) -> Bytes {
        try require(byteCount)
        let slice = bytes[offset..<offset + byteCount]
        offset += byteCount
        return slice
    }

    /// A `UInt16` length and that many bytes of valid UTF-8; nil when they are not UTF-8.
    package mutating func readShortString() throws(EndOfBytes) -> String? {
        let byteCount = Int(try read(UInt16.self))
        let slice = try readBytes(byteCount)
        return slice.withUnsafeBytes { String(validating: $0, as: UTF8.self) }
    }

    /// Moves on by `byteCount` bytes.
    package mutating func skip(_ byteCount: Int) throws(EndOfBytes) {
        try require(byteCount)
        offset += byteCount
    }

    @inlinable
    func require(_ byteCount: Int) throws(EndOfBytes) {
        guard byteCount >= 0, byteCount <= remainingByteCount else {
            throw EndOfBytes(
                offset: offset, neededByteCount: byteCount, foundByteCount: remainingByteCount)
        }
    }
}

/// A field reached past the end of the bytes.
@usableFromInline
package struct EndOfBytes: Error, Equatable, Sendable {
    /// Where the field began.
    package var offset: Int
    /// How long it was to be.
    package var neededByteCount: Int
    /// How much there was.
    package var foundByteCount: Int

    @usableFromInline
    package init(offset: Int, neededByteCount: Int, foundByteCount: Int) {
        self.offset = offset
        self.neededByteCount = neededByteCount
        self.foundByteCount = foundByteCount
    }
}
