internal import StoaBase
package import StoaCodec
package import StoaModel

/// Reads one column of one scan block, vector by vector. May be used by one thread at a time;
/// opening the same block again is cheap.
package struct ColumnReader: Sendable {
    private enum Source: Sendable {
        case encoded(BlockReader)
        case fresh(MemtableColumnReader)
        case absent(ColumnType)
    }

    private let source: Source
    /// Rows of the block.
    package let rowCount: Int
    /// What the numbers lie between that the block gives, if it is known.
    package private(set) var bounds: ClosedRange<Int128>?
    /// Whether bounds hold only where `holds` says so.
    private var isChecked = false

    /// - Parameter bounds: What the block's statistics say of its numbers.
    init(
        _ reader: BlockReader, rowCount: Int, type: ColumnType, bounds: ClosedRange<Int128>?
    ) {
        source = .encoded(reader)
        self.rowCount = rowCount
        guard let range = type.integerRange else { return }
        if !type.isUnsigned64, let lasting = reader.lastingBounds,
            range.lowerBound <= lasting.lowerBound, lasting.upperBound <= range.upperBound
        {
            let known = bounds ?? lasting
            self.bounds =
                min(
                    known.lowerBound, lasting.lowerBound)...max(
                    known.upperBound, lasting.upperBound)
        } else {
            // Without bounds all rows are null.
            self.bounds = bounds
            isChecked = bounds != nil
        }
    }

    /// Whether the numbers of a vector that this reader gave lie in `bounds`, on which everything
    /// behind it relies. They do, unless bytes changed after they were verified.
    package func holds(_ vector: Vector) -> Bool {
        guard isChecked, let bounds, case .integers(let numbers) = vector.content else {
            return true
        }
        return BoundsCheck.hold(numbers, vector: vector, bounds: bounds)
    }

    init(_ reader: MemtableColumnReader, rowCount: Int) {
        source = .fresh(reader)
        self.rowCount = rowCount
    }

    init(absent type: ColumnType, rowCount: Int) {
        source = .absent(type)
        self.rowCount = rowCount
    }

    /// The encoded block, for kernels that compute on encodings; nil when the rows are not
    /// sealed or the column is newer than they are.
    package var encoded: BlockReader? {
        if case .encoded(let reader) = source { reader } else { nil }
    }

    /// Clears the bits of rows of the block that do not pass; bit 0 of word 0 is row 0, and bits
    /// behind the last row are 0. False when the rows cannot be asked where they are and must be
    /// read: then `mask` is as it was.
    package func filter(
        _ test: ColumnTest, keeping mask: UnsafeMutablePointer<UInt64>, scratch: VectorScratch
    ) -> Bool {
        switch source {
        case .encoded(let reader):
            return reader.filter(
                test, firstRow: 0, rowCount: rowCount, keeping: mask, scratch: scratch)
        case .fresh: return false
        case .absent:
            if case .isNull = test { return true }
            mask.update(repeating: 0, count: (rowCount + 63) / 64)
            return true
        }
    }

    /// Single rows of a block that is sealed, `count` ≤ 4,096 of them, rising. The vector is
    /// valid until the next read into `scratch`.
    package func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into scratch: VectorScratch
    ) -> Vector {
        switch source {
        case .encoded(let reader): return reader.gather(rows, count: count, into: scratch)
        case .fresh(let reader):
            invariant(false, "rows are gathered from sealed blocks")
            return reader.read(firstRow: 0, rowCount: count, into: scratch)
        case .absent(let type): return AbsentColumn.read(type, rowCount: count, into: scratch)
        }
    }

    /// Rows `firstRow ..< firstRow + rowCount` of the block: `firstRow` is a multiple of 1,024,
    /// `rowCount` at most 4,096. The vector is valid until the next read into `scratch`.
    package func read(
        firstRow: Int, rowCount count: Int, into scratch: VectorScratch
    ) -> Vector {
        invariant(firstRow % Limits.vectorRows == 0, "a read starts at a vector")
        invariant(count >= 0 && count <= Limits.batchRows, "a read fits the scratch")
        invariant(firstRow >= 0 && firstRow + count <= rowCount, "a read stays in its block")
        switch source {
        case .encoded(let reader):
            return reader.read(firstRow: firstRow, rowCount: count, into: scratch)
        case .fresh(let reader):
            return reader.read(firstRow: firstRow, rowCount: count, into: scratch)
        case .absent(let type):
            return AbsentColumn.read(type, rowCount: count, into: scratch)
        }
    }
}

/// Rows of a column that did not exist when they were written: all null.
private enum AbsentColumn {
    static func read(_ type: ColumnType, rowCount: Int, into scratch: VectorScratch) -> Vector {
        scratch.owner = nil
        let wordCount = (rowCount + 63) / 64
        scratch.validity.update(repeating: 0, count: wordCount)
        let content: Vector.Content
        switch ColumnLayout(type).kind {
        case .integers:
            content = .integers(Vector.Integers(lane: .constant, values: scratch.values))
        case .float32:
            let values = scratch.values.assumingMemoryBound(to: Float.self)
            values.update(repeating: 0, count: rowCount)
            content = .float32(values)
        case .float64:
            let values = scratch.values.assumingMemoryBound(to: Double.self)
            values.update(repeating: 0, count: rowCount)
            content = .float64(values)
        case .strings:
            scratch.offsets.update(repeating: 0, count: rowCount + 1)
            content = .strings(offsets: scratch.offsets, bytes: scratch.values)
        }
        return Vector(rowCount: rowCount, content: content, validity: scratch.validity)
    }
}
