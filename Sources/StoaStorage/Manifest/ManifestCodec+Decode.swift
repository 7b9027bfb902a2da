package import StoaBase
internal import StoaModel

extension ManifestCodec {
    /// Reads a manifest; believes no field before the checksum agrees.
    ///
    /// - Throws: `corruptManifest` with the place, or `formatTooNew`.
    package static func decode(_ bytes: Bytes, path: String) throws(StorageError) -> Manifest {
        guard bytes.count >= headerByteCount + 4 else {
            throw corrupt(path, bytes.count, "the file is cut short")
        }
        guard bytes.integer(at: 0, as: UInt32.self) == magic else {
            throw corrupt(path, 0, "this is no manifest")
        }
        let end = bytes.count - 4
        guard Checksum.crc32c(bytes[0..<end]) == bytes.integer(at: end, as: UInt32.self) else {
            throw corrupt(path, end, "the checksum is another")
        }
        let minReader: UInt16 = bytes.integer(at: 6)
        guard minReader <= version else {
            throw .formatTooNew(path: path, found: UInt32(minReader), supported: UInt32(version))
        }
        let minWriter: UInt16 = bytes.integer(at: 8)
        guard minWriter <= version else {
            throw .formatTooNew(path: path, found: UInt32(minWriter), supported: UInt32(version))
        }
        guard bytes.integer(at: 24, as: UInt64.self) == 0 else {
            throw .formatTooNew(
                path: path, found: UInt32(bytes.integer(at: 4, as: UInt16.self)),
                supported: UInt32(version))
        }
        guard bytes.integer(at: 16, as: UInt64.self) == UInt64(bytes.count) else {
            throw corrupt(path, 16, "the length is another")
        }
        if let offset = spentCounterOffset(bytes) {
            throw corrupt(path, offset, "the counter is beyond its end")
        }
        var manifest = decodeHeader(bytes)
        var reader = ByteReader(bytes[0..<end], at: headerByteCount)
        do throws(Refusal) {
            try decodeSections(&reader, into: &manifest)
        } catch {
            if error.isTooNew {
                throw .formatTooNew(
                    path: path, found: UInt32(bytes.integer(at: 4, as: UInt16.self)),
                    supported: UInt32(version))
            }
            throw corrupt(path, reader.offset, error.reason)
        }
        return manifest
    }

    private struct Refusal: Error {
        var reason: String
        var isTooNew = false
    }

    private static func corrupt(_ path: String, _ offset: Int, _ reason: String) -> StorageError {
        .corruptManifest(path: path, byteOffset: offset, reason: reason)
    }

    /// Where a counter stands that could not count on: none gets there by counting, and the next
    /// step would overflow.
    private static func spentCounterOffset(_ bytes: Bytes) -> Int? {
        let wide = [56, 64, 72, 80, 104, 112]
        let narrow = [88, 96, 100, 124]
        return wide.first { bytes.integer(at: $0, as: UInt64.self) > 1 << 62 }
            ?? narrow.first { bytes.integer(at: $0, as: UInt32.self) > 1 << 31 }
    }

    private static func decodeHeader(_ bytes: Bytes) -> Manifest {
        var manifest = Manifest(
            generation: bytes.integer(at: 64),
            databaseID: DatabaseID(high: bytes.integer(at: 40), low: bytes.integer(at: 48)),
            incarnation: bytes.integer(at: 56))
        manifest.lsn = bytes.integer(at: 72)
        manifest.nextSegmentID = bytes.integer(at: 80)
        manifest.nextTableID = bytes.integer(at: 88)
        manifest.previousChecksum = bytes.integer(at: 92)
        manifest.log = LogPosition(
            file: LogFileName(epoch: bytes.integer(at: 96), number: bytes.integer(at: 100)),
            chain: LogChain(lsn: bytes.integer(at: 104), checksum: bytes.integer(at: 120)),
            durableLSN: bytes.integer(at: 112), newestNumber: bytes.integer(at: 124))
        return manifest
    }

    private static func decodeSections(
        _ reader: inout ByteReader, into manifest: inout Manifest
    ) throws(Refusal) {
        var producers: [ProducerKey: ProducerState] = [:]
        while reader.remainingByteCount > 0 {
            let tag: UInt16 = try next(&reader)
            let flags: UInt16 = try next(&reader)
            let byteCount: UInt32 = try next(&reader)
            var section = try slice(&reader, Int(byteCount))
            switch tag {
            case Tag.table:
                let table = try decodeTable(&section)
                guard manifest.tableIndex(table.definition.id) == nil,
                    manifest.tableIndex(named: table.definition.name) == nil
                else { throw Refusal(reason: "a table is there twice") }
                guard table.definition.id < manifest.nextTableID else {
                    throw Refusal(reason: "a table's id was never given out")
                }
                manifest.tables.append(table)
            case Tag.producer:
                let (key, state) = try decodeProducer(&section)
                guard producers.updateValue(state, forKey: key) == nil else {
                    throw Refusal(reason: "a producer is there twice")
                }
            default:
                if flags & mustUnderstand != 0 {
                    throw Refusal(reason: "a section is unknown", isTooNew: true)
                }
            }
        }
        manifest.producers = ProducerTable(producers)
    }

    private static func decodeTable(_ section: inout ByteReader) throws(Refusal) -> ManifestTable {
        var fixed = try entry(&section)
        let id: UInt32 = try next(&fixed)
        let schemaVersion: UInt32 = try next(&fixed)
        let sealedLSN: UInt64 = try next(&fixed)
        let timeColumnID: UInt32 = try next(&fixed)
        let nextColumnID: UInt32 = try next(&fixed)
        let columnCount: UInt32 = try next(&fixed)
        let segmentCount: UInt32 = try next(&fixed)
        let labelCount: UInt32 = try next(&fixed)
        let name = try text(&fixed)
        guard columnCount <= Limits.columnCountLimit else {
            throw Refusal(reason: "a table has too many columns")
        }
        var definition = TableDefinition(
            id: id, name: name, schemaVersion: schemaVersion, columns: [],
            timeColumnID: timeColumnID == 0 ? nil : timeColumnID)
        guard nextColumnID <= 1 << 31, schemaVersion <= 1 << 31 else {
            throw Refusal(reason: "a table's counter is beyond its end")
        }
        var ids: Set<UInt32> = []
        for _ in 0..<columnCount {
            let column = try decodeColumn(&section)
            guard column.id > 0, column.id < nextColumnID, ids.insert(column.id).inserted else {
                throw Refusal(reason: "a column's id is there twice or was never given out")
            }
            definition.columns.append(column)
        }
        var table = ManifestTable(definition: definition, sealedLSN: sealedLSN)
        table.nextColumnID = nextColumnID
        for _ in 0..<segmentCount { table.segments.append(try decodeSegment(&section)) }
        for _ in 0..<labelCount { table.labels.append(try decodeLabel(&section)) }
        while section.remainingByteCount > 0 {
            let tag: UInt16 = try next(&section)
            let flags: UInt16 = try next(&section)
            let byteCount: UInt32 = try next(&section)
            var option = try slice(&section, Int(byteCount))
            if tag == OptionTag.sort {
                table.definition.sortColumnIDs = try decodeSort(&option, ids)
            } else if flags & mustUnderstand != 0 {
                throw Refusal(reason: "a table option is unknown", isTooNew: true)
            }
        }
        return table
    }

    private static func decodeSort(
        _ option: inout ByteReader, _ known: Set<UInt32>
    ) throws(Refusal) -> [UInt32] {
        let count: UInt16 = try next(&option)
        var ids: [UInt32] = []
        for _ in 0..<count {
            let id: UInt32 = try next(&option)
            guard known.contains(id), !ids.contains(id) else {
                throw Refusal(reason: "rows are sorted by a column that is not there")
            }
            ids.append(id)
        }
        return ids
    }

    private static func decodeColumn(
        _ section: inout ByteReader
    ) throws(Refusal) -> ColumnDefinition {
        var fields = try entry(&section)
        let id: UInt32 = try next(&fields)
        let code: UInt8 = try next(&fields)
        let precision: UInt8 = try next(&fields)
        let scale: UInt8 = try next(&fields)
        let flags: UInt8 = try next(&fields)
        let name = try text(&fields)
        guard let type = ColumnType(code: code, precision: precision, scale: scale),
            type.isStorable, flags <= 1
        else { throw Refusal(reason: "a column's type is unknown", isTooNew: true) }
        return ColumnDefinition(id: id, name: name, type: type, isNullable: flags == 1)
    }

    private static func decodeSegment(
        _ section: inout ByteReader
    ) throws(Refusal) -> SegmentDescriptor {
        var fields = try entry(&section)
        return SegmentDescriptor(
            id: try next(&fields), byteCount: try next(&fields), rowCount: try next(&fields),
            footerChecksum: try next(&fields), firstLSN: try next(&fields),
            lastLSN: try next(&fields))
    }

    private static func decodeLabel(_ section: inout ByteReader) throws(Refusal) -> LoadLabel {
        var fields = try entry(&section)
        let lsn: UInt64 = try next(&fields)
        let rowCount: UInt64 = try next(&fields)
        return LoadLabel(text: try text(&fields), lsn: lsn, rowCount: rowCount)
    }

    private static func decodeProducer(
        _ section: inout ByteReader
    ) throws(Refusal) -> (ProducerKey, ProducerState) {
        var fields = try entry(&section)
        let key = ProducerKey(
            high: try next(&fields), low: try next(&fields), stream: try next(&fields))
        var state = ProducerState(
            epoch: try next(&fields), lastSequence: try next(&fields),
            lastTime: try next(&fields), recent: [])
        let recentCount: UInt16 = try next(&fields)
        guard Int(recentCount) <= ProducerState.recentCountLimit,
            UInt64(recentCount) <= state.lastSequence
        else { throw Refusal(reason: "a producer remembers too much") }
        for _ in 0..<recentCount {
            state.recent.append(
                ProducerState.Batch(
                    lsn: try next(&fields), fingerprint: try next(&fields)))
        }
        return (key, state)
    }

    // MARK: Fields

    private static func next<T: FixedWidthInteger & BitwiseCopyable>(
        _ reader: inout ByteReader
    ) throws(Refusal) -> T {
        do throws(EndOfBytes) {
            return try reader.read(T.self)
        } catch {
            throw Refusal(reason: "a field is cut short")
        }
    }

    private static func slice(
        _ reader: inout ByteReader, _ byteCount: Int
    ) throws(Refusal) -> ByteReader {
        do throws(EndOfBytes) {
            return ByteReader(try reader.readBytes(byteCount))
        } catch {
            throw Refusal(reason: "a section is cut short")
        }
    }

    private static func entry(_ reader: inout ByteReader) throws(Refusal) -> ByteReader {
        let byteCount: UInt16 = try next(&reader)
        return try slice(&reader, Int(byteCount))
    }

    private static func text(_ reader: inout ByteReader) throws(Refusal) -> String {
        let found: String?
        do throws(EndOfBytes) {
            found = try reader.readShortString()
        } catch {
            throw Refusal(reason: "a name is cut short")
        }
        guard let found else { throw Refusal(reason: "a name is not UTF-8") }
        return found
    }
}
