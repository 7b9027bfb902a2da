internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// One 64-bit number for each distinct string of a query, the same on every worker.
///
/// Strings that end in digits (`ORD-000007919`) are the number of their prefix and count of digits
/// in the upper 4 bits, and the digits' number below: no table holds them. The first 14 such
/// prefixes of a query are numbered; whatever else comes is interned, under 15. Which of both a
/// string takes is decided when its prefix is first met, and stays.
final class StringTokens: @unchecked Sendable {
    // SAFETY: the templates are touched only while `lock` is held; `intern` locks itself.
    struct Template {
        var prefix: [UInt8]
        var digitCount: Int
    }

    /// NULL; no string has it.
    static let null = UInt64.max
    /// No string's either.
    static let unknown: UInt64 = 14 << 60
    private static let interned: UInt64 = 15
    private static let templateLimit = 14
    private let lock = Lock()
    private var templates: [Template] = []
    private let intern: InternTable

    init(budget: MemoryBudget) { intern = InternTable(budget: budget) }

    /// The number of a template; nil when there are too many.
    func template(
        _ prefix: UnsafeRawBufferPointer, digitCount: Int
    ) -> (index: Int, template: Template)? {
        lock.lock()
        defer { lock.unlock() }
        for (index, template) in templates.enumerated()
        where template.digitCount == digitCount && StringOrder.isEqual(prefix, template.prefix) {
            return (index, template)
        }
        guard templates.count < Self.templateLimit else { return nil }
        let made = Template(prefix: Array(prefix), digitCount: digitCount)
        templates.append(made)
        return (templates.count - 1, made)
    }

    func intern(_ bytes: UnsafeRawBufferPointer) throws(MemoryLimitReached) -> UInt64 {
        Self.interned << 60 | UInt64(try intern.id(of: bytes))
    }

    /// Appends the string of a token that is not NULL.
    func append(_ token: UInt64, to output: inout [UInt8]) {
        let index = token >> 60
        guard index != Self.interned else {
            output.append(contentsOf: intern.bytes(UInt32(truncatingIfNeeded: token)))
            return
        }
        let template = lock.withLock { templates[Int(index)] }
        output.append(contentsOf: template.prefix)
        var rest = token & (1 << 60 - 1)
        let start = output.count
        output.append(contentsOf: repeatElement(0x30, count: template.digitCount))
        var position = start + template.digitCount
        while rest > 0, position > start {
            position -= 1
            output[position] = 0x30 + UInt8(rest % 10)
            rest /= 10
        }
    }
}

/// Makes tokens for one worker; remembers the last template, which is most often the next.
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

    init(_ tokens: StringTokens) { self.tokens = tokens }

    deinit { prefix.deallocate() }

    /// The token of a string.
    @inline(__always)
    func token(_ bytes: UnsafeRawBufferPointer) throws(MemoryLimitReached) -> UInt64 {
        if digitCount > 0, let number = number(bytes) { return index << 60 | number }
        return try newToken(bytes)
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

    private func newToken(_ bytes: UnsafeRawBufferPointer) throws(MemoryLimitReached) -> UInt64 {
        var found = 0
        while found < min(Self.digitCountLimit, bytes.count),
            bytes[bytes.count - 1 - found] &- 0x30 < 10
        { found += 1 }
        guard found >= Self.leastDigitCount,
            let known = tokens.template(
                UnsafeRawBufferPointer(rebasing: bytes[0..<(bytes.count - found)]),
                digitCount: found)
        else { return try tokens.intern(bytes) }
        digitCount = found
        index = UInt64(known.index)
        prefixCount = known.template.prefix.count
        prefix.deallocate()
        prefix = .allocate(capacity: prefixCount)
        for (position, byte) in known.template.prefix.enumerated() { prefix[position] = byte }
        guard let number = number(bytes) else { return try tokens.intern(bytes) }
        return index << 60 | number
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
