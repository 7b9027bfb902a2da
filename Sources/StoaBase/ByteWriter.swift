/// Appends little-endian fields to a growing array.
@usableFromInline
package struct ByteWriter: Sendable {
    /// What was written so far.
    @usableFromInline package internal(set) var bytes: [UInt8] = []

    package init(reservingCapacity byteCount: Int = 0) {
        bytes.reserveCapacity(byteCount)
    }

    /// The number of bytes written.
    @inlinable
    package var count: Int { bytes.count }

    /// An integer, little-endian.
    @inlinable
    package mutating func append<T: FixedWidthInteger>(_ value: T) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// Bytes as they are.
    package mutating func append(contentsOf other: [UInt8]) {
        bytes.append(contentsOf: other)
    }

    /// Bytes as they are.
    package mutating func append(contentsOf other: UnsafeRawBufferPointer) {
        bytes.append(contentsOf: other)
    }

    /// Bytes as they are.
    package mutating func append(contentsOf other: Bytes) {
        other.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }

    /// What another writer wrote.
    package mutating func append(contentsOf other: ByteWriter) {
        bytes.append(contentsOf: other.bytes)
    }

    /// A `UInt16` length and the UTF-8 bytes of `text`, which must be shorter than 64 KiB.
    package mutating func appendShortString(_ text: String) {
        invariant(text.utf8.count <= UInt16.max, "a short string's length fits its field")
        append(UInt16(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    /// That many zero bytes.
    package mutating func appendZeros(_ byteCount: Int) {
        bytes.append(contentsOf: repeatElement(0, count: byteCount))
    }

    /// Zeros up to the next multiple of `alignment` bytes from the start.
    package mutating func align(to alignment: Int) {
        let rest = bytes.count % alignment
        if rest != 0 { appendZeros(alignment - rest) }
    }

    /// Writes over a field written before, for lengths known only afterwards.
    @inlinable
    package mutating func overwrite<T: FixedWidthInteger>(at offset: Int, with value: T) {
        invariant(
            offset >= 0 && offset + MemoryLayout<T>.size <= bytes.count,
            "only written bytes can be written over")
        withUnsafeBytes(of: value.littleEndian) { field in
            for (index, byte) in field.enumerated() { bytes[offset + index] = byte }
        }
    }
}
