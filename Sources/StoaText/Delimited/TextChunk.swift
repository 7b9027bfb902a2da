internal import StoaBase

/// A piece of a text file in memory of its own: filled by one thread, then read by another.
///
/// 64 bytes behind the text are always readable and zero, so that scanners may load whole words.
package final class TextChunk: @unchecked Sendable {
    // SAFETY: one owner at a time; who hands a chunk over does not touch it again.
    /// How many bytes fit.
    package let capacity: Int
    /// How many bytes there are.
    package private(set) var count = 0
    let address: UnsafeMutableRawPointer
    /// Where its cells end, if the text is regular and was looked at.
    private(set) var structure: TextStructure?

    /// An empty chunk; at most 1 GiB, so that positions fit 30 bits.
    package init(capacity: Int) {
        invariant((0...Self.capacityLimit).contains(capacity), "positions in a chunk fit a cell")
        self.capacity = capacity
        address = .allocate(byteCount: capacity + 64, alignment: 64)
        address.initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }

    /// A chunk that is a copy of `text`.
    package convenience init(_ text: UnsafeRawBufferPointer) {
        self.init(capacity: text.count)
        _ = append(text)
    }

    /// A chunk that is a copy of an array.
    package convenience init(_ text: [UInt8]) {
        self.init(capacity: text.count)
        text.withUnsafeBytes { _ = append($0) }
    }

    deinit { address.deallocate() }

    package static let capacityLimit = 1 << 30

    /// The text; valid while the chunk lives.
    package var text: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: address, count: count)
    }

    /// The room behind the text, for a reader to fill; then call `didFill`.
    package var room: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: address + count, count: capacity - count)
    }

    /// The first `byteCount` bytes of the room now belong to the text.
    package func didFill(_ byteCount: Int) {
        invariant(byteCount >= 0 && byteCount <= capacity - count, "a chunk keeps its capacity")
        setCount(count + byteCount)
    }

    /// Copies as much of `bytes` as fits behind the text; how much that was.
    package func append(_ bytes: UnsafeRawBufferPointer) -> Int {
        let byteCount = min(bytes.count, capacity - count)
        if byteCount > 0, let source = bytes.baseAddress {
            (address + count).copyMemory(from: source, byteCount: byteCount)
        }
        setCount(count + byteCount)
        return byteCount
    }

    /// Cuts the text after `byteCount` bytes.
    package func truncate(to byteCount: Int) {
        invariant((0...count).contains(byteCount), "a chunk is cut inside its text")
        setCount(byteCount)
    }

    /// Finds the structure of the text, which begins with a record.
    func findStructure(delimiter: UInt8, quote: UInt8?) {
        structure = TextStructure(self, delimiter: delimiter, quote: quote)
    }

    private func setCount(_ newCount: Int) {
        // What is known of a text is known of its first part.
        if newCount > count { structure = nil }
        count = newCount
        (address + count).initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }
}
