package import StoaBase

/// Rows on their way in or out, column by column: the one batch format of ingest, bulk load,
/// results, the log and a client's spool. It carries schema and dictionaries, so reading it
/// needs no other state.
///
/// Little-endian; every buffer starts at a multiple of 8 bytes from the batch's start, gaps are
/// zero, and buffers stand in the order of their columns.
///
///     header, 32 bytes
///     offset  size  field
///          0     4  magic             "SBAT"
///          4     2  version           1
///          6     2  flags             0
///          8     4  rowCount          0 … 1,048,576
///         12     4  columnCount       0 … 4,096
///         16     8  byteCount         of the whole batch, at most 64 MiB
///         24     8  reserved          0
///
///     column entry, 64 bytes, `columnCount` times
///     offset  size  field
///          0     4  nameOffset        UTF-8 bytes of the name
///          4     2  nameByteCount     1 … 128
///          6     1  type              ColumnType.code
///          7     1  precision         decimals, else 0
///          8     1  scale             decimals, else 0
///          9     1  flags             bit 0: validity present; bit 1: dictionary
///         10     2  reserved          0
///         12     4  nullCount         rows whose validity bit is 0
///         16     8  validityOffset    0 without validity
///         24     8  valuesOffset
///         32     8  dataOffset        strings only, else 0
///         40     4  valuesByteCount
///         44     4  dataByteCount
///         48     4  dictionaryCount   strings of the dictionary, else 0
///         52    12  reserved          0
///
/// Then for every column its buffers: name, validity, values, data.
/// validity: bit `row % 8` of byte `row / 8` is 1 where the row is not null; ⌈rowCount / 64⌉ × 8
/// bytes, unused bits zero. values: `rowCount` little-endian numbers of the type's width, BOOL
/// as one byte 0 or 1; strings: `rowCount + 1` rising UInt32 offsets into data, or with a
/// dictionary `rowCount` UInt32 codes. data: UTF-8 bytes, or with a dictionary
/// `dictionaryCount + 1` rising UInt32 offsets followed by the bytes they point into.
package struct RowBatch: Sendable {
    package static let headerByteCount = 32
    package static let columnEntryByteCount = 64
    static let magic: UInt32 = 0x5441_4253
    static let version: UInt16 = 1

    /// The whole batch, as it was sent or will be.
    package let bytes: Bytes
    package let rowCount: Int
    package let columns: [BatchColumn]

    init(bytes: Bytes, rowCount: Int, columns: [BatchColumn]) {
        self.bytes = bytes
        self.rowCount = rowCount
        self.columns = columns
    }

    /// The index of the column with that name: an exact match first, else ignoring ASCII case.
    package func columnIndex(named name: String) -> Int? {
        columns.firstIndex { $0.name == name }
            ?? columns.firstIndex { Names.isEqual($0.name, name) }
    }
}
