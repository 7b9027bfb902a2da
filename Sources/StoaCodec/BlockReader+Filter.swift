internal import StoaBase
package import StoaModel

/// Tests that a block answers from its encoding: bounds of vectors, runs and constants without
/// decoding, packed numbers right behind their unpacking in the lane they have.
extension BlockReader {
    /// Clears the bits of rows that do not pass. Vectors of 1,024 rows without bits are not
    /// touched.
    ///
    /// - Parameter firstRow: A multiple of 1,024; `rowCount` may go up to the end of the block.
    /// - Parameter mask: Bit 0 of word 0 is `firstRow`; the bits behind the last row are 0.
    /// - Returns: False when this block cannot say it, and `mask` is as it was: the values must
    ///   be read and tested.
    package func filter(
        _ test: ColumnTest, firstRow: Int, rowCount: Int,
        keeping mask: UnsafeMutablePointer<UInt64>, scratch: VectorScratch
    ) -> Bool {
        invariant(
            firstRow >= 0 && firstRow % Limits.vectorRows == 0, "filters start at whole vectors")
        invariant(
            rowCount >= 1 && firstRow + rowCount <= self.rowCount, "filters end inside the block")
        let workspace = DecodeWorkspace.of(scratch)
        let rows = FilteredRows(firstRow: firstRow, rowCount: rowCount, mask: mask)
        switch (test, content) {
        case (.isNull, .allNull): break
        case (.isNotNull, .allNull), (_, .allNull): rows.clear()
        case (.isNull, _): rows.keepNulls(validity)
        case (.isNotNull, _): rows.keepValid(validity)
        case (.integers(let ranges), .numbers(let node)):
            guard case .integers(let isUnsigned) = kind else { return false }
            filter(
                node, .ranges(PatternRange.integers(ranges, isUnsigned: isUnsigned)), rows,
                workspace)
        case (.floats(let ranges), .numbers(let node)):
            switch kind {
            case .float64: filter(node, .ranges(PatternRange.doubles(ranges)), rows, workspace)
            case .float32: filter(node, .ranges(PatternRange.singles(ranges)), rows, workspace)
            case .integers, .codes, .strings: return false
            }
        case (.codes(let set), .numbers(let node)):
            guard kind == .codes, set.count == dictionary?.count else { return false }
            filter(node, NumberTest(set), rows, workspace)
        case (.strings(let test), .strings(let node)):
            return filter(node, test, rows, workspace)
        default: return false
        }
        return true
    }

    private func filter(
        _ node: NumberNode, _ test: NumberTest, _ rows: FilteredRows,
        _ workspace: DecodeWorkspace
    ) {
        guard let validity else { return node.filter(test, rows, workspace) }
        guard root.encoding == .masked else {
            rows.keepValid(validity)
            return node.filter(test, rows, workspace)
        }
        // The child counts only the rows that are not null.
        let first = validity.rank(rows.firstRow)
        let end = validity.rank(rows.firstRow + rows.rowCount)
        guard end > first else { return rows.clear() }
        let firstVector = first / Limits.vectorRows
        let compact = FilteredRows(
            firstRow: firstVector * Limits.vectorRows,
            rowCount: min(
                NumberNode.vectorCount(end) * Limits.vectorRows, node.rowCount)
                - firstVector * Limits.vectorRows,
            mask: workspace.compactMask.address.assumingMemoryBound(to: UInt64.self))
        compact.fill()
        node.filter(test, compact, workspace)
        rows.keep(compact.mask, from: first - compact.firstRow, validity)
    }

    private func filter(
        _ node: StringNode, _ test: StringTest, _ rows: FilteredRows,
        _ workspace: DecodeWorkspace
    ) -> Bool {
        let found = workspace.compactMask.address.assumingMemoryBound(to: UInt64.self)
        for start in stride(from: 0, to: rows.rowCount, by: Limits.batchRows) {
            let count = min(Limits.batchRows, rows.rowCount - start)
            let part = rows.part(start, count)
            if part.isEmpty { continue }
            guard let validity, root.encoding == .masked else {
                let isKnown = node.match(
                    test, firstRow: part.firstRow, rowCount: count, into: found, workspace)
                guard isKnown else { return false }
                part.and(found)
                if let validity { part.keepValid(validity) }
                continue
            }
            let first = validity.rank(part.firstRow)
            let end = validity.rank(part.firstRow + count)
            if end == first {
                part.clear()
                continue
            }
            guard
                node.match(
                    test, firstRow: first, rowCount: end - first, into: found, workspace)
            else { return false }
            part.keep(found, from: 0, validity)
        }
        return true
    }

    /// The strings that the codes of this block stand for; nil for other blocks.
    package var codeDictionary: StringDictionary? { kind == .codes ? dictionary : nil }
}

/// What numbers are asked: 64-bit patterns in ranges, or codes in a set.
enum NumberTest {
    /// In one of several ranges; none: no number passes.
    case ranges([PatternRange])
    case codes(CodeSet)

    /// A set without gaps is a range.
    init(_ set: CodeSet) {
        guard let bounds = set.bounds else {
            self = .ranges([])
            return
        }
        let span = UInt64(bounds.upperBound - bounds.lowerBound)
        self =
            set.isRange
            ? .ranges([PatternRange(low: UInt64(bounds.lowerBound), span: span)]) : .codes(set)
    }

    /// Whether a pattern passes.
    func passes(_ pattern: UInt64) -> Bool {
        switch self {
        case .ranges(let ranges): ranges.contains { $0.contains(pattern) }
        case .codes(let set): set.contains(Int(truncatingIfNeeded: pattern))
        }
    }
}
