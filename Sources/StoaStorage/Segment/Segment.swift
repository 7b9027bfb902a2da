internal import StoaBase
internal import StoaCodec
package import StoaDisk
package import StoaModel

/// An immutable file of rows, mapped into memory.
///
/// Opening checks everything but the blocks. A block's checksum is verified when the block is
/// first touched in this process, its structure is proved once, and its reader is kept.
package final class Segment: Sendable {
    package let descriptor: SegmentDescriptor
    /// Bytes of one column's blocks are found through the footer.
    let footer: SegmentFooter
    let path: String
    private let file: Bytes
    private let tableName: String
    private let columnNames: [UInt32: String]
    /// Column id to position in the footer.
    private let positions: [UInt32: Int]
    private let cache: SegmentCache

    /// Opens a segment that the manifest lists.
    ///
    /// - Throws: `corruptSegment`, `formatTooNew`, `notSupported` or `disk`.
    package static func open(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, disk: any Disk
    ) throws(StorageError) -> Segment {
        try open(descriptor, definition: definition, path: descriptor.path, disk: disk)
    }

    /// Opens a segment under whatever name it has now.
    static func open(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, path: String, disk: any Disk
    ) throws(StorageError) -> Segment {
        let file = try SegmentFile.map(
            path, expectedByteCount: Int(clamping: descriptor.byteCount), disk: disk)
        let footer = try SegmentFile.decodeFooter(file, path: path)
        let segment = Segment(
            descriptor: descriptor, footer: footer, file: file, path: path,
            definition: definition)
        try segment.checkAgreement(definition)
        return segment
    }

    /// Opens a segment file by itself, without a manifest; what the footer says is believed.
    static func open(
        path: String, definition: TableDefinition?, disk: any Disk
    ) throws(StorageError) -> Segment {
        let file = try SegmentFile.map(path, expectedByteCount: nil, disk: disk)
        let footer = try SegmentFile.decodeFooter(file, path: path)
        let descriptor = SegmentDescriptor(
            id: footer.header.segmentID, byteCount: UInt64(file.count),
            rowCount: UInt32(footer.header.rowCount),
            footerChecksum: SegmentFile.footerChecksum(file), firstLSN: footer.firstLSN,
            lastLSN: footer.lastLSN)
        let id = footer.header.tableID
        let known = definition ?? TableDefinition(id: id, name: "#\(id)", columns: [])
        return Segment(
            descriptor: descriptor, footer: footer, file: file, path: path, definition: known)
    }

    private init(
        descriptor: SegmentDescriptor, footer: SegmentFooter, file: Bytes, path: String,
        definition: TableDefinition
    ) {
        self.descriptor = descriptor
        self.footer = footer
        self.file = file
        self.path = path
        tableName = definition.name
        columnNames = Dictionary(
            definition.columns.map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        positions = Dictionary(
            footer.columns.enumerated().map { ($1.columnID, $0) },
            uniquingKeysWith: { first, _ in first })
        cache = SegmentCache(
            columnCount: footer.columns.count, blockCount: footer.header.blockCount)
    }

    /// Rows of the segment.
    package var rowCount: Int { footer.header.rowCount }

    /// Blocks of each column.
    package var blockCount: Int { footer.header.blockCount }

    /// The manifest, the table and the file speak of the same thing.
    private func checkAgreement(_ definition: TableDefinition) throws(StorageError) {
        let header = footer.header
        guard header.segmentID == descriptor.id, header.rowCount == Int(descriptor.rowCount),
            SegmentFile.footerChecksum(file) == descriptor.footerChecksum,
            // Bulk loads get their number when they are committed, after the file is written.
            footer.firstLSN == 0 || footer.firstLSN == descriptor.firstLSN,
            footer.lastLSN == 0 || footer.lastLSN == descriptor.lastLSN
        else {
            throw .corruptSegment(
                path: path, byteOffset: 0, reason: "it is not the segment the manifest lists")
        }
        guard header.tableID == definition.id else {
            throw .corruptSegment(
                path: path, byteOffset: 20,
                reason: "it belongs to table \(header.tableID), not \(definition.id)")
        }
        for column in definition.columns {
            guard let position = positions[column.id] else { continue }
            guard footer.columns[position].type == column.type else {
                throw .corruptSegment(
                    path: path, byteOffset: 0,
                    reason: "column \(column.id) has type \(footer.columns[position].type), "
                        + "the table says \(column.type)")
            }
        }
    }

    /// The place of a column in the footer; nil when the segment lacks it.
    func position(of columnID: UInt32) -> Int? { positions[columnID] }

    // MARK: - Blocks

    /// What is known of a column's rows in a block; nil when the segment lacks the column.
    func statistics(columnID: UInt32, block: Int) -> BlockStatistics? {
        positions[columnID].flatMap { footer.block(column: $0, index: block)?.statistics }
    }

    /// The least and greatest code of a block of codes; nil for other blocks.
    func codeBounds(columnID: UInt32, block: Int) -> ClosedRange<UInt32>? {
        positions[columnID].flatMap { footer.block(column: $0, index: block)?.codes }
    }

    /// Bytes of one column's block in the file; 0 when the segment lacks the column.
    func encodedByteCount(columnID: UInt32, block: Int) -> Int {
        positions[columnID].flatMap { footer.block(column: $0, index: block)?.extent.byteCount }
            ?? 0
    }

    /// The reader of one column's block; nil when the segment lacks the column.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment`; each further call throws again.
    func reader(columnID: UInt32, block: Int) throws(StorageError) -> BlockReader? {
        guard let position = positions[columnID] else { return nil }
        return try reader(position: position, block: block)
    }

    func reader(position: Int, block: Int) throws(StorageError) -> BlockReader {
        if let reader = cache.reader(column: position, block: block) { return reader }
        guard let entry = footer.block(column: position, index: block) else {
            throw .corruptSegment(path: path, byteOffset: 0, reason: "a block's entry is invalid")
        }
        let column = footer.columns[position]
        let dictionary = column.dictionary == nil ? nil : try self.dictionary(position: position)
        let bytes = try verified(entry.extent, column: column, block: block)
        let reader: BlockReader
        do throws(CodecError) {
            reader = try BlockReader(
                bytes, kind: BlockKind(column), rowCount: entry.statistics.rowCount,
                dictionary: dictionary)
        } catch {
            throw .corruptSegment(
                path: path, byteOffset: entry.extent.byteOffset,
                reason: "block \(block) of column \(columnName(column)) cannot be read: "
                    + error.description)
        }
        cache.store(reader, column: position, block: block)
        return reader
    }

    /// The strings that a column's codes stand for; nil for other columns.
    func dictionary(columnID: UInt32) throws(StorageError) -> StringDictionary? {
        guard let position = positions[columnID] else { return nil }
        return try dictionary(position: position)
    }

    /// The strings that a column's codes stand for.
    func dictionary(position: Int) throws(StorageError) -> StringDictionary? {
        if let dictionary = cache.dictionary(column: position) { return dictionary }
        let column = footer.columns[position]
        guard let extent = column.dictionary else { return nil }
        let bytes = try verified(extent, column: column, block: -1)
        let dictionary: StringDictionary
        do throws(CodecError) {
            dictionary = try DictionaryCodec.decode(bytes)
        } catch {
            throw .corruptSegment(
                path: path, byteOffset: extent.byteOffset,
                reason: "the dictionary of column \(columnName(column)) cannot be read: "
                    + error.description)
        }
        guard dictionary.count == column.dictionaryCount else {
            throw .corruptSegment(
                path: path, byteOffset: extent.byteOffset,
                reason: "the dictionary of column \(columnName(column)) has "
                    + "\(dictionary.count) strings, not \(column.dictionaryCount)")
        }
        return cache.store(dictionary, column: position)
    }

    /// The filters of a column; nil when it has none.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment`; each further call throws again.
    func filters(position: Int) throws(StorageError) -> FilterSection? {
        if let section = cache.filters(column: position) { return section }
        let column = footer.columns[position]
        guard footer.header.optionalFeatures & SegmentHeader.filters != 0,
            let extent = column.filters
        else { return nil }
        let bytes = try verified(extent, column: column, block: -1)
        do throws(SegmentDamage) {
            guard let section = try FilterSection.decode(bytes, blockCount: blockCount) else {
                return nil
            }
            cache.store(section, column: position)
            return section
        } catch {
            throw error.storageError(path: path)
        }
    }

    /// Whether a block may hold a value of that hash; true when nothing is known.
    func mayContain(columnID: UInt32, block: Int, hash: UInt64) throws(StorageError) -> Bool {
        guard let position = positions[columnID],
            let filter = try filters(position: position)?.filter(block)
        else { return true }
        return BlockFilter.mayContain(hash, filter)
    }

    /// The bytes of an extent, whose checksum agrees.
    private func verified(
        _ extent: SegmentExtent, column: SegmentColumnEntry, block: Int
    ) throws(StorageError) -> Bytes {
        let padded = file[extent.byteOffset..<extent.end]
        let found = Checksum.crc32c(padded)
        guard found == extent.checksum else {
            var damage = CorruptBlock(
                path: path, table: tableName, column: columnName(column), blockIndex: block,
                byteOffset: extent.byteOffset)
            damage.expectedChecksum = extent.checksum
            damage.foundChecksum = found
            throw .corruptBlock(damage)
        }
        return padded[0..<extent.byteCount]
    }

    /// The column's name, or its id where the table no longer has it.
    func columnName(_ column: SegmentColumnEntry) -> String {
        columnNames[column.columnID] ?? "#\(column.columnID)"
    }
}

extension BlockKind {
    /// What the blocks of a column are.
    init(_ column: SegmentColumnEntry) {
        switch column.type {
        case .float32: self = .float32
        case .float64: self = .float64
        case .string: self = column.dictionary == nil ? .strings : .codes
        default: self = .integers(isUnsigned: column.type.isUnsigned64)
        }
    }
}
