package import StoaBase

/// One number for each distinct string of a query, the same on every worker.
///
/// Sixteen parts, chosen by hash, have a lock each, so that workers seldom meet. A number is
/// `position in the part × 16 + part`. Numbers depend on who came first: they tell strings apart
/// and find their bytes, and never order anything.
package final class InternTable: @unchecked Sendable {
    // SAFETY: a part is touched only while its lock is held; the strings' bytes never move.
    private let parts: [Part]

    package init(budget: MemoryBudget) {
        parts = (0..<16).map { _ in Part(budget: budget) }
    }

    /// The number of a string.
    package func id(of bytes: UnsafeRawBufferPointer) throws(MemoryLimitReached) -> UInt32 {
        try add(bytes, hash: HashMix.hash(bytes)).id
    }

    /// The number of a string of a known hash, and whether the string is new.
    package func add(
        _ bytes: UnsafeRawBufferPointer, hash: UInt64
    ) throws(MemoryLimitReached) -> (id: UInt32, isNew: Bool) {
        let part = Int(hash >> 60)
        let found = try parts[part].position(of: bytes, hash: hash)
        return (UInt32(truncatingIfNeeded: found.position &* 16 &+ part), found.isNew)
    }

    /// The bytes of a number; valid as long as the table.
    package func bytes(_ id: UInt32) -> UnsafeRawBufferPointer {
        parts[Int(id & 15)].bytes(Int(id >> 4))
    }

    private struct Entry: BitwiseCopyable {
        var hash: UInt64
        var address: UInt
        var byteCount: Int

        var bytes: UnsafeRawBufferPointer {
            // SAFETY: the address was taken from the part's arena, which keeps the bytes in place.
            UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: byteCount)
        }
    }

    private final class Part {
        private let lock = Lock()
        private let arena: StringArena
        private var entries: GrowingBuffer<Entry>
        private var count = 0
        private var slots: GrowingBuffer<UInt32>
        private var slotMask = -1
        private let budget: MemoryBudget

        init(budget: MemoryBudget) {
            self.budget = budget
            arena = StringArena(budget: budget)
            entries = GrowingBuffer(budget: budget)
            slots = GrowingBuffer(budget: budget)
        }

        func bytes(_ position: Int) -> UnsafeRawBufferPointer {
            lock.withLock { entries.base[position].bytes }
        }

        func position(
            of bytes: UnsafeRawBufferPointer, hash: UInt64
        ) throws(MemoryLimitReached) -> (position: Int, isNew: Bool) {
            lock.lock()
            defer { lock.unlock() }
            if count &* 2 >= slotMask { try grow() }
            var slot = Int(truncatingIfNeeded: hash) & slotMask
            while slots.base[slot] != 0 {
                let entry = entries.base[Int(slots.base[slot]) &- 1]
                if entry.hash == hash, StringOrder.isEqual(entry.bytes, bytes) {
                    return (Int(slots.base[slot]) &- 1, false)
                }
                slot = (slot &+ 1) & slotMask
            }
            try entries.reserve(count + 1, used: count)
            let kept = try arena.copy(bytes)
            // SAFETY: only the address is kept; `Entry.bytes` makes the pointer again.
            entries.base[count] = Entry(
                hash: hash, address: UInt(bitPattern: kept.baseAddress), byteCount: kept.count)
            count &+= 1
            slots.base[slot] = UInt32(truncatingIfNeeded: count)
            return (count &- 1, true)
        }

        private func grow() throws(MemoryLimitReached) {
            let slotCount = max(64, (slotMask + 1) * 2)
            try slots.reserve(slotCount, used: 0)
            slots.base.update(repeating: 0, count: slotCount)
            slotMask = slotCount - 1
            for position in 0..<count {
                var slot = Int(truncatingIfNeeded: entries.base[position].hash) & slotMask
                while slots.base[slot] != 0 { slot = (slot &+ 1) & slotMask }
                slots.base[slot] = UInt32(truncatingIfNeeded: position + 1)
            }
        }
    }
}
