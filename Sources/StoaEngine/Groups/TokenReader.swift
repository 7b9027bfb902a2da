internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Makes tokens for one worker; remembers the last template, which is most often the next, and the
/// strings that it has met, so that it seldom asks the table that all share.
final class TokenReader {
    private let tokens: StringTokens
    private var prefix: UnsafeMutablePointer<UInt8> = .allocate(capacity: 0)
    private var prefixCount = 0
    /// Of the last template; 0: there is none.
    private var digitCount = 0
    private var index: UInt64 = 0
    /// Shorter numbers are interned: they seldom are what makes strings distinct.
    private static let leastDigitCount = 4
    /// Digits whose numbers fit 60 bits.
    private static let digitCountLimit = 18

    /// A string of the shared table, which keeps its bytes in place.
    private struct Known: BitwiseCopyable {
        var hash: UInt64
        var address: UInt
        var byteCount: Int
        var token: UInt64
    }

    /// By hash, each in the one place it can have; a later string takes it from an earlier one.
    private var known: GrowingBuffer<Known>
    private var knownMask = -1
    private var placedCount = 0
    private static let firstKnownCount = 512
    private static let knownCountLimit = 1 << 16

    init(_ tokens: StringTokens, budget: MemoryBudget) {
        self.tokens = tokens
        known = GrowingBuffer(budget: budget)
    }

    deinit { prefix.deallocate() }

    /// The token of a string; nil when the key's strings are too many for tokens.
    @inline(__always)
    func token(_ bytes: UnsafeRawBufferPointer, weight: Int) throws(MemoryLimitReached) -> UInt64? {
        if digitCount > 0, let number = number(bytes) { return index << 60 | number }
        return try newToken(bytes, weight: weight)
    }

    /// What the numbers of a template become tokens with; nil when its strings are interned.
    func base(of template: NumberTemplate) -> UInt64? {
        let isCanonical =
            template.digitCount == Self.digitCountLimit
            || !(template.prefix.last.map { $0 &- 0x30 < 10 } ?? false)
        guard isCanonical, template.digitCount >= Self.leastDigitCount else { return nil }
        let known = template.prefix.withUnsafeBytes {
            tokens.template($0, digitCount: template.digitCount)
        }
        return known.map { UInt64($0.index) << 60 }
    }

    private func newToken(
        _ bytes: UnsafeRawBufferPointer, weight: Int
    ) throws(MemoryLimitReached) -> UInt64? {
        var found = 0
        while found < min(Self.digitCountLimit, bytes.count),
            bytes[bytes.count - 1 - found] &- 0x30 < 10
        { found += 1 }
        guard found >= Self.leastDigitCount,
            let known = tokens.template(
                UnsafeRawBufferPointer(rebasing: bytes[0..<(bytes.count - found)]),
                digitCount: found)
        else { return try plainToken(bytes, weight: weight) }
        digitCount = found
        index = UInt64(known.index)
        prefixCount = known.template.prefix.count
        prefix.deallocate()
        prefix = .allocate(capacity: prefixCount)
        for (position, byte) in known.template.prefix.enumerated() { prefix[position] = byte }
        guard let number = number(bytes) else { return try plainToken(bytes, weight: weight) }
        return index << 60 | number
    }

    /// The token of a string that is of no template.
    @inline(__always)
    private func plainToken(
        _ bytes: UnsafeRawBufferPointer, weight: Int
    ) throws(MemoryLimitReached) -> UInt64? {
        guard bytes.count > StringTokens.inlineByteCountLimit, let base = bytes.baseAddress else {
            return StringTokens.inline(bytes)
        }
        let hash = HashMix.hash(bytes)
        if knownMask >= 0 {
            let entry = known.base[Int(truncatingIfNeeded: hash) & knownMask]
            // SAFETY: the shared table keeps the bytes at the address as long as this reader.
            if entry.hash == hash, entry.byteCount == bytes.count,
                let kept = UnsafeRawPointer(bitPattern: entry.address),
                HashMix.isEqual(kept, base, count: bytes.count)
            {
                return entry.token
            }
        }
        guard let found = tokens.intern(bytes, hash: hash, weight: weight) else { return nil }
        if placedCount * 2 >= knownMask, knownMask + 1 < Self.knownCountLimit { try growKnown() }
        placedCount += 1
        known.base[Int(truncatingIfNeeded: hash) & knownMask] = Known(
            hash: hash, address: UInt(bitPattern: found.bytes.baseAddress),
            byteCount: bytes.count, token: found.token)
        return found.token
    }

    /// Makes twice as many places, all empty: what is met again comes back.
    private func growKnown() throws(MemoryLimitReached) {
        let count = max(Self.firstKnownCount, (knownMask + 1) * 2)
        try known.reserve(count, used: 0)
        let nothing = Known(hash: 0, address: 0, byteCount: -1, token: 0)
        known.base.update(repeating: nothing, count: count)
        knownMask = count - 1
        placedCount = 0
    }

    /// The digits' number when the string is of the last template. The prefix ends in no digit,
    /// or the digits are as many as can be, so that no other template has the string.
    @inline(__always)
    private func number(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
        let (prefix, prefixCount) = (prefix, prefixCount)
        guard let base = bytes.baseAddress, bytes.count == prefixCount &+ digitCount
        else { return nil }
        let text = base.assumingMemoryBound(to: UInt8.self)
        var position = 0
        while position < prefixCount {
            if text[position] != prefix[position] { return nil }
            position &+= 1
        }
        var number: UInt64 = 0
        var largest: UInt8 = 0
        while position < bytes.count {
            let digit = text[position] &- 0x30
            largest = max(largest, digit)
            number = number &* 10 &+ UInt64(digit)
            position &+= 1
        }
        return largest < 10 ? number : nil
    }
}
