/// An immutable run of bytes together with whatever keeps them alive: an array, a mapped file,
/// a network buffer. Copying it copies a pointer; slicing shares the owner.
///
/// Every access checks its bounds, so untrusted offsets may be used directly with the throwing
/// calls of `ByteReader`, or after a check with the trapping ones here.
@usableFromInline
package struct Bytes: @unchecked Sendable {
    // SAFETY: the memory never changes while `owner` lives, and `owner` lives as long as this.
    @usableFromInline let base: UnsafeRawPointer
    /// The number of bytes.
    @usableFromInline package let count: Int
    private let owner: AnyObject?

    /// A view of memory that `owner` keeps alive and unchanged.
    package init(base: UnsafeRawPointer, count: Int, owner: AnyObject?) {
        invariant(count >= 0, "a view has no negative length")
        self.base = base
        self.count = count
        self.owner = owner
    }

    /// A copy of `array`, at an address that is a multiple of 64.
    package init(_ array: [UInt8]) {
        self = array.withUnsafeBytes { Bytes(copying: $0) }
    }

    /// A copy of `source`, at an address that is a multiple of 64.
    package init(copying source: UnsafeRawBufferPointer) {
        let storage = HeapBytes(byteCount: source.count)
        if let address = source.baseAddress {
            storage.address.copyMemory(from: address, byteCount: source.count)
        }
        self.init(base: storage.address, count: source.count, owner: storage)
    }

    /// No bytes.
    package static let empty = Bytes([])

    /// What keeps the bytes alive, if it is of that type.
    package func owner<Owner: AnyObject>(as type: Owner.Type) -> Owner? { owner as? Owner }

    /// The start of the bytes; valid while this value (or a slice of it) is alive.
    @inlinable
    package var pointer: UnsafeRawPointer { base }

    /// Calls `body` with the bytes, kept alive for the duration of the call.
    package func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(owner) {} }
        return try body(UnsafeRawBufferPointer(start: base, count: count))
    }

    /// The bytes `range` of this view; traps outside `0 ..< count`.
    package subscript(range: Range<Int>) -> Bytes {
        invariant(range.lowerBound >= 0 && range.upperBound <= count, "a slice lies in its view")
        return Bytes(base: base + range.lowerBound, count: range.count, owner: owner)
    }

    /// The byte at `offset`; traps outside `0 ..< count`.
    @inlinable
    package subscript(offset: Int) -> UInt8 {
        invariant(offset >= 0 && offset < count, "a byte lies in its view")
        return base.load(fromByteOffset: offset, as: UInt8.self)
    }

    /// The little-endian integer at `offset`, of any alignment; traps outside the view.
    @inlinable
    package func integer<T: FixedWidthInteger & BitwiseCopyable>(
        at offset: Int, as type: T.Type = T.self
    ) -> T {
        invariant(
            offset >= 0 && offset <= count &- MemoryLayout<T>.size, "a load lies in its view")
        return T(littleEndian: base.loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    /// A copy as an array.
    package var array: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
}

/// A block of heap memory aligned to 64 bytes, freed with its last reference.
package final class HeapBytes: @unchecked Sendable {
    // SAFETY: who writes and who reads is agreed by the users; the address never changes.
    package let address: UnsafeMutableRawPointer
    /// The number of bytes.
    package let byteCount: Int

    /// Memory for `byteCount` bytes plus 64 readable bytes behind them, all zero.
    package init(byteCount: Int) {
        self.byteCount = byteCount
        address = .allocate(byteCount: byteCount + 64, alignment: 64)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount + 64)
    }

    deinit { address.deallocate() }
}
