internal import StoaBase
internal import StoaCodec
internal import StoaDisk
internal import StoaModel

/// Finds the damaged segments of a table and writes what can be read of them into new ones.
///
/// Rows go block by block: a block of which one column cannot be read is given up in all columns,
/// because no row may lose a value. The old files stay until the manifest names the new ones.
package struct DamageRemoval: Sendable {
    /// Rows that are given up.
    package private(set) var lostRowCount = 0
    /// Rows of damaged segments that are kept.
    package private(set) var keptRowCount = 0
    package private(set) var replacements: [SegmentReplacement] = []
    private let table: TableState
    private let disk: any Disk
    private let options: StoreOptions

    init(_ table: TableState, disk: any Disk, options: StoreOptions) {
        self.table = table
        self.disk = disk
        self.options = options
    }

    /// Verifies all segments, and writes the replacements of those that are damaged.
    ///
    /// - Throws: what writing met; then nothing has changed.
    mutating func prepare(_ nextSegmentID: @escaping @Sendable () -> UInt64) throws(StorageError) {
        do throws(StorageError) {
            for segment in table.segments.segments {
                let bad = segment.loss == nil ? damagedBlocks(of: segment) : nil
                if let bad, bad.isEmpty { continue }
                try replace(segment, without: bad, nextSegmentID)
            }
        } catch {
            for segment in replacements.flatMap(\.segments) { try? disk.remove(segment.path) }
            throw error
        }
    }

    /// Blocks of which some column of the table cannot be read.
    private func damagedBlocks(of segment: Segment) -> Set<Int> {
        var bad: Set<Int> = []
        for column in table.definition.columns {
            guard let position = segment.position(of: column.id) else { continue }
            if segment.footer.columns[position].dictionary != nil,
                (try? segment.verifyAgain(.dictionary(ofColumn: position))) == nil
            {
                // The strings may be in memory still, but nothing says so after a restart.
                return Set(0..<segment.blockCount)
            }
            for block in 0..<segment.blockCount {
                let isWhole =
                    (try? segment.verifyAgain(.init(column: position, block: block))) != nil
                    && (try? segment.reader(position: position, block: block)) != nil
                if !isWhole { bad.insert(block) }
            }
            // Filters are of all blocks; the rows are there without them.
            if segment.hasFilters(position: position),
                (try? segment.verifyAgain(.filters(ofColumn: position))) == nil
            {
                bad.insert(-1)
            }
        }
        return bad
    }

    /// - Parameter bad: Blocks to leave out; nil: all.
    private mutating func replace(
        _ segment: Segment, without bad: Set<Int>?,
        _ nextSegmentID: @escaping @Sendable () -> UInt64
    ) throws(StorageError) {
        let kept = bad.map { bad in (0..<segment.blockCount).filter { !bad.contains($0) } } ?? []
        let keptCount = kept.reduce(0) { $0 + segment.footer.rowCount(ofBlock: $1) }
        lostRowCount += segment.rowCount - keptCount
        keptRowCount += keptCount
        var replacement = SegmentReplacement(id: segment.descriptor.id, segments: [])
        if keptCount > 0 {
            replacement.segments = try copy(kept, of: segment, nextSegmentID)
        }
        replacements.append(replacement)
    }

    private func copy(
        _ blocks: [Int], of segment: Segment, _ nextSegmentID: @escaping @Sendable () -> UInt64
    ) throws(StorageError) -> [Segment] {
        var building = BulkBuilder.Options(limits: options.limits)
        building.memory = options.memory
        let builder = BulkBuilder(
            definition: table.definition, disk: disk, options: building,
            nextSegmentID: nextSegmentID)
        let schema = TableSchema(table.definition)
        let reads = ReadGuard()
        for index in blocks {
            let block = ScanBlock(segment: segment, index: index, schema: schema)
            try append(block, to: builder, reads)
        }
        try reads.check()
        let descriptors = try builder.finish()
        var segments: [Segment] = []
        for descriptor in descriptors {
            segments.append(
                try Segment.open(
                    descriptor, definition: table.definition, disk: disk,
                    policy: options.verification))
        }
        return segments
    }

    private func append(
        _ block: ScanBlock, to builder: BulkBuilder, _ reads: ReadGuard
    ) throws(StorageError) {
        var readers: [(reader: ColumnReader, scratch: VectorScratch)] = []
        for column in table.definition.columns {
            readers.append((try block.open(column.id, reads), VectorScratch()))
        }
        let step = Limits.vectorRows
        let rows = (0..<step).map { UInt16($0) }
        for first in stride(from: 0, to: block.rowCount, by: step) {
            let count = min(step, block.rowCount - first)
            var builders: [ColumnBuilder] = []
            for (column, source) in zip(table.definition.columns, readers) {
                var builder = ColumnBuilder(name: column.name, type: column.type)
                let vector = source.reader.read(
                    firstRow: first, rowCount: count, into: source.scratch)
                rows.withUnsafeBufferPointer {
                    guard let base = $0.baseAddress else { return }
                    builder.append(vector, rows: base, count: count)
                }
                builders.append(builder)
            }
            guard let batch = try? RowBatch.decode(Bytes(RowBatch.encode(builders))) else {
                throw .badBatch("Rows of a block cannot be written again.")
            }
            try builder.append(batch)
        }
    }
}
