internal import StoaBase

/// Memory that grows by doubling; what lies behind its end is readable for eight bytes.
final class GrowingBytes {
    private(set) var address: UnsafeMutableRawPointer
    private var capacity: Int
    /// Bytes in use; the owner moves it.
    var count = 0

    init(capacity: Int = 4_096) {
        self.capacity = capacity
        address = .allocate(byteCount: capacity + 8, alignment: 64)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: capacity + 8)
    }

    deinit { address.deallocate() }

    /// Makes room for `byteCount` bytes in all, the first `count` of them kept.
    func reserve(_ byteCount: Int) {
        guard byteCount > capacity else { return }
        let newCapacity = max(byteCount, capacity * 2)
        let newAddress = UnsafeMutableRawPointer.allocate(
            byteCount: newCapacity + 8, alignment: 64)
        newAddress.copyMemory(from: address, byteCount: count)
        (newAddress + count).initializeMemory(
            as: UInt8.self, repeating: 0, count: newCapacity + 8 - count)
        address.deallocate()
        address = newAddress
        capacity = newCapacity
    }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress, bytes.count > 0 else { return }
        reserve(count + bytes.count)
        (address + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }

    func append(_ number: UInt32) {
        reserve(count + 4)
        address.storeBytes(of: number.littleEndian, toByteOffset: count, as: UInt32.self)
        count += 4
    }

    /// The bytes in use.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: address, count: count) }
}
