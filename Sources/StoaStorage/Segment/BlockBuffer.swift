internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// One column's rows of one block, gathered from the memtable into what the codec takes. Reused
/// from block to block by one thread.
///
/// SAFETY: all pointers are this object's own memory, sized for `Limits.blockRowsLimit` rows.
final class BlockBuffer {
    private let numbers: UnsafeMutableRawPointer
    private let offsets: UnsafeMutablePointer<UInt32>
    private let words: UnsafeMutablePointer<UInt64>
    private var text = HeapBytes(byteCount: 0)

    init() {
        let rows = Limits.blockRowsLimit
        numbers = .allocate(byteCount: rows * 8 + 64, alignment: 64)
        numbers.initializeMemory(as: UInt8.self, repeating: 0, count: rows * 8 + 64)
        offsets = .allocate(capacity: rows + 16)
        offsets.initialize(repeating: 0, count: rows + 16)
        words = .allocate(capacity: rows / 64 + 1)
        words.initialize(repeating: 0, count: rows / 64 + 1)
    }

    deinit {
        numbers.deallocate()
        offsets.deallocate()
        words.deallocate()
    }

    /// Numbers of any column but strings.
    func gatherNumbers(
        _ rows: MemtableRows, _ range: Range<Int>, column index: Int, type: ColumnType
    ) -> BlockInput {
        for piece in rows.pieces(range) {
            let column = piece.chunk.columns[index]
            let source = UnsafeRawPointer(
                column.values.address + piece.chunkRow * column.layout.valueByteCount)
            switch column.layout.kind {
            case .integers(let lane, let base):
                widen(source, lane, base, at: piece.offset, count: piece.rowCount)
            case .float32, .float64:
                let size = column.layout.valueByteCount
                (numbers + piece.offset * size).copyMemory(
                    from: source, byteCount: piece.rowCount * size)
            case .strings: invariant(false, "strings are gathered as strings")
            }
        }
        switch type {
        case .float32: return .float32(numbers.assumingMemoryBound(to: Float.self))
        case .float64: return .float64(numbers.assumingMemoryBound(to: Double.self))
        default:
            return .integers(
                numbers.assumingMemoryBound(to: Int64.self), isUnsigned: type.isUnsigned64)
        }
    }

    /// Strings, one behind the other; null rows are empty.
    func gatherStrings(_ rows: MemtableRows, _ range: Range<Int>, column index: Int) -> BlockInput {
        let byteCount = rows.expandedByteCount(column: index, rows: range)
        invariant(byteCount <= Int(UInt32.max), "a block's strings fit 32-bit offsets")
        if text.byteCount < byteCount { text = HeapBytes(byteCount: byteCount + byteCount / 4) }
        var end = 0
        offsets[0] = 0
        for piece in rows.pieces(range) {
            let strings = StringPiece(piece, column: index)
            for row in 0..<piece.rowCount {
                if !strings.isNull(row) {
                    let string = strings.string(entry: strings.entry(row))
                    if let source = string.baseAddress {
                        (text.address + end).copyMemory(from: source, byteCount: string.count)
                    }
                    end += string.count
                }
                offsets[piece.offset + row + 1] = UInt32(end)
            }
        }
        return .strings(offsets: offsets, bytes: text.address)
    }

    /// The mask of the rows; nil when none is null.
    func gatherValidity(
        _ rows: MemtableRows, _ range: Range<Int>, column index: Int
    ) -> UnsafePointer<UInt64>? {
        words.update(repeating: 0, count: range.count / 64 + 1)
        var validCount = 0
        for piece in rows.pieces(range) {
            let source = piece.chunk.columns[index].validity.map {
                $0.address.assumingMemoryBound(to: UInt8.self) + piece.chunkRow
            }
            guard let source else { return nil }
            for row in 0..<piece.rowCount {
                let bit = piece.offset &+ row
                words[bit >> 6] |= UInt64(source[row]) &<< UInt64(bit & 63)
                validCount &+= Int(source[row])
            }
        }
        return validCount == range.count ? nil : UnsafePointer(words)
    }

    private func widen(
        _ source: UnsafeRawPointer, _ lane: Lane, _ base: Int64, at offset: Int, count: Int
    ) {
        let target = numbers.assumingMemoryBound(to: Int64.self) + offset
        switch lane {
        case .u8: widen(source, UInt8.self, base, target, count)
        case .u16: widen(source, UInt16.self, base, target, count)
        case .u32: widen(source, UInt32.self, base, target, count)
        case .u64, .constant: widen(source, UInt64.self, base, target, count)
        }
    }

    @inline(__always)
    private func widen<T: FixedWidthInteger & BitwiseCopyable>(
        _ source: UnsafeRawPointer, _ type: T.Type, _ base: Int64,
        _ target: UnsafeMutablePointer<Int64>, _ count: Int
    ) {
        let values = source.assumingMemoryBound(to: T.self)
        for row in 0..<count { target[row] = Int64(truncatingIfNeeded: values[row]) &+ base }
    }
}
