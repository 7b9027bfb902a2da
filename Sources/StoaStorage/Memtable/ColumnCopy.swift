internal import StoaBase
internal import StoaModel

/// Moves the numbers of batch columns into memtable chunks, widening where the table's type is
/// wider than the batch's.
enum ColumnCopy {
    /// Where rows of a batch column go.
    struct Rows {
        let column: BatchColumn
        /// The first row of the batch column.
        let first: Int
        let count: Int
        /// Their first place in the chunk.
        let target: UnsafeMutableRawPointer
    }

    /// Rows of an integer-backed column, less `base`, as numbers of `lane`.
    static func integers(_ rows: Rows, lane: Lane, base: Int64) {
        check(rows)
        switch rows.column.type {
        case .bool, .uint8: widen(rows, UInt8.self, lane, base)
        case .int8: widen(rows, Int8.self, lane, base)
        case .int16: widen(rows, Int16.self, lane, base)
        case .uint16: widen(rows, UInt16.self, lane, base)
        case .int32, .date: widen(rows, Int32.self, lane, base)
        case .uint32: widen(rows, UInt32.self, lane, base)
        case .int64, .timestamp, .decimal, .uint64: widen(rows, Int64.self, lane, base)
        case .float32, .float64, .string:
            invariant(false, "only integer-backed columns are copied as integers")
        }
    }

    /// Rows of a float column into a FLOAT64 chunk, or FLOAT32 into FLOAT32.
    static func floats(_ rows: Rows, isWide: Bool) {
        check(rows)
        if rows.column.type == .float32, isWide {
            let source = rows.column.values.assumingMemoryBound(to: Float.self) + rows.first
            let wide = rows.target.assumingMemoryBound(to: Double.self)
            for row in 0..<rows.count { wide[row] = Double(source[row]) }
            return
        }
        let size = isWide ? 8 : 4
        rows.target.copyMemory(
            from: rows.column.values + rows.first * size, byteCount: rows.count * size)
    }

    /// A byte per row, 1 where the row is not null.
    static func validity(_ rows: Rows) {
        check(rows)
        guard let mask = rows.column.validity else {
            rows.target.initializeMemory(as: UInt8.self, repeating: 1, count: rows.count)
            return
        }
        let bytes = rows.target.assumingMemoryBound(to: UInt8.self)
        for row in 0..<rows.count {
            let bit = rows.first &+ row
            bytes[row] = UInt8(truncatingIfNeeded: mask[bit >> 6] &>> UInt64(bit & 63) & 1)
        }
    }

    private static func check(_ rows: Rows) {
        invariant(
            rows.first >= 0 && rows.count >= 0 && rows.first + rows.count <= rows.column.rowCount,
            "rows lie in their batch")
    }

    @inline(__always)
    private static func widen<S: FixedWidthInteger & BitwiseCopyable>(
        _ rows: Rows, _ type: S.Type, _ lane: Lane, _ base: Int64
    ) {
        let values = rows.column.values.assumingMemoryBound(to: S.self) + rows.first
        let target = rows.target
        switch lane {
        case .u8: copy(values, rows.count, base, target.assumingMemoryBound(to: UInt8.self))
        case .u16: copy(values, rows.count, base, target.assumingMemoryBound(to: UInt16.self))
        case .u32: copy(values, rows.count, base, target.assumingMemoryBound(to: UInt32.self))
        case .u64: copy(values, rows.count, base, target.assumingMemoryBound(to: UInt64.self))
        case .constant: invariant(false, "a chunk holds numbers")
        }
    }

    @inline(__always)
    private static func copy<S: FixedWidthInteger, D: FixedWidthInteger>(
        _ source: UnsafePointer<S>, _ count: Int, _ base: Int64,
        _ target: UnsafeMutablePointer<D>
    ) {
        let less = D(truncatingIfNeeded: base)
        for row in 0..<count { target[row] = D(truncatingIfNeeded: source[row]) &- less }
    }
}
