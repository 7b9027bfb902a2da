internal import StoaBase
internal import StoaModel

/// Moves the numbers of batch columns into memtable chunks, widening where the table's type is
/// wider than the batch's.
enum ColumnCopy {
    /// Rows `first ..< first + count` of an integer-backed batch column, less `base`.
    static func integers(
        _ column: BatchColumn, first: Int, count: Int, lane: Lane, base: Int64,
        to target: UnsafeMutableRawPointer
    ) {
        invariant(first >= 0 && first + count <= column.rowCount, "rows lie in their batch")
        let source = column.values
        switch column.type {
        case .bool, .uint8: widen(source, UInt8.self, first, count, lane, base, target)
        case .int8: widen(source, Int8.self, first, count, lane, base, target)
        case .int16: widen(source, Int16.self, first, count, lane, base, target)
        case .uint16: widen(source, UInt16.self, first, count, lane, base, target)
        case .int32, .date: widen(source, Int32.self, first, count, lane, base, target)
        case .uint32: widen(source, UInt32.self, first, count, lane, base, target)
        case .int64, .timestamp, .decimal, .uint64:
            widen(source, Int64.self, first, count, lane, base, target)
        case .float32, .float64, .string:
            invariant(false, "only integer-backed columns are copied as integers")
        }
    }

    /// Rows of a float batch column into a FLOAT64 chunk, or FLOAT32 into FLOAT32.
    static func floats(
        _ column: BatchColumn, first: Int, count: Int, isWide: Bool,
        to target: UnsafeMutableRawPointer
    ) {
        invariant(first >= 0 && first + count <= column.rowCount, "rows lie in their batch")
        if column.type == .float32, isWide {
            let source = column.values.assumingMemoryBound(to: Float.self) + first
            let wide = target.assumingMemoryBound(to: Double.self)
            for row in 0..<count { wide[row] = Double(source[row]) }
            return
        }
        let size = isWide ? 8 : 4
        target.copyMemory(from: column.values + first * size, byteCount: count * size)
    }

    /// A byte per row, 1 where the row is not null.
    static func validity(
        _ column: BatchColumn, first: Int, count: Int, to target: UnsafeMutableRawPointer
    ) {
        guard let mask = column.validity else {
            target.initializeMemory(as: UInt8.self, repeating: 1, count: count)
            return
        }
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        for row in 0..<count {
            let bit = first &+ row
            bytes[row] = UInt8(truncatingIfNeeded: mask[bit >> 6] &>> UInt64(bit & 63) & 1)
        }
    }

    @inline(__always)
    private static func widen<S: FixedWidthInteger & BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ type: S.Type, _ first: Int, _ count: Int, _ lane: Lane,
        _ base: Int64, _ target: UnsafeMutableRawPointer
    ) {
        let values = source.assumingMemoryBound(to: S.self) + first
        switch lane {
        case .u8: copy(values, count, base, target.assumingMemoryBound(to: UInt8.self))
        case .u16: copy(values, count, base, target.assumingMemoryBound(to: UInt16.self))
        case .u32: copy(values, count, base, target.assumingMemoryBound(to: UInt32.self))
        case .u64: copy(values, count, base, target.assumingMemoryBound(to: UInt64.self))
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
