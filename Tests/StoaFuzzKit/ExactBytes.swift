internal import StoaBase

/// Memory of exactly the length of the bytes in it, so that a sanitizer sees a read of the very
/// next one.
final class ExactBytes {
    let address: UnsafeMutableRawPointer
    let count: Int

    init(count: Int) {
        self.count = count
        address = .allocate(byteCount: max(1, count), alignment: 64)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: count)
    }

    convenience init(_ source: UnsafeRawBufferPointer) {
        self.init(count: source.count)
        copy(source, to: 0)
    }

    deinit { address.deallocate() }

    /// Overwrites the bytes from `offset` on.
    func copy(_ source: UnsafeRawBufferPointer, to offset: Int) {
        invariant(offset >= 0 && offset + source.count <= count, "a copy stays inside")
        guard let start = source.baseAddress else { return }
        (address + offset).copyMemory(from: start, byteCount: source.count)
    }

    /// Writes a number, least significant byte first.
    func store(_ value: UInt32, at offset: Int) {
        invariant(offset >= 0 && offset + 4 <= count, "a number stays inside")
        address.storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
    }

    var view: Bytes { Bytes(base: address, count: count, owner: self) }
}
