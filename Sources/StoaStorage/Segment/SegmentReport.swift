internal import StoaBase
internal import StoaCodec
package import StoaDisk
package import StoaModel

/// A segment file described from its own bytes, for `stoa inspect`.
package struct SegmentReport: Sendable {
    /// One column of the segment.
    package struct Column: Sendable {
        package var id: UInt32
        package var name: String
        package var type: ColumnType
        /// Strings of the dictionary; nil without one.
        package var dictionaryCount: Int?
        package var dictionaryByteCount: Int
        /// Dictionary and blocks, padding included.
        package var byteCount: Int
    }

    /// One block of one column.
    package struct Block: Sendable {
        package var columnID: UInt32
        package var index: Int
        /// The tree of encodings, or what is wrong with the block.
        package var encoding: String
        package var byteOffset: Int
        package var byteCount: Int
        package var statistics: BlockStatistics
        /// Nil when the checksum and the structure are right.
        package var damage: StorageError?
    }

    package var path: String
    package var byteCount: Int
    package var segmentID: UInt64
    package var tableID: TableID
    package var schemaVersion: UInt32
    package var rowCount: Int
    package var blockRows: Int
    /// 0 after a bulk load.
    package var firstLSN: UInt64
    package var lastLSN: UInt64
    package var columns: [Column]
    package var blocks: [Block]

    /// Whether every block can be read.
    package var isIntact: Bool { blocks.allSatisfy { $0.damage == nil } }

    /// Reads the segment at `path`. `definition` gives the columns their names.
    ///
    /// - Throws: `corruptSegment`, `formatTooNew`, `notSupported` or `disk` when the file cannot
    ///   be opened at all; a damaged block is reported, not thrown.
    package static func read(
        _ path: String, definition: TableDefinition? = nil, disk: any Disk
    ) throws(StorageError) -> SegmentReport {
        let segment = try Segment.open(path: path, definition: definition, disk: disk)
        let footer = segment.footer
        var report = SegmentReport(
            path: path, byteCount: Int(segment.descriptor.byteCount),
            segmentID: footer.header.segmentID, tableID: footer.header.tableID,
            schemaVersion: footer.header.schemaVersion, rowCount: footer.header.rowCount,
            blockRows: footer.header.blockRows, firstLSN: footer.firstLSN,
            lastLSN: footer.lastLSN, columns: [], blocks: [])
        for position in footer.columns.indices {
            let blocks = try (0..<segment.blockCount).map { (index) throws(StorageError) in
                try block(segment, position: position, index: index)
            }
            report.columns.append(column(segment, position: position))
            report.blocks += blocks
        }
        return report
    }

    private static func column(_ segment: Segment, position: Int) -> Column {
        let entry = segment.footer.columns[position]
        let blockBytes = (0..<segment.blockCount).reduce(0) {
            $0 + (segment.footer.block(column: position, index: $1)?.extent.paddedByteCount ?? 0)
        }
        return Column(
            id: entry.columnID, name: segment.columnName(entry), type: entry.type,
            dictionaryCount: entry.dictionary == nil ? nil : entry.dictionaryCount,
            dictionaryByteCount: entry.dictionary?.byteCount ?? 0,
            byteCount: blockBytes + (entry.dictionary?.paddedByteCount ?? 0))
    }

    private static func block(
        _ segment: Segment, position: Int, index: Int
    ) throws(StorageError) -> Block {
        guard let entry = segment.footer.block(column: position, index: index) else {
            throw .corruptSegment(
                path: segment.path, byteOffset: 0, reason: "a block's entry is invalid")
        }
        var block = Block(
            columnID: segment.footer.columns[position].columnID, index: index, encoding: "",
            byteOffset: entry.extent.byteOffset, byteCount: entry.extent.byteCount,
            statistics: entry.statistics)
        do throws(StorageError) {
            block.encoding = try segment.reader(position: position, block: index).description
        } catch {
            block.damage = error
            block.encoding = Encoding(rawValue: entry.rootEncoding)?.name ?? "?"
        }
        return block
    }
}

extension SegmentReport {
    /// The report as text: what the file is, one line per column, one line per block.
    package func lines() -> [String] {
        var lines = [
            "segment \(path): table \(tableID), schema version \(schemaVersion), \(rowCount) rows, "
                + "\(byteCount) bytes, batches \(firstLSN)…\(lastLSN)"
        ]
        for column in columns {
            let dictionary = column.dictionaryCount.map {
                ", dictionary of \($0) strings in \(column.dictionaryByteCount) bytes"
            }
            lines.append(
                "column \(column.name) (id \(column.id)) \(column.type): "
                    + "\(column.byteCount) bytes\(dictionary ?? "")")
            for block in blocks where block.columnID == column.id {
                lines.append(line(block, type: column.type))
            }
        }
        return lines
    }

    private func line(_ block: Block, type: ColumnType) -> String {
        let statistics = block.statistics
        var parts = [
            "  block \(block.index): \(block.encoding)", "\(statistics.rowCount) rows",
            "\(block.byteCount) bytes at \(block.byteOffset)", "\(statistics.nullCount) nulls",
        ]
        switch statistics.bounds {
        case .none: break
        case .integers(let min, let max):
            parts.append("min \(text(min, type))")
            parts.append("max \(text(max, type))")
        case .floats(let min, let max):
            parts.append("min \(min)")
            parts.append("max \(max)")
        case .strings(let min, let max, let isExact):
            let mark = isExact ? "" : "…"
            parts.append("min '\(String(decoding: min, as: UTF8.self))\(mark)'")
            if let max { parts.append("max '\(String(decoding: max, as: UTF8.self))\(mark)'") }
        }
        if let sum = statistics.sum {
            parts.append("sum \(type.isTime ? "\(sum)" : text(sum, type))")
        }
        parts.append(block.damage.map { "DAMAGED: \($0.serviceError.message)" } ?? "checksum ok")
        return parts.joined(separator: ", ")
    }

    /// A value as SQL writes it.
    private func text(_ value: Int128, _ type: ColumnType) -> String {
        var text: [UInt8] = []
        switch type {
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
