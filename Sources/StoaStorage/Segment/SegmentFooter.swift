internal import StoaBase
internal import StoaModel

/// The directories of a segment file: fixed-width arrays, read from a copy, so that nothing that
/// happens to the file later can change what statistics say.
///
///     offset  size  field
///          0     4  columnCount      as in the header
///          4     4  blockCount       of each column
///          8     4  rowCount         as in the header
///         12     4  blockRows        as in the header
///         16     8  segmentID        as in the header
///         24     4  tableID          as in the header
///         28     4  schemaVersion    as in the header
///         32     8  firstLSN         of the batches whose rows are here; 0 after a bulk load
///         40     8  lastLSN
///         48    16  reserved         0
///         64     …  columns          columnCount × 64 bytes: SegmentColumnEntry
///          …     …  blocks           columnCount × blockCount × 128 bytes, SegmentBlockEntry:
///                                    all blocks of the first column, then of the second, …
struct SegmentFooter {
    static let headByteCount = 64

    let header: SegmentHeader
    let firstLSN: UInt64
    let lastLSN: UInt64
    let columns: [SegmentColumnEntry]
    private let bytes: Bytes

    /// The footer of a segment of which nothing can be read: that many rows, and no column.
    static func unreadable(_ descriptor: SegmentDescriptor, tableID: TableID) -> SegmentFooter {
        let header = SegmentHeader(
            tableID: tableID, segmentID: descriptor.id, schemaVersion: 0,
            rowCount: Int(descriptor.rowCount), columnCount: 0,
            blockRows: Limits.blockRowsLimit)
        return SegmentFooter(
            header: header, firstLSN: descriptor.firstLSN, lastLSN: descriptor.lastLSN,
            columns: [], bytes: .empty)
    }

    static func byteCount(_ header: SegmentHeader) -> Int {
        headByteCount + header.columnCount * SegmentColumnEntry.byteCount
            + header.columnCount * header.blockCount * SegmentBlockEntry.byteCount
    }

    static func encode(
        _ header: SegmentHeader, firstLSN: UInt64, lastLSN: UInt64,
        columns: [(SegmentColumnEntry, [SegmentBlockEntry])]
    ) -> [UInt8] {
        var output = ByteWriter(reservingCapacity: byteCount(header))
        output.append(UInt32(header.columnCount))
        output.append(UInt32(header.blockCount))
        output.append(UInt32(header.rowCount))
        output.append(UInt32(header.blockRows))
        output.append(header.segmentID)
        output.append(header.tableID)
        output.append(header.schemaVersion)
        output.append(firstLSN)
        output.append(lastLSN)
        output.appendZeros(16)
        for (column, _) in columns { column.encode(into: &output) }
        for (_, blocks) in columns {
            invariant(blocks.count == header.blockCount, "every column has the same blocks")
            for block in blocks { block.encode(into: &output) }
        }
        invariant(output.count == byteCount(header), "a footer has its length")
        return output.bytes
    }

    /// Reads the footer and proves that its extents cover the file without a gap, so that every
    /// later access is in bounds.
    static func decode(
        _ file: Bytes, header: SegmentHeader, trailer: SegmentTrailer
    ) throws(SegmentDamage) -> SegmentFooter {
        let start = trailer.footerOffset
        let bytes = file[start..<start + trailer.footerByteCount].withUnsafeBytes {
            Bytes(copying: $0)
        }
        let actual = Checksum.crc32c(bytes)
        guard actual == trailer.footerChecksum else {
            throw .checksum(
                offset: start, what: "footer", stored: trailer.footerChecksum, actual: actual)
        }
        guard bytes.count == byteCount(header), agrees(bytes, with: header) else {
            throw .damaged(offset: start, "the footer and the header are of different segments")
        }
        var columns: [SegmentColumnEntry] = []
        var ids: Set<UInt32> = []
        for index in 0..<header.columnCount {
            let offset = headByteCount + index * SegmentColumnEntry.byteCount
            guard let entry = SegmentColumnEntry.decode(bytes, at: offset),
                ids.insert(entry.columnID).inserted
            else { throw .damaged(offset: start + offset, "a column's entry is invalid") }
            columns.append(entry)
        }
        let footer = SegmentFooter(
            header: header, firstLSN: bytes.integer(at: 32), lastLSN: bytes.integer(at: 40),
            columns: columns, bytes: bytes)
        try footer.checkExtents(file, footerOffset: start)
        return footer
    }

    /// The entry of a block; its fields were checked when the footer was read.
    func block(column: Int, index: Int) -> SegmentBlockEntry? {
        invariant(index >= 0 && index < header.blockCount, "the block is in the segment")
        return SegmentBlockEntry.decode(
            bytes, at: blockOffset(column: column, index: index), type: columns[column].type)
    }

    /// Rows of a block.
    func rowCount(ofBlock index: Int) -> Int {
        min(header.blockRows, header.rowCount - index * header.blockRows)
    }

    private func blockOffset(column: Int, index: Int) -> Int {
        invariant(column >= 0 && column < columns.count, "the column is in the segment")
        return Self.headByteCount + columns.count * SegmentColumnEntry.byteCount
            + (column * header.blockCount + index) * SegmentBlockEntry.byteCount
    }

    private static func agrees(_ bytes: Bytes, with header: SegmentHeader) -> Bool {
        Int(bytes.integer(at: 0, as: UInt32.self)) == header.columnCount
            && Int(bytes.integer(at: 4, as: UInt32.self)) == header.blockCount
            && Int(bytes.integer(at: 8, as: UInt32.self)) == header.rowCount
            && Int(bytes.integer(at: 12, as: UInt32.self)) == header.blockRows
            && bytes.integer(at: 16, as: UInt64.self) == header.segmentID
            && bytes.integer(at: 24, as: UInt32.self) == header.tableID
            && bytes.integer(at: 28, as: UInt32.self) == header.schemaVersion
    }

    /// Extents follow each other in directory order; only between header and first extent there
    /// may be zeros of nobody.
    private func checkExtents(_ file: Bytes, footerOffset: Int) throws(SegmentDamage) {
        var end = SegmentHeader.byteCount
        var isFirst = true
        func claim(_ extent: SegmentExtent, at offset: Int) throws(SegmentDamage) {
            if isFirst {
                guard extent.byteOffset >= end, extent.byteOffset <= footerOffset,
                    extent.byteOffset < SegmentLayout.pageByteCount * 2,
                    (end..<extent.byteOffset).allSatisfy({ file[$0] == 0 })
                else { throw .damaged(offset: end, "the bytes behind the header are not zero") }
                end = extent.byteOffset
                isFirst = false
            }
            guard extent.byteOffset == end, extent.byteCount <= extent.paddedByteCount,
                extent.paddedByteCount <= footerOffset - end
            else { throw .damaged(offset: footerOffset + offset, "extents leave gaps or overlap") }
            end = extent.end
        }
        for (index, column) in columns.enumerated() {
            if let dictionary = column.dictionary {
                try claim(
                    dictionary, at: Self.headByteCount + index * SegmentColumnEntry.byteCount)
            }
            for blockIndex in 0..<header.blockCount {
                let offset = blockOffset(column: index, index: blockIndex)
                guard let block = block(column: index, index: blockIndex),
                    block.statistics.rowCount == rowCount(ofBlock: blockIndex),
                    block.codes == nil || column.dictionary != nil,
                    block.codes.map({ Int($0.upperBound) < column.dictionaryCount }) ?? true
                else {
                    throw .damaged(offset: footerOffset + offset, "a block's entry is invalid")
                }
                try claim(block.extent, at: offset)
                if let filters = column.filters, blockIndex == header.blockCount - 1 {
                    let start = block.extent.byteOffset + block.extent.byteCount
                    guard filters.byteOffset >= start, filters.end <= block.extent.end,
                        filters.byteCount <= filters.paddedByteCount
                    else {
                        throw .damaged(
                            offset: footerOffset + offset, "filters lie outside their column")
                    }
                }
            }
        }
        guard end == footerOffset else {
            throw .damaged(offset: end, "bytes between the last block and the footer")
        }
    }
}
