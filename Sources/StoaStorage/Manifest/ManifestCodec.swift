internal import StoaBase
internal import StoaModel

/// The bytes of a manifest file, `manifest/<generation>`, little-endian.
///
///     header, 128 bytes
///     offset  size  field
///          0     4  magic                 "SMAN"
///          4     2  version               1
///          6     2  minReader             oldest version that may read this file
///          8     2  minWriter             oldest version that may write the directory
///         10     6  reserved              0
///         16     8  byteCount             of the whole file
///         24     8  requiredFeatures      bits; an unknown one refuses the file
///         32     8  optionalFeatures      bits; unknown ones are ignored
///         40    16  databaseID            high, low
///         56     8  incarnation
///         64     8  generation
///         72     8  lsn
///         80     8  nextSegmentID
///         88     4  nextTableID
///         92     4  previousChecksum      of the manifest before
///         96     4  logEpoch
///        100     4  logNumber             of the first live log file; 0: none
///        104     8  logChainLSN           before its first record
///        112     8  logDurableLSN         the log reaches at least this batch
///        120     4  logChainChecksum
///        124     4  logNewestNumber       the last log file that was begun; 0: not known
///
/// Then sections up to the last 4 bytes, which are the CRC-32C of everything before them.
///
///     section := tag:u16  flags:u16  byteCount:u32  bytes          flags bit 0: must understand
///
///     tag  section
///       1  TABLE       one for each table, by id
///       2  PRODUCER    one for each stream, by producer and stream
///
/// Tags 3 to 8 are kept for snapshots, delete vectors, pins, table options, retention and users.
/// An unknown section without bit 0 is left out; with it the file is refused as too new. Inside a
/// section every entry begins with its own length, so that later versions may make it longer:
///
///     TABLE    := fixed  columns  segments  labels  options
///     fixed    := byteCount:u16  id:u32  schemaVersion:u32  sealedLSN:u64  timeColumnID:u32
///                 (0: none)  nextColumnID:u32  columnCount:u32  segmentCount:u32
///                 labelCount:u32  nameByteCount:u16  name
///     column   := byteCount:u16  id:u32  type:u8  precision:u8  scale:u8  flags:u8 (bit 0:
///                 nullable)  nameByteCount:u16  name
///     segment  := byteCount:u16  id:u64  fileByteCount:u64  rowCount:u32  footerChecksum:u32
///                 firstLSN:u64  lastLSN:u64
///     label    := byteCount:u16  lsn:u64  rowCount:u64  textByteCount:u16  text
///     options  := sections, as above; tag 1 is SORT: count:u16  columnID:u32 × count
///     PRODUCER := byteCount:u16  high:u64  low:u64  stream:u32  epoch:u32  lastSequence:u64
///                 lastTime:i64  recentCount:u16  (lsn:u64  fingerprint:u32) × recentCount
package enum ManifestCodec {
    static let magic: UInt32 = 0x4E41_4D53
    static let version: UInt16 = 1
    static let headerByteCount = 128
    /// A manifest of more bytes is not believed.
    package static let byteCountLimit = 1 << 30

    enum Tag {
        static let table: UInt16 = 1
        static let producer: UInt16 = 2
    }

    enum OptionTag {
        static let sort: UInt16 = 1
    }

    static let mustUnderstand: UInt16 = 1

    /// The checksum at the end of an encoded manifest.
    package static func checksum(_ bytes: [UInt8]) -> UInt32 {
        invariant(bytes.count > headerByteCount, "an encoded manifest has its header")
        return Bytes(bytes).integer(at: bytes.count - 4)
    }

    /// The bytes of the whole file.
    package static func encode(_ manifest: Manifest) -> [UInt8] {
        var output = ByteWriter(reservingCapacity: 4_096)
        encodeHeader(manifest, into: &output)
        for table in manifest.tables.sorted(by: { $0.definition.id < $1.definition.id }) {
            appendSection(Tag.table, encode(table), to: &output)
        }
        for (key, state) in manifest.producers.states.sorted(by: { $0.key < $1.key }) {
            appendSection(Tag.producer, encode(key, state), to: &output)
        }
        output.overwrite(at: 16, with: UInt64(output.count + 4))
        output.append(Checksum.crc32c(output.bytes))
        return output.bytes
    }

    private static func encodeHeader(_ manifest: Manifest, into output: inout ByteWriter) {
        output.append(magic)
        output.append(version)
        output.append(UInt16(1))
        output.append(UInt16(1))
        output.appendZeros(6)
        output.append(UInt64(0))
        output.append(UInt64(0))
        output.append(UInt64(0))
        output.append(manifest.databaseID.high)
        output.append(manifest.databaseID.low)
        output.append(manifest.incarnation)
        output.append(manifest.generation)
        output.append(manifest.lsn)
        output.append(manifest.nextSegmentID)
        output.append(manifest.nextTableID)
        output.append(manifest.previousChecksum)
        output.append(manifest.log.file.epoch)
        output.append(manifest.log.file.number)
        output.append(manifest.log.chain.lsn)
        output.append(manifest.log.durableLSN)
        output.append(manifest.log.chain.checksum)
        output.append(manifest.log.newestNumber)
        invariant(output.count == headerByteCount, "the table above is the format")
    }

    private static func appendSection(
        _ tag: UInt16, _ body: ByteWriter, to output: inout ByteWriter
    ) {
        invariant(body.count <= UInt32.max, "a section's length fits its field")
        output.append(tag)
        output.append(mustUnderstand)
        output.append(UInt32(body.count))
        output.append(contentsOf: body)
    }

    /// Writes an entry behind its length.
    private static func appendEntry(
        to output: inout ByteWriter, _ write: (inout ByteWriter) -> Void
    ) {
        let start = output.count
        output.append(UInt16(0))
        write(&output)
        let byteCount = output.count - start - 2
        invariant(byteCount <= UInt16.max, "an entry's length fits its field")
        output.overwrite(at: start, with: UInt16(byteCount))
    }

    private static func encode(_ table: ManifestTable) -> ByteWriter {
        var output = ByteWriter()
        let definition = table.definition
        appendEntry(to: &output) { entry in
            entry.append(definition.id)
            entry.append(definition.schemaVersion)
            entry.append(table.sealedLSN)
            entry.append(definition.timeColumnID ?? 0)
            entry.append(table.nextColumnID)
            entry.append(UInt32(definition.columns.count))
            entry.append(UInt32(table.segments.count))
            entry.append(UInt32(table.labels.count))
            entry.appendShortString(definition.name)
        }
        for column in definition.columns {
            appendEntry(to: &output) { entry in
                entry.append(column.id)
                entry.append(column.type.code)
                entry.append(column.type.precision)
                entry.append(column.type.scale)
                entry.append(UInt8(column.isNullable ? 1 : 0))
                entry.appendShortString(column.name)
            }
        }
        for segment in table.segments {
            appendEntry(to: &output) { entry in
                entry.append(segment.id)
                entry.append(segment.byteCount)
                entry.append(segment.rowCount)
                entry.append(segment.footerChecksum)
                entry.append(segment.firstLSN)
                entry.append(segment.lastLSN)
            }
        }
        for label in table.labels {
            appendEntry(to: &output) { entry in
                entry.append(label.lsn)
                entry.append(label.rowCount)
                entry.appendShortString(label.text)
            }
        }
        if !definition.sortColumnIDs.isEmpty {
            var sort = ByteWriter()
            sort.append(UInt16(definition.sortColumnIDs.count))
            for id in definition.sortColumnIDs { sort.append(id) }
            appendSection(OptionTag.sort, sort, to: &output)
        }
        return output
    }

    private static func encode(_ key: ProducerKey, _ state: ProducerState) -> ByteWriter {
        var output = ByteWriter()
        appendEntry(to: &output) { entry in
            entry.append(key.high)
            entry.append(key.low)
            entry.append(key.stream)
            entry.append(state.epoch)
            entry.append(state.lastSequence)
            entry.append(state.lastTime)
            entry.append(UInt16(state.recent.count))
            for batch in state.recent {
                entry.append(batch.lsn)
                entry.append(batch.fingerprint)
            }
        }
        return output
    }
}
