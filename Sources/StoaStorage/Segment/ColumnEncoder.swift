internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// Encodes one column of one segment, block by block, and compares what each block decodes to
/// with what went in. One per thread.
final class ColumnEncoder {
    private let buffer = BlockBuffer()
    private let verifier = BlockVerifier()
    private let rows: MemtableRows
    private let blockRows: Int
    /// What the block before took, within a column.
    private var hint: ChoiceHint?

    init(_ rows: MemtableRows, blockRows: Int) {
        self.rows = rows
        self.blockRows = blockRows
    }

    /// - Throws: `BlockMismatch`, when a block does not decode to its rows: nothing may be
    ///   published then.
    func encode(column index: Int) throws(BlockMismatch) -> EncodedColumn {
        var column = try encodeBlocks(index)
        FilterBuilder.dropUseless(&column)
        column.filters = FilterSection.encode(column.blocks.map(\.filter))
        return column
    }

    private func encodeBlocks(_ index: Int) throws(BlockMismatch) -> EncodedColumn {
        let type = rows.memtable.definition.columns[index].type
        if type == .string { return try encodeStrings(index) }
        var column = EncodedColumn()
        for range in blockRanges {
            let input = buffer.gatherNumbers(rows, range, column: index, type: type)
            let validity = buffer.gatherValidity(rows, range, column: index)
            column.blocks.append(try encode(input, range, validity, dictionary: nil))
        }
        return column
    }

    private var blockRanges: [Range<Int>] {
        stride(from: 0, to: rows.rowCount, by: blockRows).map {
            $0..<min($0 + blockRows, rows.rowCount)
        }
    }

    /// Codes of a sorted dictionary when strings repeat, plain strings when they do not, and the
    /// smaller of both in between.
    private func encodeStrings(_ index: Int) throws(BlockMismatch) -> EncodedColumn {
        guard let dictionary = SegmentDictionary.build(rows, column: index),
            dictionary.valueCount > 0
        else { return try encodePlain(index) }
        let coded = try encodeCodes(dictionary, column: index)
        let isRarelyRepeated = dictionary.strings.count * 8 > dictionary.valueCount
        guard isRarelyRepeated,
            rows.expandedByteCount(column: index, rows: 0..<rows.rowCount)
                <= SegmentDictionary.plainByteCountLimit
        else { return coded }
        let plain = try encodePlain(index)
        // Codes group and compare faster: unless nearly all differ, one byte in ten decides.
        let isNearlyUnique = dictionary.strings.count * 2 > dictionary.valueCount
        let limit = isNearlyUnique ? coded.byteCount : coded.byteCount / 10 * 9
        return plain.byteCount < limit ? plain : coded
    }

    private func encodePlain(_ index: Int) throws(BlockMismatch) -> EncodedColumn {
        var column = EncodedColumn()
        for range in blockRanges {
            let input = buffer.gatherStrings(rows, range, column: index)
            let validity = buffer.gatherValidity(rows, range, column: index)
            column.blocks.append(try encode(input, range, validity, dictionary: nil))
        }
        return column
    }

    private func encodeCodes(
        _ dictionary: SegmentDictionary, column index: Int
    ) throws(BlockMismatch) -> EncodedColumn {
        let bytes = DictionaryCodec.encode(dictionary.strings)
        let decoded = try verifier.decodeDictionary(bytes, expected: dictionary.strings)
        var column = EncodedColumn(dictionary: bytes, dictionaryCount: decoded.count)
        for range in blockRanges {
            let validity = buffer.gatherValidity(rows, range, column: index)
            var failure: BlockMismatch?
            var block: EncodedColumn.Block?
            dictionary.codes.withUnsafeBufferPointer { codes in
                guard let base = codes.baseAddress else { return }
                do throws(BlockMismatch) {
                    block = try encode(
                        .codes(base + range.lowerBound), range, validity, dictionary: decoded)
                } catch {
                    failure = error
                }
            }
            if let failure { throw failure }
            guard let block else { throw BlockMismatch(blockRow: 0) }
            column.blocks.append(block)
        }
        return column
    }

    private func encode(
        _ input: BlockInput, _ range: Range<Int>, _ validity: UnsafePointer<UInt64>?,
        dictionary: StringDictionary?
    ) throws(BlockMismatch) -> EncodedColumn.Block {
        // Every column starts anew, so that what was once right is not kept forever.
        let encoded = BlockEncoder.encode(
            input, rowCount: range.count, validity: validity,
            like: range.lowerBound == 0 ? nil : hint)
        hint = encoded.hint ?? hint
        try verifier.verify(
            encoded.bytes, against: input, rowCount: range.count, validity: validity,
            dictionary: dictionary)
        var block = EncodedColumn.Block(
            bytes: encoded.bytes, rootEncoding: encoded.rootEncoding.rawValue,
            statistics: encoded.statistics)
        if let dictionary { Self.translateBounds(&block, dictionary) }
        block.filter = FilterBuilder.filter(
            input, rowCount: range.count, validity: validity,
            encodedByteCount: encoded.bytes.count, nullCount: encoded.statistics.nullCount)
        return block
    }

    /// Bounds of codes become bounds of strings; both are kept.
    private static func translateBounds(
        _ block: inout EncodedColumn.Block, _ dictionary: StringDictionary
    ) {
        block.statistics.sum = nil
        guard case .integers(let min, let max) = block.statistics.bounds else { return }
        let low = UInt32(truncatingIfNeeded: min), high = UInt32(truncatingIfNeeded: max)
        invariant(low <= high && Int(high) < dictionary.count, "codes lie in their dictionary")
        block.codes = low...high
        block.statistics.bounds = .strings(
            min: [UInt8](dictionary[Int(low)]), max: [UInt8](dictionary[Int(high)]),
            isExact: true)
    }
}
