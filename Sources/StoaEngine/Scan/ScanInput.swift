internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaStorage

/// The columns of one block, read batch by batch and only when an expression asks for them.
final class ScanInput: ColumnSource {
    private let columnIDs: [UInt32]
    private let scratch: Scratch
    private let reads: ReadGuard
    private var vectors: [VectorScratch?]
    private var readers: [ColumnReader?]
    private var bounds: [ClosedRange<Int128>?]
    private var values: [Value?]
    private var block: ScanBlock?
    private var firstRow = 0
    private var blockTableRow = 0
    /// Rows that are gathered one by one, in place of those from `firstRow` on.
    private var gathered: UnsafePointer<UInt16>?
    private(set) var rowCount = 0
    private let allRows: UnsafeMutablePointer<UInt64>
    /// What the texts of a column's current rows take where they were unpacked.
    private var unpacked: [MemoryShare?]
    private let counters: ScanCounters?
    /// Bytes of the column blocks opened so far.
    private(set) var bytesRead = 0

    init(
        columnIDs: [UInt32], scratch: Scratch, reads: ReadGuard, counters: ScanCounters? = nil
    ) throws(ServiceError) {
        self.columnIDs = columnIDs
        self.reads = reads
        self.counters = counters
        self.scratch = scratch
        vectors = columnIDs.map { _ in nil }
        readers = columnIDs.map { _ in nil }
        bounds = columnIDs.map { _ in nil }
        values = columnIDs.map { _ in nil }
        unpacked = columnIDs.map { _ in nil }
        allRows = try scratch.takeMask()
        super.init()
    }

    /// Makes `block` the one that is read; nil for one row of no columns.
    ///
    /// - Parameter firstTableRow: The place of the block's first row among all rows.
    func begin(_ block: ScanBlock?, firstTableRow: Int = 0) {
        blockTableRow = firstTableRow
        self.block = block
        for index in readers.indices {
            readers[index] = nil
            bounds[index] = nil
        }
    }

    /// Makes the rows from `firstRow` on the current batch, with those selected that count.
    func begin(
        firstRow: Int, rowCount: Int, selection: UnsafePointer<UInt64>
    ) -> Frame {
        self.firstRow = firstRow
        gathered = nil
        slice = nil
        place = RowPlace(firstRow: blockTableRow + firstRow)
        self.rowCount = rowCount
        for index in values.indices { values[index] = nil }
        return frame(rowCount: rowCount, selection: selection)
    }

    /// Makes some rows of the current batch, by their places in it, those that are looked at.
    func begin(slice: Range<Int>, selection: UnsafePointer<UInt64>) -> Frame {
        self.slice = slice
        return frame(rowCount: rowCount, selection: selection)
    }

    /// Whether rows of the current block can be gathered.
    var canGather: Bool { block?.isSealed ?? false }

    /// Makes single rows of the block the current batch; `rows` stays as it is until the next.
    func begin(gathering rows: UnsafePointer<UInt16>, count: Int) -> Frame {
        gathered = rows
        slice = nil
        place = RowPlace(firstRow: blockTableRow, gathered: rows)
        rowCount = count
        for index in values.indices { values[index] = nil }
        MaskWords.fill(allRows, rowCount: count)
        return frame(rowCount: count, selection: allRows)
    }

    override func column(_ index: Int) throws(ServiceError) -> Value {
        if let value = values[index] {
            count(value.vector)
            return value
        }
        let reader = try reader(index)
        let vectorScratch = try vectorScratch(index)
        let vector =
            gathered.map { reader.gather($0, count: rowCount, into: vectorScratch) }
            ?? reader.read(firstRow: firstRow, rowCount: rowCount, into: vectorScratch)
        if !reader.holds(vector) { throw contradiction(index) }
        let value = Value(vector, bounds: bounds[index])
        values[index] = value
        count(vector)
        if vectorScratch.owner != nil, case .strings(let offsets, _) = vector.content {
            // How much it is shows only when it is there.
            let share = unpacked[index] ?? MemoryShare(of: scratch.budget)
            unpacked[index] = share
            share.set(Int(offsets[rowCount]))
        }
        return value
    }

    /// Counts the text of the rows that are looked at.
    private func count(_ vector: Vector) {
        guard case .strings(let offsets, _) = vector.content else { return }
        let rows = slice ?? 0..<rowCount
        scratch.textByteCount += Int(offsets[rows.upperBound] &- offsets[rows.lowerBound])
    }

    /// Bounds of a column's numbers in the current block, if they are known and none is NULL.
    func wholeBounds(_ index: Int) throws(ServiceError) -> ClosedRange<Int128>? {
        guard block?.statistics(columnIDs[index])?.nullCount == 0 else { return nil }
        return try reader(index).bounds
    }

    /// Some rows of a column of the current block, beside the batches; valid until its next read.
    func read(
        _ index: Int, firstRow: Int, rowCount: Int
    ) throws(ServiceError) -> Vector {
        let reader = try reader(index)
        let vector = reader.read(
            firstRow: firstRow, rowCount: rowCount, into: try vectorScratch(index))
        if !reader.holds(vector) { throw contradiction(index) }
        return vector
    }

    /// Why a column's numbers are not what statistics say: its bytes changed since they were
    /// verified, else they were written so.
    private func contradiction(_ index: Int) -> ServiceError {
        guard let block else { return ServiceError(.unknownColumn, "There is no such column.") }
        do throws(StorageError) { try reads.verifyAgain(block) } catch { return error.serviceError }
        return block.contradiction(columnIDs[index]).serviceError
    }

    private func vectorScratch(_ index: Int) throws(ServiceError) -> VectorScratch {
        if let known = vectors[index] { return known }
        let made = try scratch.takeVector()
        vectors[index] = made
        return made
    }

    /// The open column of the current block.
    func reader(_ index: Int) throws(ServiceError) -> ColumnReader {
        if let reader = readers[index] { return reader }
        guard let block else { throw ServiceError(.unknownColumn, "There is no such column.") }
        let columnID = columnIDs[index]
        do {
            let reader = try block.open(columnID, reads)
            readers[index] = reader
            counters?.didOpen(reader)
            bytesRead += block.encodedByteCount(columnID)
            bounds[index] = reader.bounds
            return reader
        } catch {
            throw error.serviceError
        }
    }
}
