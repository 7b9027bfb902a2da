internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// The order of a segment's rows by the table's sort columns: ascending, NULL last, rows that are
/// equal in the order they came.
struct RowOrder {
    /// One sort column of all rows.
    private struct Key {
        /// In the order of the values; of strings the first eight bytes.
        var ranks: [UInt64]
        var isNull: [Bool]
        /// Of string columns: every row's bytes.
        var strings: [UnsafeRawBufferPointer]
    }

    private let keys: [Key]
    private let rowCount: Int

    /// - Parameter columns: Positions in the table's columns, the first decides first.
    init(_ rows: MemtableRows, columns: [Int]) {
        rowCount = rows.rowCount
        let buffer = BlockBuffer()
        keys = columns.map { Self.key(rows, column: $0, buffer) }
    }

    /// Row numbers in order; nil when the rows stand in order already.
    func permutation() -> [UInt32]? {
        if (1..<max(1, rowCount)).allSatisfy({ !precedes($0, $0 - 1) }) { return nil }
        guard let first = keys.first else { return nil }
        struct Entry {
            let rank: UInt64
            let row: UInt32
        }
        var entries: [Entry] = []
        entries.reserveCapacity(rowCount)
        for row in 0..<rowCount {
            entries.append(
                Entry(rank: first.isNull[row] ? .max : first.ranks[row], row: UInt32(row)))
        }
        entries.sort { ($0.rank, $0.row) < ($1.rank, $1.row) }
        var start = 0
        while start < rowCount {
            var end = start + 1
            while end < rowCount, entries[end].rank == entries[start].rank { end += 1 }
            if end - start > 1 {
                entries[start..<end].sort { left, right in
                    if precedes(Int(left.row), Int(right.row)) { return true }
                    if precedes(Int(right.row), Int(left.row)) { return false }
                    return left.row < right.row
                }
            }
            start = end
        }
        return entries.map(\.row)
    }

    private func precedes(_ left: Int, _ right: Int) -> Bool {
        for key in keys {
            if key.isNull[left] || key.isNull[right] {
                if key.isNull[left] && key.isNull[right] { continue }
                return key.isNull[right]
            }
            if key.ranks[left] != key.ranks[right] { return key.ranks[left] < key.ranks[right] }
            guard !key.strings.isEmpty else { continue }
            if ByteOrder.isLess(key.strings[left], key.strings[right]) { return true }
            if ByteOrder.isLess(key.strings[right], key.strings[left]) { return false }
        }
        return false
    }

    private static func key(_ rows: MemtableRows, column: Int, _ buffer: BlockBuffer) -> Key {
        let type = rows.memtable.definition.columns[column].type
        var key = Key(ranks: [], isNull: [], strings: [])
        key.ranks.reserveCapacity(rows.rowCount)
        key.isNull.reserveCapacity(rows.rowCount)
        if type == .string {
            addStrings(rows, column: column, to: &key)
            return key
        }
        for start in stride(from: 0, to: rows.rowCount, by: Limits.blockRowsLimit) {
            let range = start..<min(start + Limits.blockRowsLimit, rows.rowCount)
            let input = buffer.gatherNumbers(rows, range, column: column, type: type)
            let mask = buffer.gatherValidity(rows, range, column: column)
            for row in 0..<range.count {
                key.isNull.append(mask.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 0 } ?? false)
            }
            switch input {
            case .integers(let values, let isUnsigned):
                let flip: UInt64 = isUnsigned ? 0 : 1 << 63
                for row in 0..<range.count {
                    key.ranks.append(UInt64(bitPattern: values[row]) ^ flip)
                }
            case .float32(let values):
                for row in 0..<range.count { key.ranks.append(rank(Double(values[row]))) }
            case .float64(let values):
                for row in 0..<range.count { key.ranks.append(rank(values[row])) }
            case .strings, .codes: invariant(false, "strings are gathered as strings")
            }
        }
        return key
    }

    /// -0.0 is 0.0, and every NaN is one value above all others.
    private static func rank(_ value: Double) -> UInt64 {
        if value.isNaN { return .max }
        let bits = (value == 0 ? 0 : value).bitPattern
        return bits >> 63 == 1 ? ~bits : bits | 1 << 63
    }

    private static func addStrings(_ rows: MemtableRows, column: Int, to key: inout Key) {
        key.strings.reserveCapacity(rows.rowCount)
        for piece in rows.pieces(0..<rows.rowCount) {
            let strings = StringPiece(piece, column: column)
            for row in 0..<piece.rowCount {
                let isNull = strings.isNull(row)
                let string =
                    isNull
                    ? UnsafeRawBufferPointer(start: nil, count: 0)
                    : strings.string(entry: strings.entry(row))
                key.isNull.append(isNull)
                key.ranks.append(ByteOrder.prefix(string))
                key.strings.append(string)
            }
        }
    }
}
