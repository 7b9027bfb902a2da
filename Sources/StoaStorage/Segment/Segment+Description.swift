internal import StoaBase
internal import StoaCodec
package import StoaModel

/// What a segment tells of itself without reading a block; for tables about storage.
extension Segment {
    /// One block of one column, as the footer has it.
    package struct BlockDescription: Sendable {
        /// The name of the outermost encoding.
        package var encoding: String
        package var byteCount: Int
        /// Bytes of the filter; 0 without one.
        package var filterByteCount: Int
        package var statistics: BlockStatistics
    }

    /// The file, relative to the data directory.
    package var filePath: String { path }

    /// Of the table when the segment was written.
    package var schemaVersion: UInt32 { footer.header.schemaVersion }

    /// Columns in the file, those that the table has dropped among them.
    package var columnCount: Int { footer.columns.count }

    /// A block of a column; nil when the segment lacks the column.
    package func describe(columnID: UInt32, block: Int) -> BlockDescription? {
        guard let position = position(of: columnID),
            let entry = footer.block(column: position, index: block)
        else { return nil }
        return BlockDescription(
            encoding: Encoding(rawValue: entry.rootEncoding)?.name ?? "?",
            byteCount: entry.extent.byteCount,
            filterByteCount: (try? filters(position: position))?.filter(block)?.count ?? 0,
            statistics: entry.statistics)
    }

    /// The columns that the rows are sorted by, first one first.
    package var sortColumnIDs: [UInt32] {
        footer.columns.filter { $0.sortPosition != nil }
            .sorted { ($0.sortPosition ?? 0) < ($1.sortPosition ?? 0) }
            .map(\.columnID)
    }

    /// The tree of encodings of a block, which is read and checked for it; nil when the segment
    /// lacks the column.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment`.
    package func encodingTree(columnID: UInt32, block: Int) throws(StorageError) -> String? {
        try reader(columnID: columnID, block: block)?.description
    }

    /// Bytes of a column's dictionary; 0 without one.
    package func dictionaryByteCount(columnID: UInt32) -> Int {
        footer.columns.first { $0.columnID == columnID }?.dictionary?.byteCount ?? 0
    }
}

extension BlockStatistics {
    /// The bounds as SQL writes values of the type; a string bound that was cut ends in "…".
    package func boundTexts(_ type: ColumnType) -> (min: String?, max: String?) {
        switch bounds {
        case .none: return (nil, nil)
        case .integers(let min, let max): return (type.text(min), type.text(max))
        case .floats(let min, let max): return ("\(min)", "\(max)")
        case .strings(let min, let max, let isExact):
            let mark = isExact ? "" : "…"
            return (
                String(decoding: min, as: UTF8.self) + mark,
                max.map { String(decoding: $0, as: UTF8.self) + mark }
            )
        }
    }
}

extension ColumnType {
    /// A value of an integer-backed column as SQL writes it.
    func text(_ value: Int128) -> String {
        var text: [UInt8] = []
        switch self {
        case .bool: return value == 0 ? "false" : "true"
        case .decimal(_, let scale): DecimalText.append(value, scale: Int(scale), to: &text)
        case .date: TimeText.append(date: Int32(truncatingIfNeeded: value), to: &text)
        case .timestamp:
            TimeText.append(
                timestamp: Int64(truncatingIfNeeded: value), isRFC3339: false, to: &text)
        default: return "\(value)"
        }
        return String(decoding: text, as: UTF8.self)
    }
}
