internal import StoaBase

/// The distinct strings that codes stand for; immutable, shared by many vectors.
@usableFromInline
package final class StringDictionary: @unchecked Sendable {
    // SAFETY: `offsets` and `bytes` point into memory that `owner` keeps alive and unchanged.
    /// The number of strings.
    package let count: Int
    /// `count + 1` rising offsets into `bytes`.
    package let offsets: UnsafePointer<UInt32>
    package let bytes: UnsafeRawPointer
    /// Whether the strings stand in bytewise order, so that codes compare like strings.
    package let isSorted: Bool
    private let owner: AnyObject?

    package init(
        count: Int, offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer, isSorted: Bool,
        owner: AnyObject?
    ) {
        self.count = count
        self.offsets = offsets
        self.bytes = bytes
        self.isSorted = isSorted
        self.owner = owner
    }

    /// A dictionary of copies of `strings`.
    package convenience init(_ strings: [[UInt8]], isSorted: Bool) {
        let total = strings.reduce(0) { $0 + $1.count }
        let storage = HeapBytes(byteCount: 4 * (strings.count + 1) + total)
        let offsets = storage.address.bindMemory(to: UInt32.self, capacity: strings.count + 1)
        let bytes = storage.address + 4 * (strings.count + 1)
        var end = 0
        offsets[0] = 0
        for (index, string) in strings.enumerated() {
            string.withUnsafeBytes { source in
                guard let address = source.baseAddress else { return }
                (bytes + end).copyMemory(from: address, byteCount: source.count)
            }
            end += string.count
            offsets[index + 1] = UInt32(end)
        }
        self.init(
            count: strings.count, offsets: UnsafePointer(offsets), bytes: UnsafeRawPointer(bytes),
            isSorted: isSorted, owner: storage)
    }

    /// The bytes of one string; valid while the dictionary is alive.
    package subscript(code: Int) -> UnsafeRawBufferPointer {
        invariant(code >= 0 && code < count, "a code is a position in its dictionary")
        let start = Int(offsets[code])
        return UnsafeRawBufferPointer(
            start: bytes + start, count: Int(offsets[code + 1]) - start)
    }
}
