internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// One 64-bit number for each distinct string of one key of a query, the same on every worker.
///
/// The upper 4 bits say what the others are:
///
///     0 … 13    the number at the end of a string of a template (`ORD-000007919`): the first 14
///               prefixes and counts of digits are numbered, and no table holds their strings
///     14        the string itself, up to 7 bytes, and how many in the 4 bits below
///     15        the string's number in a table, or a hash where strings are carried
///
/// Which of them a string takes is decided when its prefix is first met, and stays. The table takes
/// so many strings as are worth it; after that the query begins anew and carries this key's
/// strings, without templates.
final class StringTokens: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held; `intern` locks itself.
    struct Template {
        var prefix: [UInt8]
        var digitCount: Int
    }

    /// NULL; no string has it.
    static let null = UInt64.max
    /// No string's either.
    static let unknown: UInt64 = 14 << 60 | 1
    /// Bytes up to which a string is its own token.
    static let inlineByteCountLimit = 7
    private static let interned: UInt64 = 15
    private static let templateLimit = 14
    private let lock = Lock()
    private var templates: [Template] = []
    private let intern: InternTable
    private var weight = 0
    private var isRefusing = false
    private let weightLimit: Int
    /// What a string weighs that stood in a row, not in a dictionary: rows find it by its bytes.
    static let rowWeight = 4

    /// - Parameter weightLimit: Strings of dictionaries that the table takes.
    init(budget: MemoryBudget, weightLimit: Int) {
        intern = InternTable(budget: budget)
        self.weightLimit = weightLimit
    }

    /// Whether a string found no place in the table.
    var isFull: Bool { lock.withLock { isRefusing } }

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

    /// The token of a string of the table and its bytes there; nil when the table is full.
    func intern(
        _ bytes: UnsafeRawBufferPointer, hash: UInt64, weight: Int
    ) -> (token: UInt64, bytes: UnsafeRawBufferPointer)? {
        // Strings that find no memory are carried, and put aside with their rows.
        guard let found = try? intern.add(bytes, hash: hash) else {
            lock.withLock { isRefusing = true }
            return nil
        }
        if found.isNew {
            let isTaken = lock.withLock { () -> Bool in
                self.weight += weight
                isRefusing = isRefusing || self.weight > weightLimit
                return !isRefusing
            }
            guard isTaken else { return nil }
        }
        return (Self.interned << 60 | UInt64(found.id), intern.bytes(found.id))
    }

    /// The token of a carried string of more than 7 bytes; never NULL's.
    @inline(__always)
    static func carried(hash: UInt64) -> UInt64 { interned << 60 | hash >> 5 }

    /// The token that is a string of up to 7 bytes.
    @inline(__always)
    static func inline(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var word: UInt64 = 14 << 60 | UInt64(bytes.count) << 56
        guard let base = bytes.baseAddress else { return word }
        for index in 0..<bytes.count {
            let byte = base.load(fromByteOffset: index, as: UInt8.self)
            word |= UInt64(byte) << UInt64(8 &* index)
        }
        return word
    }

    /// How many bytes of the string a token itself is; nil when it is another kind of token.
    @inline(__always)
    static func inlineByteCount(_ token: UInt64) -> Int? {
        token >> 60 == 14 ? Int(token >> 56 & 15) : nil
    }

    /// Writes the strings of the tokens that there are now.
    func writer() -> Writer { Writer(templates: lock.withLock { templates }, intern: intern) }

    /// Turns tokens back into strings.
    struct Writer {
        fileprivate let templates: [Template]
        fileprivate let intern: InternTable

        /// Appends the string of a token that is not NULL and not carried.
        func append(_ token: UInt64, to output: inout [UInt8]) {
            if let byteCount = StringTokens.inlineByteCount(token) {
                for index in 0..<byteCount {
                    output.append(UInt8(truncatingIfNeeded: token >> UInt64(8 * index)))
                }
                return
            }
            let index = token >> 60
            guard index != StringTokens.interned else {
                output.append(contentsOf: intern.bytes(UInt32(truncatingIfNeeded: token)))
                return
            }
            let digitCount = templates[Int(index)].digitCount
            output.append(contentsOf: templates[Int(index)].prefix)
            var rest = token & (1 << 60 - 1)
            let start = output.count
            output.append(contentsOf: repeatElement(0x30, count: digitCount))
            var position = start + digitCount
            while rest > 0, position > start {
                position -= 1
                output[position] = 0x30 + UInt8(rest % 10)
                rest /= 10
            }
        }
    }
}
