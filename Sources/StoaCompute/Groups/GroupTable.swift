package import StoaBase

/// Groups by keys of a fixed number of 64-bit words: open addressing over raw memory, linear
/// probing, at most half full. Groups are numbered from 0 in the order they were first seen, and
/// their keys stand in that order, so that aggregates are plain arrays by group number.
///
/// Keys may end in strings, two words each: address and byte count. Their hashes are among the
/// words before, so that the strings' words are not hashed; the bytes themselves are compared. A
/// new group's strings are copied, and its key leads to the copies.
@usableFromInline
package final class GroupTable {
    /// Words of one key, those of strings too.
    @usableFromInline package let wordCount: Int
    /// Words before the strings.
    package let hashedWordCount: Int
    /// Groups so far.
    package private(set) var count = 0
    @usableFromInline var keys: GrowingBuffer<UInt64>
    @usableFromInline var hashes: GrowingBuffer<UInt64>
    private let arena: StringArena
    /// Group number plus 1, 0 where free; above it the upper half of the hash, so that most
    /// misses need no look at the key.
    private var slots: UnsafeMutablePointer<UInt64>
    private var slotMask = 0
    private let budget: MemoryBudget

    /// - Parameter stringCount: Strings at the end of each key.
    package init(wordCount: Int, stringCount: Int = 0, budget: MemoryBudget) {
        self.wordCount = wordCount
        hashedWordCount = wordCount - 2 * stringCount
        arena = StringArena(budget: budget)
        self.budget = budget
        keys = GrowingBuffer(budget: budget)
        hashes = GrowingBuffer(budget: budget)
        slots = .allocate(capacity: 0)
    }

    deinit {
        slots.deallocate()
        if slotMask > 0 { budget.release((slotMask + 1) * 8) }
    }

    /// The key of a group.
    @inlinable
    package func key(_ group: Int) -> UnsafePointer<UInt64> {
        UnsafePointer(keys.base + group &* wordCount)
    }

    /// The hash of a group's key; its high bits choose a partition.
    @inlinable
    package func hash(_ group: Int) -> UInt64 { hashes.base[group] }

    /// Bytes that the groups' strings take.
    package var stringByteCount: Int { arena.reservedByteCount }

    /// The hash of a key's hashed words.
    @inlinable
    package static func hash(_ key: UnsafePointer<UInt64>, wordCount: Int) -> UInt64 {
        var hash: UInt64 = 0
        for word in 0..<wordCount { hash = HashMix.mix(key[word], hash) }
        return hash
    }

    /// The partitions of keys that stand one behind the other, `stride` words each of which
    /// `wordCount` are hashed: `bits` of their hash behind `skippedBits` of the highest.
    package static func partitions(
        _ batch: UnsafePointer<UInt64>, count: Int, wordCount: Int, stride: Int,
        skippedBits: Int, bits: Int, into partitions: UnsafeMutablePointer<UInt32>
    ) {
        let (left, right) = (UInt64(skippedBits), UInt64(64 - bits))
        if stride == 1 {
            for index in 0..<count {
                let hash = HashMix.mix(batch[index], 0)
                partitions[index] = UInt32(truncatingIfNeeded: (hash &<< left) &>> right)
            }
            return
        }
        for index in 0..<count {
            let hash = Self.hash(batch + index &* stride, wordCount: wordCount)
            partitions[index] = UInt32(truncatingIfNeeded: (hash &<< left) &>> right)
        }
    }

    /// Groups after which a long loop looks whether it is to stop.
    private static let groupsPerLook = 1 << 16

    /// Makes sure that `more` groups can be added by `find` without a further check.
    package func reserve(_ more: Int) throws(MemoryLimitReached) {
        let wanted = count + more
        try keys.reserve(wanted * wordCount, used: count * wordCount)
        try hashes.reserve(wanted, used: count)
        guard wanted * 2 > slotMask else { return }
        var slotCount = 256
        while slotCount < wanted * 2 + 1 { slotCount *= 2 }
        try budget.reserve(slotCount * 8)
        let grown = UnsafeMutablePointer<UInt64>.allocate(capacity: slotCount)
        grown.initialize(repeating: 0, count: slotCount)
        slots.deallocate()
        if slotMask > 0 { budget.release((slotMask + 1) * 8) }
        slots = grown
        slotMask = slotCount - 1
        for group in 0..<count {
            if group % Self.groupsPerLook == 0 { try budget.checkStop() }
            let hash = hashes.base[group]
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            while slots[slot] != 0 { slot = (slot &+ 1) & slotMask }
            slots[slot] = Self.entry(hash, group)
        }
    }

    /// Forgets all groups; the memory stays.
    package func clear() {
        if count > 0 { slots.update(repeating: 0, count: slotMask + 1) }
        count = 0
        arena.clear()
    }

    @inline(__always)
    static func entry(_ hash: UInt64, _ group: Int) -> UInt64 {
        hash & 0xFFFF_FFFF_0000_0000 | UInt64(truncatingIfNeeded: group &+ 1)
    }

    /// The tables' memory and size as locals, so that no loop looks into the object per row.
    private struct View {
        let keys: UnsafeMutablePointer<UInt64>
        let hashes: UnsafeMutablePointer<UInt64>
        let slots: UnsafeMutablePointer<UInt64>
        let slotMask: Int
        let wordCount: Int
        let hashedWordCount: Int
        let arena: StringArena
        var count: Int

        @inline(__always)
        mutating func find(
            _ key: UnsafePointer<UInt64>, hash: UInt64
        ) throws(MemoryLimitReached) -> Int {
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            let tag = hash & 0xFFFF_FFFF_0000_0000
            while true {
                let entry = slots[slot]
                if entry == 0 { break }
                if entry & 0xFFFF_FFFF_0000_0000 == tag {
                    let group = Int(entry & 0xFFFF_FFFF) &- 1
                    if isEqual(keys + group &* wordCount, key) { return group }
                }
                slot = (slot &+ 1) & slotMask
            }
            let group = count
            let copy = keys + group &* wordCount
            for word in 0..<wordCount { copy[word] = key[word] }
            if hashedWordCount < wordCount { try keepStrings(copy) }
            slots[slot] = GroupTable.entry(hash, group)
            hashes[group] = hash
            count = group &+ 1
            return group
        }

        @inline(__always)
        func known(_ key: UnsafePointer<UInt64>, hash: UInt64) -> UInt32 {
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            let tag = hash & 0xFFFF_FFFF_0000_0000
            while true {
                let entry = slots[slot]
                if entry == 0 { return .max }
                if entry & 0xFFFF_FFFF_0000_0000 == tag {
                    let group = Int(entry & 0xFFFF_FFFF) &- 1
                    if isEqual(keys + group &* wordCount, key) {
                        return UInt32(truncatingIfNeeded: group)
                    }
                }
                slot = (slot &+ 1) & slotMask
            }
        }

        @inline(__always)
        private func isEqual(
            _ left: UnsafePointer<UInt64>, _ right: UnsafePointer<UInt64>
        ) -> Bool {
            for word in 0..<hashedWordCount where left[word] != right[word] { return false }
            return hashedWordCount == wordCount || hasEqualStrings(left, right)
        }

        @inline(__always)
        private func hasEqualStrings(
            _ left: UnsafePointer<UInt64>, _ right: UnsafePointer<UInt64>
        ) -> Bool {
            var word = hashedWordCount
            while word < wordCount {
                let byteCount = left[word &+ 1]
                if byteCount != right[word &+ 1] { return false }
                // SAFETY: the words are those of strings that somebody keeps: the arena, or the
                // caller for as long as the call.
                if byteCount > 0, let first = UnsafeRawPointer(bitPattern: UInt(left[word])),
                    let second = UnsafeRawPointer(bitPattern: UInt(right[word])),
                    !HashMix.isEqual(first, second, count: Int(byteCount))
                {
                    return false
                }
                word &+= 2
            }
            return true
        }

        /// Copies the strings that a key leads to.
        private func keepStrings(_ key: UnsafeMutablePointer<UInt64>) throws(MemoryLimitReached) {
            for word in stride(from: hashedWordCount, to: wordCount, by: 2)
            where key[word + 1] > 0 {
                // SAFETY: as in `hasEqualStrings`.
                let copy = try arena.copy(
                    UnsafeRawBufferPointer(
                        start: UnsafeRawPointer(bitPattern: UInt(key[word])),
                        count: Int(key[word + 1])))
                key[word] = UInt64(UInt(bitPattern: copy.baseAddress))
            }
        }
    }

    private var view: View {
        View(
            keys: keys.base, hashes: hashes.base, slots: slots, slotMask: slotMask,
            wordCount: wordCount, hashedWordCount: hashedWordCount, arena: arena, count: count)
    }

    /// The group of a key, added when it is new; `reserve` came before.
    package func find(
        _ key: UnsafePointer<UInt64>, hash: UInt64
    ) throws(MemoryLimitReached) -> Int {
        var view = view
        let group = try view.find(key, hash: hash)
        count = view.count
        return group
    }

    /// The groups of `count` keys that stand one behind the other. Room was reserved for all but
    /// the bytes of strings; a table that has none for them is of no further use.
    package func find(
        _ batch: UnsafePointer<UInt64>, count batchCount: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(MemoryLimitReached) {
        if wordCount == 1 { return findWords(batch, count: batchCount, into: groups) }
        var view = view
        let (wordCount, hashedWordCount) = (wordCount, hashedWordCount)
        for index in 0..<batchCount {
            let key = batch + index &* wordCount
            let hash = Self.hash(key, wordCount: hashedWordCount)
            groups[index] = UInt32(truncatingIfNeeded: try view.find(key, hash: hash))
        }
        count = view.count
    }

    /// The groups of keys of one word.
    private func findWords(
        _ batch: UnsafePointer<UInt64>, count batchCount: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) {
        let (keys, hashes, slots) = (keys.base, hashes.base, slots)
        let slotMask = slotMask
        var next = count
        for index in 0..<batchCount {
            let key = batch[index]
            let hash = HashMix.mix(key, 0)
            let tag = hash & 0xFFFF_FFFF_0000_0000
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            var group = 0
            while true {
                let entry = slots[slot]
                if entry == 0 {
                    group = next
                    slots[slot] = Self.entry(hash, group)
                    keys[group] = key
                    hashes[group] = hash
                    next = group &+ 1
                    break
                }
                group = Int(entry & 0xFFFF_FFFF) &- 1
                if entry & 0xFFFF_FFFF_0000_0000 == tag, keys[group] == key { break }
                slot = (slot &+ 1) & slotMask
            }
            groups[index] = UInt32(truncatingIfNeeded: group)
        }
        count = next
    }

    /// The groups of keys of another table, with the hashes they have there. Room was reserved, as
    /// for the other `find`.
    package func find(
        _ sources: UnsafePointer<UInt32>, of other: GroupTable, count sourceCount: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) throws(MemoryLimitReached) {
        var view = view
        let otherView = other.view
        for index in 0..<sourceCount {
            let source = Int(sources[index])
            groups[index] = UInt32(
                truncatingIfNeeded: try view.find(
                    otherView.keys + source &* otherView.wordCount, hash: otherView.hashes[source]))
        }
        count = view.count
    }

    /// The groups of keys, 2^32 - 1 for keys that have none; returns how many have one.
    package func findKnown(
        _ batch: UnsafePointer<UInt64>, count batchCount: Int,
        into groups: UnsafeMutablePointer<UInt32>
    ) -> Int {
        let (view, wordCount, hashedWordCount) = (view, wordCount, hashedWordCount)
        var found = 0
        for index in 0..<batchCount {
            let key = batch + index &* wordCount
            let hash = Self.hash(key, wordCount: hashedWordCount)
            let group = view.known(key, hash: hash)
            groups[index] = group
            found &+= group == .max ? 0 : 1
        }
        return found
    }
}
