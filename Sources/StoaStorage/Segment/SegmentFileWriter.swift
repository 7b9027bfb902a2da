internal import StoaBase
internal import StoaDisk
internal import StoaModel

/// Lays encoded columns out in a file, in the order header, columns, footer, trailer.
struct SegmentFileWriter {
    private let disk: any Disk
    private let file: DiskFile
    private var buffer: [UInt8] = []
    private var written = 0

    /// Bytes of one write call.
    private static let bufferByteCount = 1 << 20

    /// What there is to write.
    struct Content {
        var header: SegmentHeader
        var firstLSN: UInt64
        var lastLSN: UInt64
        var definition: TableDefinition
        var columns: [EncodedColumn]

        /// The place of a column among those that rows are sorted by, from 1.
        func sortPosition(_ index: Int) -> Int? {
            definition.sortColumnIDs.firstIndex(of: definition.columns[index].id).map { $0 + 1 }
        }
    }

    /// Writes a new file and makes its bytes durable; it stays open from the first write to the
    /// sync, so that no write error is missed.
    static func write(
        _ content: Content, to path: String, disk: any Disk
    ) throws(DiskError) -> SegmentDescriptor {
        let file = try disk.open(path, .createNew)
        defer { disk.close(file) }
        var writer = SegmentFileWriter(disk: disk, file: file)
        let descriptor = try writer.write(content)
        try disk.syncData(file)
        return descriptor
    }

    private init(disk: any Disk, file: DiskFile) {
        self.disk = disk
        self.file = file
        buffer.reserveCapacity(Self.bufferByteCount + SegmentLayout.pageByteCount)
    }

    private var offset: Int { written + buffer.count }

    private mutating func write(_ content: Content) throws(DiskError) -> SegmentDescriptor {
        var head = ByteWriter()
        content.header.encode(into: &head)
        try append(head.bytes)
        var directory: [(SegmentColumnEntry, [SegmentBlockEntry])] = []
        let starts = Self.starts(content.columns)
        try appendZeros((starts.first ?? offset) - offset)
        for (index, column) in content.columns.enumerated() {
            invariant(offset == starts[index], "a column starts where it was laid out")
            let entries = try append(
                column, definition: content.definition.columns[index],
                sortPosition: content.sortPosition(index), end: starts[index + 1])
            directory.append(entries)
        }
        let footer = SegmentFooter.encode(
            content.header, firstLSN: content.firstLSN, lastLSN: content.lastLSN,
            columns: directory)
        let trailer = SegmentTrailer(
            footerOffset: offset, footerByteCount: footer.count,
            footerChecksum: Checksum.crc32c(footer),
            fileByteCount: offset + footer.count + SegmentTrailer.byteCount)
        try append(footer)
        var tail = ByteWriter()
        trailer.encode(into: &tail)
        try append(tail.bytes)
        try flush()
        return SegmentDescriptor(
            id: content.header.segmentID, byteCount: UInt64(written),
            rowCount: UInt32(content.header.rowCount), footerChecksum: trailer.footerChecksum,
            firstLSN: content.firstLSN, lastLSN: content.lastLSN)
    }

    /// Where each column starts, and where the footer does.
    private static func starts(_ columns: [EncodedColumn]) -> [Int] {
        var starts: [Int] = []
        var end = SegmentHeader.byteCount
        for column in columns {
            let isLarge = column.byteCount >= SegmentLayout.pageAlignedByteCount
            let start =
                isLarge
                ? SegmentLayout.align(end, to: SegmentLayout.pageByteCount) : end
            starts.append(start)
            end = start + column.byteCount
        }
        return starts + [end]
    }

    /// Writes a dictionary and blocks; the last extent reaches to `end`, where the next column
    /// starts, so that its checksum covers the gap.
    private mutating func append(
        _ column: EncodedColumn, definition: ColumnDefinition, sortPosition: Int?, end: Int
    ) throws(DiskError) -> (SegmentColumnEntry, [SegmentBlockEntry]) {
        var entry = SegmentColumnEntry(columnID: definition.id, type: definition.type)
        entry.sortPosition = sortPosition
        if let dictionary = column.dictionary {
            entry.dictionary = try appendExtent(dictionary, end: nil)
            entry.dictionaryCount = column.dictionaryCount
        }
        var blocks: [SegmentBlockEntry] = []
        for (index, block) in column.blocks.enumerated() {
            let isLast = index == column.blocks.count - 1
            var bytes = block.bytes
            if isLast, let filters = column.filters {
                let start = SegmentLayout.align(bytes.count)
                bytes += [UInt8](repeating: 0, count: start - bytes.count) + filters
                entry.filters = Self.extent(of: filters, at: offset + start)
            }
            var extent = try appendExtent(bytes, end: isLast ? end : nil)
            extent.byteCount = block.bytes.count
            blocks.append(
                SegmentBlockEntry(
                    extent: extent,
                    rootEncoding: block.rootEncoding, statistics: block.statistics,
                    codes: block.codes))
        }
        return (entry, blocks)
    }

    /// The extent of bytes that stand at `start`, with zeros up to the next multiple of 64.
    private static func extent(of bytes: [UInt8], at start: Int) -> SegmentExtent {
        let padded = SegmentLayout.align(bytes.count)
        let zeros = [UInt8](repeating: 0, count: padded - bytes.count)
        return SegmentExtent(
            byteOffset: start, paddedByteCount: padded, byteCount: bytes.count,
            checksum: zeros.withUnsafeBytes {
                Checksum.crc32c($0, continuing: Checksum.crc32c(bytes))
            })
    }

    private mutating func appendExtent(
        _ bytes: [UInt8], end: Int?
    ) throws(DiskError) -> SegmentExtent {
        let start = offset
        let padded = (end ?? start + SegmentLayout.align(bytes.count)) - start
        invariant(padded >= bytes.count, "padding only adds")
        let zeros = [UInt8](repeating: 0, count: padded - bytes.count)
        let checksum = zeros.withUnsafeBytes {
            Checksum.crc32c($0, continuing: Checksum.crc32c(bytes))
        }
        try append(bytes)
        try append(zeros)
        return SegmentExtent(
            byteOffset: start, paddedByteCount: padded, byteCount: bytes.count,
            checksum: checksum)
    }

    private mutating func appendZeros(_ count: Int) throws(DiskError) {
        try append([UInt8](repeating: 0, count: count))
    }

    private mutating func append(_ bytes: [UInt8]) throws(DiskError) {
        if buffer.count + bytes.count > Self.bufferByteCount { try flush() }
        if bytes.count > Self.bufferByteCount {
            try writeOut(bytes)
        } else {
            buffer += bytes
        }
    }

    private mutating func flush() throws(DiskError) {
        guard !buffer.isEmpty else { return }
        try writeOut(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func writeOut(_ bytes: [UInt8]) throws(DiskError) {
        let disk = disk, file = file, start = written
        try bytes.withUnsafeBufferPointer { (source) throws(DiskError) in
            try disk.write(file, at: start, UnsafeRawBufferPointer(source))
        }
        written += bytes.count
    }
}
