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
        isPlainNext =
            internedRowCount >= Self.sampleRowCount
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
        if column.dictionary == nil, column.validity == nil {
            let offsets = column.values.assumingMemoryBound(to: UInt32.self) + rows.lowerBound
            plain.append(offsets: offsets, count: rows.count, bytes: column.data)
            return
        }
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
        invariant(rows.upperBound <= column.rowCount, "rows lie in their batch")
        let interned = interned
        let offsets = column.values.assumingMemoryBound(to: UInt32.self) + rows.lowerBound
        let bytes = column.data
        let mask = column.validity
        for row in 0..<rows.count {
            let bit = rows.lowerBound &+ row
            if let mask, mask[bit >> 6] &>> UInt64(bit & 63) & 1 == 0 {
                codes[row] = 0
                continue
            }
            let start = Int(offsets[row])
            codes[row] = interned.intern(
                UnsafeRawBufferPointer(
                    start: bytes + start, count: Int(offsets[row &+ 1]) &- start))
        }
    }

    private func translate(
        _ column: BatchColumn, _ dictionary: StringDictionary, rows: Range<Int>,
        to codes: UnsafeMutablePointer<UInt32>
    ) {
        invariant(rows.upperBound <= column.rowCount, "rows lie in their batch")
        let interned = interned
        let found = column.values.assumingMemoryBound(to: UInt32.self)
        let mask = column.validity
        translation.withUnsafeMutableBufferPointer { known in
            for row in rows {
                let offset = row &- rows.lowerBound
                if let mask, mask[row >> 6] &>> UInt64(row & 63) & 1 == 0 {
                    codes[offset] = 0
                    continue
                }
                let code = Int(found[row])
                if known[code] == .max { known[code] = interned.intern(dictionary[code]) }
                codes[offset] = known[code]
            }
        }
    }

    private static func expandedByteCount(_ column: BatchColumn, rows: Range<Int>) -> Int {
        var byteCount = 0
        for row in rows where !column.isNull(row) { byteCount += column.string(row).count }
        return byteCount
    }
}
