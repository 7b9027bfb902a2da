internal import StoaBase
internal import StoaModel

/// The writer's side of one string column of a memtable: whether the next chunk holds codes or
/// plain strings, and the stores behind both.
///
/// Codes are tried first. Once more than half of the rows were distinct, new chunks hold plain
/// strings: the store's entries in row order, which cost no code and no look-up.
final class StringColumn {
    private var interned = StringStore()
    private var plain = StringStore()
    /// Rows that were looked up in `interned`.
    private var internedRowCount = 0
    private var isPlainNext = false
    /// What the chunk that is being filled holds.
    private var isPlain = false
    private var hasChunk = false
    /// For a batch with a dictionary: its codes' codes here, `UInt32.max` where not met yet.
    private var translation: [UInt32] = []
    private var retiredByteCount = 0

    /// Rows that must have been seen before strings count as mostly distinct.
    private static let sampleRowCount = 1_024

    var memoryByteCount: Int {
        interned.memoryByteCount + plain.memoryByteCount + retiredByteCount
    }

    func publish() {
        interned.publish()
        plain.publish()
    }

    /// Looks at a batch before its rows come; true when they need a new chunk.
    func beginBatch(_ column: BatchColumn, rows: Range<Int>) -> Bool {
        if let dictionary = column.dictionary {
            translation = [UInt32](repeating: .max, count: dictionary.count)
        }
        isPlainNext = internedRowCount >= Self.sampleRowCount
            && interned.count * 2 > internedRowCount
        var mustStart = false
        // A dictionary may stand for far more bytes than the batch has: such rows stay codes.
        if isPlainNext || isPlain, column.dictionary != nil,
            Self.expandedByteCount(column, rows: rows) > Limits.batchByteCountLimit
        {
            isPlainNext = false
            mustStart = isPlain
        }
        if interned.byteCount > StringStore.byteCountLimit {
            retiredByteCount += interned.memoryByteCount
            interned = StringStore()
            internedRowCount = 0
            mustStart = true
        }
        if plain.byteCount > StringStore.byteCountLimit {
            retiredByteCount += plain.memoryByteCount
            plain = StringStore()
            mustStart = true
        }
        return mustStart && hasChunk
    }

    /// The store of a new chunk, and its first entry when the chunk holds plain strings.
    func chunkStrings() -> (store: StringStore, plainStart: Int?) {
        hasChunk = true
        isPlain = isPlainNext
        return isPlain ? (plain, plain.count) : (interned, nil)
    }

    /// Null rows of a plain chunk.
    func appendEmpty(_ rowCount: Int) {
        for _ in 0..<rowCount { _ = plain.append(UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    func appendPlain(_ column: BatchColumn, rows: Range<Int>) {
        for row in rows {
            let isNull = column.isNull(row)
            _ = plain.append(
                isNull ? UnsafeRawBufferPointer(start: nil, count: 0) : column.string(row))
        }
    }

    func appendCodes(
        _ column: BatchColumn, rows: Range<Int>, to codes: UnsafeMutablePointer<UInt32>
    ) {
        internedRowCount += rows.count
        if let dictionary = column.dictionary {
            translate(column, dictionary, rows: rows, to: codes)
            return
        }
        for (offset, row) in rows.enumerated() {
            codes[offset] = column.isNull(row) ? 0 : interned.intern(column.string(row))
        }
    }

    private func translate(
        _ column: BatchColumn, _ dictionary: StringDictionary, rows: Range<Int>,
        to codes: UnsafeMutablePointer<UInt32>
    ) {
        let found = column.values.assumingMemoryBound(to: UInt32.self)
        for (offset, row) in rows.enumerated() {
            if column.isNull(row) {
                codes[offset] = 0
                continue
            }
            let code = Int(found[row])
            if translation[code] == .max {
                translation[code] = interned.intern(dictionary[code])
            }
            codes[offset] = translation[code]
        }
    }

    private static func expandedByteCount(_ column: BatchColumn, rows: Range<Int>) -> Int {
        var byteCount = 0
        for row in rows where !column.isNull(row) { byteCount += column.string(row).count }
        return byteCount
    }
}
