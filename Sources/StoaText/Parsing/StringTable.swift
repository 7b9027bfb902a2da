/// The distinct strings of one column of one batch, found by hash.
final class StringTable {
    /// Strings so far.
    private(set) var count = 0
    /// `count + 1` offsets into `text`.
    let offsets = GrowingBytes()
    let text = GrowingBytes()
    private var slots: UnsafeMutablePointer<Slot>
    private var slotMask: Int

    /// The upper half of the hash and the code plus one; a code of zero is a free slot.
    private struct Slot {
        var hash: UInt32
        var codePlusOne: UInt32
    }

    /// More distinct strings are no dictionary any more.
    static let countLimit = 32_768

    init() {
        slotMask = 255
        slots = .allocate(capacity: 256)
        slots.initialize(repeating: Slot(hash: 0, codePlusOne: 0), count: 256)
        offsets.append(UInt32(0))
    }

    deinit { slots.deallocate() }

    /// Forgets all strings.
    func removeAll() {
        slots.update(repeating: Slot(hash: 0, codePlusOne: 0), count: slotMask + 1)
        count = 0
        offsets.count = 4
        text.count = 0
    }

    /// The position of a string, added when it is new. At least eight bytes behind it must be
    /// readable.
    @inline(__always)
    func code(_ string: UnsafeRawPointer, _ byteCount: Int) -> UInt32 {
        let hash = Self.hash(string, byteCount)
        let tag = UInt32(truncatingIfNeeded: hash &>> 32)
        var position = Int(truncatingIfNeeded: hash) & slotMask
        while true {
            let slot = slots[position]
            if slot.codePlusOne == 0 { return add(string, byteCount, hash) }
            if slot.hash == tag, isEqual(Int(slot.codePlusOne) &- 1, string, byteCount) {
                return slot.codePlusOne &- 1
            }
            position = (position &+ 1) & slotMask
        }
    }

    /// The bytes of one string.
    func string(_ code: Int) -> UnsafeRawBufferPointer {
        let range = range(code)
        return UnsafeRawBufferPointer(start: text.address + range.lowerBound, count: range.count)
    }

    @inline(__always)
    private func range(_ code: Int) -> Range<Int> {
        let start = offsets.address.load(fromByteOffset: code &* 4, as: UInt32.self)
        let end = offsets.address.load(fromByteOffset: code &* 4 &+ 4, as: UInt32.self)
        return Int(start)..<Int(end)
    }

    @inline(__always)
    private func isEqual(_ code: Int, _ string: UnsafeRawPointer, _ byteCount: Int) -> Bool {
        let known = range(code)
        guard known.count == byteCount else { return false }
        let start = UnsafeRawPointer(text.address) + known.lowerBound
        var position = 0
        while byteCount &- position >= 8 {
            if WordSearch.load(start + position) != WordSearch.load(string + position) {
                return false
            }
            position &+= 8
        }
        let difference = WordSearch.load(start + position) ^ WordSearch.load(string + position)
        return difference & Self.mask(byteCount &- position) == 0
    }

    private func add(_ string: UnsafeRawPointer, _ byteCount: Int, _ hash: UInt64) -> UInt32 {
        let code = UInt32(count)
        text.append(UnsafeRawBufferPointer(start: string, count: byteCount))
        offsets.append(UInt32(text.count))
        count += 1
        if count * 2 > slotMask { grow() } else { place(hash, code) }
        return code
    }

    private func place(_ hash: UInt64, _ code: UInt32) {
        var position = Int(truncatingIfNeeded: hash) & slotMask
        while slots[position].codePlusOne != 0 { position = (position &+ 1) & slotMask }
        slots[position] = Slot(
            hash: UInt32(truncatingIfNeeded: hash &>> 32), codePlusOne: code &+ 1)
    }

    private func grow() {
        slots.deallocate()
        slotMask = slotMask * 2 + 1
        slots = .allocate(capacity: slotMask + 1)
        slots.initialize(repeating: Slot(hash: 0, codePlusOne: 0), count: slotMask + 1)
        for code in 0..<count {
            let string = string(code)
            guard let address = string.baseAddress else { continue }
            place(Self.hash(address, string.count), UInt32(code))
        }
    }

    /// The low `byteCount` bytes of a word, 0 … 7.
    @inline(__always)
    private static func mask(_ byteCount: Int) -> UInt64 {
        (1 &<< UInt64(truncatingIfNeeded: byteCount &* 8)) &- 1
    }

    /// Multiply and fold, eight bytes a step. Not for adversaries: a bad file costs its own time.
    @inline(__always)
    private static func hash(_ string: UnsafeRawPointer, _ byteCount: Int) -> UInt64 {
        var state = UInt64(truncatingIfNeeded: byteCount) &* 0x9E37_79B9_7F4A_7C15
        var position = 0
        while byteCount &- position >= 8 {
            state = mix(state ^ WordSearch.load(string + position))
            position &+= 8
        }
        return mix(state ^ (WordSearch.load(string + position) & mask(byteCount &- position)))
    }

    @inline(__always)
    private static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return product.high ^ product.low
    }
}
