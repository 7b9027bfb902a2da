internal import StoaBase
internal import StoaCodec
package import StoaDisk
package import StoaModel

/// An immutable file of rows, mapped into memory.
///
/// Opening checks everything but the blocks, and copies the footer. A block's checksum is verified
/// when the block is first touched, and again after the file changed or some time passed; its
/// structure is proved once, and its reader is kept.
package final class Segment: Sendable {
    package let descriptor: SegmentDescriptor
    /// Bytes of one column's blocks are found through the footer.
    let footer: SegmentFooter
    let path: String
    /// The mapped file.
    let fileBytes: Bytes
    let tableName: String
    private let columnNames: [UInt32: String]
    /// Column id to position in the footer.
    private let positions: [UInt32: Int]
    private let cache: SegmentCache
    /// Why nothing of the segment can be read, and its rows are only counted; nil: it can.
    package let loss: StorageError?
    /// Whether the file still is what was verified.
    let watch: SegmentWatch
    /// What is known to be damaged.
    let damages = DamageRegister()

    /// Opens a segment that the manifest lists.
    ///
    /// - Throws: `corruptSegment`, `formatTooNew`, `notSupported` or `disk`.
    package static func open(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, disk: any Disk,
        policy: VerificationPolicy = VerificationPolicy()
    ) throws(StorageError) -> Segment {
        try open(
            descriptor, definition: definition, path: descriptor.path, disk: disk, policy: policy)
    }

    /// Opens a segment that the manifest lists; when its file is missing, damaged or cannot be
    /// read, gives one whose rows are only counted, so that all else can be served.
    ///
    /// - Throws: what concerns more than the file: `formatTooNew`, `notSupported`, and `disk` for
    ///   what may pass.
    static func openOrSetAside(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, disk: any Disk,
        policy: VerificationPolicy
    ) throws(StorageError) -> Segment {
        let reason: StorageError
        do throws(StorageError) {
            return try open(descriptor, definition: definition, disk: disk, policy: policy)
        } catch {
            guard let found = setAsideReason(error, descriptor, definition) else { throw error }
            reason = found
        }
        policy.events.report(
            .error, "a segment is set aside",
            [
                "table": definition.name, "file": descriptor.path,
                "rows": "\(descriptor.rowCount)", "reason": reason.serviceError.message,
            ], kind: "a segment is set aside \(definition.name)")
        return Segment(
            descriptor: descriptor,
            footer: .unreadable(descriptor, tableID: definition.id), file: .empty,
            path: descriptor.path, definition: definition,
            watch: SegmentWatch(
                path: descriptor.path, mapping: .empty, policy: policy, disk: disk),
            loss: reason)
    }

    private static func setAsideReason(
        _ error: StorageError, _ descriptor: SegmentDescriptor, _ definition: TableDefinition
    ) -> StorageError? {
        let rows = "; its \(descriptor.rowCount) rows of table \(definition.name) are set aside"
        switch error {
        case .corruptSegment(let path, let offset, let reason):
            return .corruptSegment(path: path, byteOffset: offset, reason: reason + rows)
        // The file's own: EPERM, ENOENT, EIO, EACCES, EISDIR, ELOOP. Others may pass.
        case .disk(let error) where [1, 2, 5, 13, 21, 40].contains(error.errno):
            return .corruptSegment(
                path: descriptor.path, byteOffset: 0,
                reason: "it cannot be read (\(error.operation.rawValue): errno "
                    + "\(error.errno))" + rows)
        default: return nil
        }
    }

    /// Opens a segment under whatever name it has now.
    static func open(
        _ descriptor: SegmentDescriptor, definition: TableDefinition, path: String, disk: any Disk,
        policy: VerificationPolicy = VerificationPolicy()
    ) throws(StorageError) -> Segment {
        let file = try SegmentFile.map(
            path, expectedByteCount: Int(clamping: descriptor.byteCount), disk: disk)
        let footer = try SegmentFile.decodeFooter(file, path: path)
        let segment = Segment(
            descriptor: descriptor, footer: footer, file: file, path: path,
            definition: definition,
            watch: SegmentWatch(path: path, mapping: file, policy: policy, disk: disk))
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
            descriptor: descriptor, footer: footer, file: file, path: path, definition: known,
            watch: SegmentWatch(
                path: path, mapping: file, policy: VerificationPolicy(), disk: disk))
    }

    private init(
        descriptor: SegmentDescriptor, footer: SegmentFooter, file: Bytes, path: String,
        definition: TableDefinition, watch: SegmentWatch, loss: StorageError? = nil
    ) {
        self.loss = loss
        self.watch = watch
        self.descriptor = descriptor
        self.footer = footer
        fileBytes = file
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
            SegmentFile.footerChecksum(fileBytes) == descriptor.footerChecksum,
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
        let kept = cache.reader(column: position, block: block)
        if let kept, watch.isBelieved(kept.verification) { return kept.value }
        guard let entry = footer.block(column: position, index: block) else {
            throw .corruptSegment(path: path, byteOffset: 0, reason: "a block's entry is invalid")
        }
        let column = footer.columns[position]
        let place = DamageRegister.Place(column: position, block: block)
        if let kept {
            // What the reader proved holds for bytes with this checksum.
            let verification = try verify(entry.extent, at: place).verification
            cache.store(
                .init(value: kept.value, verification: verification), column: position,
                block: block)
            return kept.value
        }
        let dictionary = column.dictionary == nil ? nil : try self.dictionary(position: position)
        let bytes = try verify(entry.extent, at: place).bytes
        let reader: BlockReader
        do throws(CodecError) {
            reader = try BlockReader(
                bytes, kind: BlockKind(column), rowCount: entry.statistics.rowCount,
                dictionary: dictionary)
        } catch {
            // Bytes that changed while they were looked at are damage, not a format.
            _ = try verify(entry.extent, at: place)
            throw .corruptSegment(
                path: path, byteOffset: entry.extent.byteOffset,
                reason: "block \(block) of column \(columnName(column)) cannot be read: "
                    + error.description)
        }
        // The reader keeps copies of some bytes: they are those that have the checksum.
        let verification = try verify(entry.extent, at: place).verification
        cache.store(
            .init(value: reader, verification: verification), column: position, block: block)
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
        let place = DamageRegister.Place.dictionary(ofColumn: position)
        let bytes = try verify(extent, at: place).bytes
        let dictionary: StringDictionary
        do throws(CodecError) {
            dictionary = try DictionaryCodec.decode(bytes)
        } catch {
            _ = try verify(extent, at: place)
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
        // The strings were copied: they are those that have the checksum.
        _ = try verify(extent, at: place)
        return cache.store(dictionary, column: position)
    }

    /// The filters of a column; nil when it has none.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment`; each further call throws again.
    func filters(position: Int) throws(StorageError) -> FilterSection? {
        let kept = cache.filters(column: position)
        if let kept, watch.isBelieved(kept.verification) { return kept.value }
        let column = footer.columns[position]
        guard hasFilters(position: position), let extent = column.filters else { return nil }
        let (bytes, verification) = try verify(
            extent, at: .filters(ofColumn: position))
        do throws(SegmentDamage) {
            guard let section = try FilterSection.decode(bytes, blockCount: blockCount) else {
                return nil
            }
            cache.store(.init(value: section, verification: verification), column: position)
            return section
        } catch {
            throw error.storageError(path: path)
        }
    }

    /// Whether a block may hold a value of that hash; true when nothing is known, be it because
    /// the filter is damaged.
    func mayContain(columnID: UInt32, block: Int, hash: UInt64, _ reads: ReadGuard) -> Bool {
        guard let position = positions[columnID], hasFilters(position: position) else {
            return true
        }
        reads.willRead(.filters(ofColumn: position), of: self)
        guard let filter = (try? filters(position: position))?.filter(block) else { return true }
        return BlockFilter.mayContain(hash, filter)
    }

    func hasFilters(position: Int) -> Bool {
        footer.header.optionalFeatures & SegmentHeader.filters != 0
            && footer.columns[position].filters != nil
    }

    /// The column's name, or its id where the table no longer has it.
    func columnName(_ column: SegmentColumnEntry) -> String {
        columnName(column.columnID)
    }

    func columnName(_ columnID: UInt32) -> String { columnNames[columnID] ?? "#\(columnID)" }
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
