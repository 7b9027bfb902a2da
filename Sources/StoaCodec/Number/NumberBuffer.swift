/// An array of 64-bit patterns at an address of its own, for encoding.
final class NumberBuffer {
    let pointer: UnsafeMutablePointer<UInt64>
    let capacity: Int

    /// Memory for `capacity` patterns and a few more; not initialised.
    init(capacity: Int) {
        self.capacity = capacity
        pointer = .allocate(capacity: capacity + 8)
    }

    deinit { pointer.deallocate() }
}
