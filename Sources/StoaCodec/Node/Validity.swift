internal import StoaBase
internal import StoaModel

/// Which rows of a block are not null, in the smallest of four forms.
///
///     fields of MASKED and NULLABLE, and their first array
///     offset  size  field
///         16     4  nullCount    1 … rowCount - 1
///         20     1  form         0 bitmap, 1 null rows, 2 rows that are not null, 3 null runs
///         21     3  reserved     0
///         24     4  entryCount   positions or runs; 0 for a bitmap
///         28    36  reserved     0
///         64        array        bitmap: u64 × ⌈rowCount / 64⌉, bit row % 64 of word row / 64 is
///                                1 where the row is not null, unused bits are 0;
///                                positions: u16, rising; runs: first row u16, last row u16,
///                                rising, with at least one row between two runs
final class Validity {
    enum Form: UInt8 {
        case bitmap = 0, nullRows = 1, validRows = 2, nullRuns = 3
    }

    /// A bit per row, 1 where it is not null.
    let words: UnsafePointer<UInt64>
    let rowCount: Int
    let nullCount: Int
    let form: Form
    /// Rows that are not null before each vector, and all of them at the end.
    let ranks: [Int]
    /// Holds the words unless they stand in the block.
    private let memory: HeapBytes?

    private init(
        words: UnsafePointer<UInt64>, rowCount: Int, nullCount: Int, form: Form,
        memory: HeapBytes?
    ) {
        self.words = words
        self.rowCount = rowCount
        self.nullCount = nullCount
        self.form = form
        self.memory = memory
        var ranks = [0]
        let wordCount = (rowCount + 63) / 64
        for first in stride(from: 0, to: wordCount, by: Limits.vectorRows / 64) {
            var count = ranks[ranks.count - 1]
            for word in first..<min(first + Limits.vectorRows / 64, wordCount) {
                count += words[word].nonzeroBitCount
            }
            ranks.append(count)
        }
        self.ranks = ranks
    }

    var validCount: Int { rowCount - nullCount }

    /// Rows before `row` that are not null.
    func rank(_ row: Int) -> Int {
        let vector = row / Limits.vectorRows
        var count = ranks[vector]
        for word in vector * (Limits.vectorRows / 64)..<row / 64 {
            count += words[word].nonzeroBitCount
        }
        let rest = row % 64
        if rest > 0 { count += (words[row / 64] & .mask(width: rest)).nonzeroBitCount }
        // The words may stand in the block; the ranks do not, and ranks rise.
        return vector + 1 < ranks.count ? min(count, ranks[vector + 1]) : count
    }

    // MARK: Size

    /// The smallest form of a bitmap, and the size of its array, padded.
    static func choose(
        _ words: UnsafePointer<UInt64>, rowCount: Int, nullCount: Int
    ) -> (form: Form, byteCount: Int) {
        let sizes: [(form: Form, byteCount: Int)] = [
            (.bitmap, (rowCount + 63) / 64 * 8), (.nullRows, nullCount * 2),
            (.validRows, (rowCount - nullCount) * 2),
            (.nullRuns, nullRunCount(words, rowCount: rowCount) * 4),
        ]
        let best = sizes.min { $0.byteCount < $1.byteCount } ?? sizes[0]
        return (best.form, NodeDescriptor.padded(best.byteCount))
    }

    /// Stretches of null rows.
    private static func nullRunCount(_ words: UnsafePointer<UInt64>, rowCount: Int) -> Int {
        var count = 0
        var previous: UInt64 = 1  // The row before the first counts as not null.
        for word in 0..<(rowCount + 63) / 64 {
            let usedBits = min(64, rowCount - word * 64)
            let valid = words[word] | ~UInt64.mask(width: usedBits)
            count += (~valid & (valid << 1 | previous)).nonzeroBitCount
            previous = valid >> 63
        }
        return count
    }

    // MARK: Encode

    /// Writes the fields and the array behind the header; `form` is the chosen one.
    static func encode(
        _ words: UnsafePointer<UInt64>, rowCount: Int, nullCount: Int, form: Form,
        to target: UnsafeMutableRawPointer
    ) {
        let array = target + NodeDescriptor.headerByteCount
        var entryCount = 0
        switch form {
        case .bitmap:
            for word in 0..<(rowCount + 63) / 64 {
                let used = UInt64.mask(width: min(64, rowCount - word * 64))
                Lane.u64.store(words[word] & used, to: array, word)
            }
        case .nullRows, .validRows:
            let wanted: UInt64 = form == .validRows ? 1 : 0
            for row in 0..<rowCount where words[row >> 6] >> UInt64(row & 63) & 1 == wanted {
                Lane.u16.store(UInt64(row), to: array, entryCount)
                entryCount += 1
            }
        case .nullRuns:
            var wasNull = false
            for row in 0...rowCount {
                let isNull = row < rowCount && words[row >> 6] >> UInt64(row & 63) & 1 == 0
                if isNull, !wasNull {
                    Lane.u16.store(UInt64(row), to: array, entryCount * 2)
                } else if !isNull, wasNull {
                    Lane.u16.store(UInt64(row - 1), to: array, entryCount * 2 + 1)
                    entryCount += 1
                }
                wasNull = isNull
            }
        }
        target.storeBytes(of: UInt32(nullCount).littleEndian, toByteOffset: 16, as: UInt32.self)
        target.storeBytes(of: form.rawValue, toByteOffset: 20, as: UInt8.self)
        target.storeBytes(of: UInt32(entryCount).littleEndian, toByteOffset: 24, as: UInt32.self)
    }

    // MARK: Decode

    /// Reads and checks the fields and the array of a node.
    static func decode(_ node: inout NodeBytes) throws(CodecError) -> Validity {
        let rowCount = node.descriptor.rowCount
        let nullCount = Int(node.field(16, as: UInt32.self))
        let entryCount = Int(node.field(24, as: UInt32.self))
        guard let form = Form(rawValue: node.field(20, as: UInt8.self)),
            rowCount <= Limits.blockRowsLimit
        else { throw node.invalid(.validity) }
        guard node.field(21, as: UInt8.self) == 0, node.field(22, as: UInt16.self) == 0 else {
            throw node.invalid(.reserved)
        }
        try node.requireZeros(from: 28)
        guard nullCount >= 1, nullCount < rowCount else { throw node.invalid(.nullCount) }
        guard entryCount <= rowCount, (form == .bitmap) == (entryCount == 0) else {
            throw node.invalid(.validity)
        }
        let validity: Validity
        if form == .bitmap {
            let array = try node.take((rowCount + 63) / 64 * 8)
            let lastWord: UInt64 = array.integer(at: array.count - 8)
            let usedBits = rowCount - (array.count / 8 - 1) * 64
            guard lastWord & ~UInt64.mask(width: usedBits) == 0 else {
                throw node.invalid(.validity)
            }
            validity = Validity(
                words: array.pointer.assumingMemoryBound(to: UInt64.self), rowCount: rowCount,
                nullCount: nullCount, form: form, memory: nil)
        } else {
            let array = try node.take(entryCount * (form == .nullRuns ? 4 : 2))
            let memory = HeapBytes(byteCount: (rowCount + 63) / 64 * 8)
            let words = memory.address.assumingMemoryBound(to: UInt64.self)
            try expand(array, form, entryCount: entryCount, into: words, node)
            validity = Validity(
                words: UnsafePointer(words), rowCount: rowCount, nullCount: nullCount, form: form,
                memory: memory)
        }
        guard validity.ranks[validity.ranks.count - 1] == validity.validCount else {
            throw node.invalid(.nullCount)
        }
        return validity
    }

    /// Sets the bits of a list of positions or runs in zeroed words.
    private static func expand(
        _ array: Bytes, _ form: Form, entryCount: Int, into words: UnsafeMutablePointer<UInt64>,
        _ node: NodeBytes
    ) throws(CodecError) {
        let rowCount = node.descriptor.rowCount
        if form != .validRows {
            for word in 0..<(rowCount + 63) / 64 {
                words[word] = .mask(width: min(64, rowCount - word * 64))
            }
        }
        var next = 0
        for entry in 0..<entryCount {
            let isRun = form == .nullRuns
            let first = Int(Lane.u16.load(array.pointer, isRun ? entry * 2 : entry))
            let last = isRun ? Int(Lane.u16.load(array.pointer, entry * 2 + 1)) : first
            guard first >= next, last >= first, last < rowCount else {
                throw node.invalid(.validity)
            }
            for row in first...last { words[row >> 6] ^= 1 << UInt64(row & 63) }
            next = last + (isRun ? 2 : 1)
        }
    }
}
