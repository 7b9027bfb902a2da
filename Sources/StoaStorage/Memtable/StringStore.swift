internal import StoaBase
internal import StoaModel

/// Strings of one column in the order they were first met, in two growing buffers: offsets and
/// bytes. With a hash table beside them it hands out one code per distinct string.
///
/// SAFETY: one writer appends; readers use `dictionary(count:)` and `Storage` values they took
/// under the memtable's lock. An entry below the published count is never written again; growing
/// copies into new buffers and leaves the old ones to who still reads them.
final class StringStore {
    /// The buffers of one generation; kept alive by every dictionary that points into them.
    final class Storage: @unchecked Sendable {
        // SAFETY: see `StringStore`.
        let offsets: HeapBytes
        let bytes: HeapBytes

        init(entryCapacity: Int, byteCapacity: Int) {
            offsets = HeapBytes(byteCount: (entryCapacity + 1) * 4)
            bytes = HeapBytes(byteCount: byteCapacity)
        }

        var entryCapacity: Int { offsets.byteCount / 4 - 1 }

        var offsetPointer: UnsafeMutablePointer<UInt32> {
            offsets.address.assumingMemoryBound(to: UInt32.self)
        }
    }

    /// A store with more bytes than this takes no further batch: offsets are 32 bits, and a batch
    /// brings at most 64 MiB.
    static let byteCountLimit = 1 << 30

    private(set) var storage: Storage
    /// Strings held, repeated ones included.
    private(set) var count = 0
    private(set) var byteCount = 0
    private var offsets: UnsafeMutablePointer<UInt32>
    private var bytes: UnsafeMutableRawPointer
    /// Code + 1 by hash, 0 where empty; a power of two of slots.
    private var slots: UnsafeMutablePointer<UInt32>
    private var slotMask: Int
    /// The upper half of each slot's hash, so that most misses touch no bytes.
    private var tags: UnsafeMutablePointer<UInt32>
    private var internedCount = 0
    private let lock = Lock()
    private var published: StringDictionary?

    init() {
        storage = Storage(entryCapacity: 64, byteCapacity: 1_024)
        offsets = storage.offsetPointer
        bytes = storage.bytes.address
        slotMask = 127
        slots = .allocate(capacity: 128)
        slots.initialize(repeating: 0, count: 128)
        tags = .allocate(capacity: 128)
        tags.initialize(repeating: 0, count: 128)
    }

    deinit {
        slots.deallocate()
        tags.deallocate()
    }

    /// Bytes of memory held.
    var memoryByteCount: Int {
        storage.offsets.byteCount + storage.bytes.byteCount + (slotMask + 1) * 8
    }

    /// The bytes of one string; valid until the next append. Writer only.
    func string(_ index: Int) -> UnsafeRawBufferPointer {
        invariant(index >= 0 && index < count, "an entry lies in its store")
        let start = Int(offsets[index])
        return UnsafeRawBufferPointer(
            start: bytes + start, count: Int(offsets[index + 1]) - start)
    }

    /// The code of `text`, a new one when it was not met before.
    func intern(_ text: UnsafeRawBufferPointer) -> UInt32 {
        let hash = StringHash.hash(text)
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var slot = Int(truncatingIfNeeded: hash) & slotMask
        while slots[slot] != 0 {
            let code = Int(slots[slot] &- 1)
            if tags[slot] == tag, isEqual(code, text) { return UInt32(code) }
            slot = (slot + 1) & slotMask
        }
        let code = append(text)
        slots[slot] = code + 1
        tags[slot] = tag
        internedCount += 1
        if internedCount * 2 > slotMask { growTable() }
        return code
    }

    /// Adds `text` without looking whether it is there; its position.
    func append(_ text: UnsafeRawBufferPointer) -> UInt32 {
        reserve(entryCount: 1, byteCount: text.count)
        if let source = text.baseAddress {
            (bytes + byteCount).copyMemory(from: source, byteCount: text.count)
        }
        byteCount += text.count
        count += 1
        offsets[count] = UInt32(byteCount)
        return UInt32(count - 1)
    }

    /// Adds neighbouring strings: string i is `bytes[offsets[i] ..< offsets[i + 1]]`.
    func append(
        offsets source: UnsafePointer<UInt32>, count more: Int, bytes text: UnsafeRawPointer
    ) {
        let start = Int(source[0])
        let length = Int(source[more]) - start
        invariant(length >= 0, "offsets rise")
        reserve(entryCount: more, byteCount: length)
        (bytes + byteCount).copyMemory(from: text + start, byteCount: length)
        let shift = UInt32(truncatingIfNeeded: byteCount) &- source[0]
        for index in 1..<more + 1 { offsets[count &+ index] = source[index] &+ shift }
        count += more
        byteCount += length
    }

    /// A dictionary of the strings so far; the same object while none is added. Any thread may
    /// call it after the writer published these strings through a snapshot.
    func dictionary() -> StringDictionary {
        lock.withLock {
            if let published { return published }
            return StringDictionary(
                count: 0, offsets: storage.offsetPointer, bytes: storage.bytes.address,
                isSorted: false, owner: storage)
        }
    }

    /// Makes the strings so far visible to `dictionary()`. Writer only.
    func publish() {
        guard published?.count != count else { return }
        let dictionary = StringDictionary(
            count: count, offsets: UnsafePointer(offsets), bytes: UnsafeRawPointer(bytes),
            isSorted: false, owner: storage)
        lock.withLock { published = dictionary }
    }

    /// Makes room for more entries and bytes, moving to larger buffers when needed.
    func reserve(entryCount: Int, byteCount more: Int) {
        guard
            count + entryCount > storage.entryCapacity
                || byteCount + more > storage.bytes.byteCount
        else { return }
        invariant(byteCount + more <= Int(UInt32.max), "offsets of a store fit 32 bits")
        let larger = Storage(
            entryCapacity: count + entryCount > storage.entryCapacity
                ? max(count + entryCount, storage.entryCapacity * 2) : storage.entryCapacity,
            byteCapacity: byteCount + more > storage.bytes.byteCount
                ? max(byteCount + more, storage.bytes.byteCount * 2) : storage.bytes.byteCount)
        larger.offsets.address.copyMemory(from: offsets, byteCount: (count + 1) * 4)
        larger.bytes.address.copyMemory(from: bytes, byteCount: byteCount)
        storage = larger
        offsets = larger.offsetPointer
        bytes = larger.bytes.address
    }

    private func isEqual(_ code: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let start = Int(offsets[code])
        return ByteOrder.isEqual(
            UnsafeRawBufferPointer(start: bytes + start, count: Int(offsets[code + 1]) - start),
            text)
    }

    private func growTable() {
        let oldSlots = slots
        let oldTags = tags
        let oldCount = slotMask + 1
        slotMask = oldCount * 4 - 1
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: 0, count: slotMask + 1)
        tags = .allocate(capacity: slotMask + 1)
        tags.initialize(repeating: 0, count: slotMask + 1)
        for old in 0..<oldCount where oldSlots[old] != 0 {
            let hash = StringHash.hash(string(Int(oldSlots[old] - 1)))
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            while slots[slot] != 0 { slot = (slot + 1) & slotMask }
            slots[slot] = oldSlots[old]
            tags[slot] = oldTags[old]
        }
        oldSlots.deallocate()
        oldTags.deallocate()
    }
}
