internal import StoaBase
internal import StoaModel

/// The sorted distinct strings of one column of one segment, and every row as a position among
/// them: codes compare like the strings.
struct SegmentDictionary {
    let strings: StringDictionary
    /// A code per row of the segment; 0 where the row is null.
    let codes: [UInt32]
    /// Rows that are not null.
    let valueCount: Int

    /// Up to this many distinct strings a dictionary always pays.
    static let distinctCountLimit = 65_536
    /// The most bytes that strings of a column may take when each row is written out.
    static let plainByteCountLimit = 1 << 30

    /// Builds the dictionary; nil when the strings are too many and plain ones are better.
    static func build(_ rows: MemtableRows, column index: Int) -> SegmentDictionary? {
        let expanded = rows.expandedByteCount(column: index, rows: 0..<rows.rowCount)
        let limit = max(distinctCountLimit, rows.rowCount / 4)
        // Few long strings may stand for many rows: written out they would fill the memory.
        let isPlainBounded = expanded <= plainByteCountLimit
        let interner = StringStore()
        var codes = [UInt32](repeating: 0, count: rows.rowCount)
        var valueCount = 0
        var translations: [ObjectIdentifier: [UInt32]] = [:]
        for piece in rows.pieces(0..<rows.rowCount) {
            let strings = StringPiece(piece, column: index)
            let store = piece.chunk.columns[index].strings.map { ObjectIdentifier($0) }
            var translation = store.flatMap { translations.removeValue(forKey: $0) } ?? []
            if strings.codes != nil, translation.count < strings.entryCount {
                translation += [UInt32](
                    repeating: .max, count: strings.entryCount - translation.count)
            }
            codes.withUnsafeMutableBufferPointer { target in
                intern(
                    strings, rowCount: piece.rowCount, interner: interner,
                    translation: &translation, valueCount: &valueCount,
                    to: UnsafeMutableBufferPointer(
                        rebasing: target[piece.offset..<piece.offset + piece.rowCount]))
            }
            if let store, strings.codes != nil { translations[store] = translation }
            if interner.count > limit, isPlainBounded { return nil }
        }
        return sorted(interner, codes: codes, valueCount: valueCount)
    }

    /// Gives each row of a piece the interner's code.
    private static func intern(
        _ strings: StringPiece, rowCount: Int, interner: StringStore,
        translation: inout [UInt32], valueCount: inout Int,
        to codes: UnsafeMutableBufferPointer<UInt32>
    ) {
        for row in 0..<rowCount where !strings.isNull(row) {
            valueCount += 1
            let entry = strings.entry(row)
            guard strings.codes != nil else {
                codes[row] = interner.intern(strings.string(entry: entry))
                continue
            }
            if translation[entry] == .max {
                translation[entry] = interner.intern(strings.string(entry: entry))
            }
            codes[row] = translation[entry]
        }
    }

    /// Sorts the distinct strings only, and moves every row's code to the new order.
    private static func sorted(
        _ interner: StringStore, codes: [UInt32], valueCount: Int
    ) -> SegmentDictionary {
        struct Key {
            let prefix: UInt64
            let code: UInt32
        }
        var keys = (0..<interner.count).map {
            Key(prefix: ByteOrder.prefix(interner.string($0)), code: UInt32($0))
        }
        keys.sort { left, right in
            if left.prefix != right.prefix { return left.prefix < right.prefix }
            return ByteOrder.isLess(
                interner.string(Int(left.code)), interner.string(Int(right.code)))
        }
        var ranks = [UInt32](repeating: 0, count: max(1, interner.count))
        for (rank, key) in keys.enumerated() { ranks[Int(key.code)] = UInt32(rank) }
        let moved = codes.map { ranks[Int($0)] }
        let storage = StringStore.Storage(
            entryCapacity: interner.count, byteCapacity: interner.byteCount)
        let offsets = storage.offsetPointer
        var end = 0
        for (rank, key) in keys.enumerated() {
            let string = interner.string(Int(key.code))
            if let source = string.baseAddress {
                (storage.bytes.address + end).copyMemory(from: source, byteCount: string.count)
            }
            end += string.count
            offsets[rank + 1] = UInt32(end)
        }
        let dictionary = StringDictionary(
            count: interner.count, offsets: UnsafePointer(offsets),
            bytes: UnsafeRawPointer(storage.bytes.address), isSorted: true, owner: storage)
        return SegmentDictionary(strings: dictionary, codes: moved, valueCount: valueCount)
    }
}
