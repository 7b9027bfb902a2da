internal import StoaBase

/// Memory for one payload while it arrives. It grows with the bytes that came, not with the length
/// that was claimed, and every step is reserved before it is taken; what is reserved is given back
/// with the last reference to the payload. Not cleared, because every byte is written before
/// anyone reads it.
final class PayloadMemory: @unchecked Sendable {
    // SAFETY: the decoder alone writes, before the bytes are shared; nobody writes afterwards.
    private let byteCount: Int
    private var memory: RawMemory
    private let share: MemoryShare?
    /// Zero bytes that kernels may read behind the payload.
    private static let paddingByteCount = 64
    /// The least that is taken at first, unless the payload is shorter.
    private static let firstByteCount = 4 << 10

    /// Memory for the first `arrivingByteCount` bytes of a payload of `byteCount`; nil when there
    /// is none now.
    init?(byteCount: Int, arrivingByteCount: Int, budget: MemoryBudget?) {
        let capacity = min(byteCount, max(Self.firstByteCount, arrivingByteCount))
        let share = budget.map { MemoryShare(of: $0) }
        let total = capacity + Self.paddingByteCount
        guard Self.grow(share, by: total), let memory = RawMemory(byteCount: total) else {
            return nil
        }
        self.byteCount = byteCount
        self.share = share
        self.memory = memory
    }

    deinit { memory.free() }

    private var capacity: Int { memory.byteCount - Self.paddingByteCount }

    /// Where the byte at `offset` goes, and how many may follow there, when `arrivingByteCount`
    /// are at hand; nil when there is no memory for them now.
    func room(at offset: Int, arrivingByteCount: Int) -> UnsafeMutableRawBufferPointer? {
        if offset == capacity, !grow(toHold: offset + arrivingByteCount) { return nil }
        return UnsafeMutableRawBufferPointer(
            start: memory.address + offset, count: capacity - offset)
    }

    /// Four times as much each time, so that little is copied; while it is copied both count.
    private func grow(toHold arrived: Int) -> Bool {
        let target = min(byteCount, max(capacity * 4, arrived)) + Self.paddingByteCount
        let before = memory.byteCount
        let added = memory.mustCopyToGrow ? target : target - before
        guard Self.grow(share, by: added) else { return false }
        let hasGrown = memory.grow(to: target)
        share?.shrink(by: hasGrown ? added - (target - before) : added)
        return hasGrown
    }

    private static func grow(_ share: MemoryShare?, by byteCount: Int) -> Bool {
        do {
            try share?.grow(by: byteCount)
            return true
        } catch {
            return false
        }
    }

    /// The bytes, once all of them are written.
    var bytes: Bytes {
        (memory.address + byteCount).initializeMemory(
            as: UInt8.self, repeating: 0, count: Self.paddingByteCount)
        return Bytes(base: UnsafeRawPointer(memory.address), count: byteCount, owner: self)
    }
}
