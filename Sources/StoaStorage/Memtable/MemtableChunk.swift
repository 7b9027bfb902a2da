internal import StoaBase
internal import StoaModel

/// Rows of a memtable that stand together: allocated once, never moved, never resized.
///
/// SAFETY: the writer fills rows at and beyond the published count; readers read rows below it.
/// A row's bytes are written before the snapshot that shows it is published under a lock, and
/// that lock orders them. Validity is a byte per row, so that no two rows share a word.
final class MemtableChunk: @unchecked Sendable {
    /// One column's rows.
    struct Column {
        let layout: ColumnLayout
        /// Numbers in the layout's lane; codes of strings.
        let values: HeapBytes
        /// 1 where the row is not null; nil for NOT NULL columns.
        let validity: HeapBytes?
        /// Where a string column's codes point.
        let strings: StringStore?
        /// The entry of row 0 when the strings stand in the store in row order, without codes.
        let plainStart: Int?
    }

    /// The memtable's row that is row 0 here.
    let startRow: Int
    let capacity: Int
    let columns: [Column]
    /// Bytes of memory, without the string stores.
    let byteCount: Int

    init(startRow: Int, capacity: Int, columns: [Column]) {
        invariant(capacity % Limits.vectorRows == 0, "a chunk is whole vectors")
        self.startRow = startRow
        self.capacity = capacity
        self.columns = columns
        byteCount = columns.reduce(0) {
            $0 + $1.values.byteCount + ($1.validity?.byteCount ?? 0)
        }
    }
}

/// The visible rows of one chunk: what a scan reads as one block.
struct MemtableBlock: Sendable {
    let chunk: MemtableChunk
    let rowCount: Int
}
