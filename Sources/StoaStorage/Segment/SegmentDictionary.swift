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
        if isPlainBounded, isMostlyDistinct(rows, column: index) { return nil }
        let interning = Interning(rowCount: rows.rowCount)
        for piece in rows.pieces(0..<rows.rowCount) {
            interning.add(piece, column: index)
            if interning.store.count > limit, isPlainBounded { return nil }
        }
        return sorted(interning)
    }

    /// Whether a sample shows that more than a quarter of very many rows are distinct, so that
    /// not every string needs to be looked up to find that out.
    ///
    /// Of n rows drawn from N that hold d strings equally often, about n² / 2 × (N / d - 1) / N
    /// repeat one drawn before: 24 with d = N / 4. Strings of unequal frequency repeat more.
    private static func isMostlyDistinct(_ rows: MemtableRows, column index: Int) -> Bool {
        guard rows.rowCount > distinctCountLimit * 4 else { return false }
        let sample = StringStore()
        var drawnCount = 0
        let goal = Int(Double(rows.rowCount).squareRoot() * 4)
        for piece in rows.pieces(0..<rows.rowCount) {
            let strings = StringPiece(piece, column: index)
            let wanted = goal * piece.rowCount / rows.rowCount
            // A stride that is no simple fraction of the piece meets patterns at all phases.
            let step = max(1, piece.rowCount * 618 / 1_000) | 1
            var row = 0
            for _ in 0..<wanted {
                row = (row + step) % piece.rowCount
                if strings.isNull(row) { continue }
                drawnCount += 1
                _ = sample.intern(strings.string(entry: strings.entry(row)))
            }
        }
        return drawnCount >= goal / 2 && (drawnCount - sample.count) * 2_048 < drawnCount * 5
    }

    /// Rows as positions in a store of the distinct strings, in the order they are met.
    private final class Interning {
        let store = StringStore()
        var codes: [UInt32]
        var valueCount = 0
        /// For each store of the memtable: its codes' codes here, `UInt32.max` where not met yet.
        private var translations: [ObjectIdentifier: [UInt32]] = [:]

        init(rowCount: Int) { codes = Array(repeating: 0, count: rowCount) }

        func add(_ piece: MemtableRows.Piece, column index: Int) {
            let strings = StringPiece(piece, column: index)
            guard let entries = strings.codes else { return addPlain(strings, piece) }
            guard let source = piece.chunk.columns[index].strings else { return }
            let key = ObjectIdentifier(source)
            var translation = translations.removeValue(forKey: key) ?? []
            let missingCount = max(0, strings.entryCount - translation.count)
            translation += [UInt32](repeating: .max, count: missingCount)
            let store = store
            var found = 0
            codes.withUnsafeMutableBufferPointer { codes in
                translation.withUnsafeMutableBufferPointer { translation in
                    for row in 0..<piece.rowCount where !strings.isNull(row) {
                        found &+= 1
                        let entry = Int(entries[row])
                        if translation[entry] == .max {
                            translation[entry] = store.intern(strings.string(entry: entry))
                        }
                        codes[piece.offset &+ row] = translation[entry]
                    }
                }
            }
            valueCount += found
            translations[key] = translation
        }

        private func addPlain(_ strings: StringPiece, _ piece: MemtableRows.Piece) {
            let store = store
            var found = 0
            codes.withUnsafeMutableBufferPointer { codes in
                for row in 0..<piece.rowCount where !strings.isNull(row) {
                    found &+= 1
                    codes[piece.offset &+ row] = store.intern(
                        strings.string(entry: strings.entry(row)))
                }
            }
            valueCount += found
        }
    }

    /// Sorts the distinct strings only, and moves every row's code to the new order.
    private static func sorted(_ interning: Interning) -> SegmentDictionary {
        let interner = interning.store
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
        let moved = interning.codes.map { ranks[Int($0)] }
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
        return SegmentDictionary(
            strings: dictionary, codes: moved, valueCount: interning.valueCount)
    }
}
