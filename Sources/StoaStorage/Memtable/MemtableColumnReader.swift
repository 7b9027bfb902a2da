internal import StoaBase
internal import StoaModel

/// Reads one column of one memtable block. Numbers are views of the chunk, but for the last rows
/// of a chunk that still fills; the validity mask is made in the reader's scratch.
struct MemtableColumnReader: Sendable {
    private let chunk: MemtableChunk
    private let columnIndex: Int
    private let rowCount: Int
    private let dictionary: StringDictionary?

    init(_ block: MemtableBlock, columnIndex: Int) {
        chunk = block.chunk
        self.columnIndex = columnIndex
        rowCount = block.rowCount
        dictionary = block.chunk.columns[columnIndex].strings?.dictionary()
    }

    /// What the codes of this chunk stand for; nil when it holds no codes.
    var codeDictionary: StringDictionary? {
        chunk.columns[columnIndex].plainStart == nil ? dictionary : nil
    }

    func read(firstRow: Int, rowCount count: Int, into scratch: VectorScratch) -> Vector {
        invariant(
            firstRow >= 0 && count >= 0 && firstRow + count <= rowCount,
            "a read stays in the visible rows")
        let column = chunk.columns[columnIndex]
        scratch.owner = chunk
        let validity = column.validity.flatMap {
            ValidityMask.gather($0.address + firstRow, rowCount: count, into: scratch.validity)
        }
        let values = numbers(column, firstRow: firstRow, rowCount: count, scratch)
        let content: Vector.Content
        switch column.layout.kind {
        case .integers(let lane, let base):
            content = .integers(Vector.Integers(lane: lane, values: values, base: base))
        case .float32:
            content = .float32(values.assumingMemoryBound(to: Float.self))
        case .float64:
            content = .float64(values.assumingMemoryBound(to: Double.self))
        case .strings:
            content = strings(column, values, firstRow: firstRow, scratch)
        }
        return Vector(rowCount: count, content: content, validity: validity)
    }

    /// The numbers of the rows. Kernels may read a little behind the last; where the writer may
    /// be writing there, they get a copy.
    private func numbers(
        _ column: MemtableChunk.Column, firstRow: Int, rowCount count: Int,
        _ scratch: VectorScratch
    ) -> UnsafeRawPointer {
        let size = column.layout.valueByteCount
        let values = UnsafeRawPointer(column.values.address + firstRow * size)
        guard column.plainStart == nil, firstRow + count == rowCount, rowCount < chunk.capacity
        else { return values }
        scratch.values.copyMemory(from: values, byteCount: count * size)
        (scratch.values + count * size).initializeMemory(as: UInt8.self, repeating: 0, count: 64)
        return UnsafeRawPointer(scratch.values)
    }

    private func strings(
        _ column: MemtableChunk.Column, _ codes: UnsafeRawPointer, firstRow: Int,
        _ scratch: VectorScratch
    ) -> Vector.Content {
        guard let dictionary else {
            invariant(false, "a string column has a store")
            return .strings(offsets: scratch.offsets, bytes: codes)
        }
        if let plainStart = column.plainStart {
            scratch.owner = dictionary
            return .strings(
                offsets: dictionary.offsets + plainStart + firstRow, bytes: dictionary.bytes)
        }
        return .codes(Vector.Integers(lane: .u32, values: codes), dictionary)
    }
}
