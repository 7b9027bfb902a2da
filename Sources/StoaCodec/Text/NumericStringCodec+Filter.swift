internal import StoaBase
internal import StoaModel

/// A test of strings is a range of numbers for each template, which the numbers answer as they
/// are packed.
extension NumericStringNode {
    /// Templates up to which asking the numbers for each is cheaper than reading the strings.
    private static let templateLimit = 8

    /// Sets the bits of the rows that pass, as `match`.
    func matchTemplates(
        _ test: StringTest, firstRow: Int, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>,
        _ workspace: DecodeWorkspace
    ) -> Bool {
        let passing = templates(passing: test)
        guard passing.count <= Self.templateLimit else { return false }
        let firstVector = firstRow / Limits.vectorRows
        let start = firstVector * Limits.vectorRows
        let end = min(
            NumberNode.vectorCount(firstRow + rowCount) * Limits.vectorRows, self.rowCount)
        let masks = workspace.templateMasks.address.assumingMemoryBound(to: UInt64.self)
        let wordCount = DecodeWorkspace.rowLimit / 64 + 8
        let sum = masks + wordCount
        sum.update(repeating: 0, count: wordCount)
        let rows = FilteredRows(firstRow: start, rowCount: end - start, mask: masks)
        for (position, range) in passing {
            rows.fill()
            let template = PatternRange(low: UInt64(position), span: 0)
            parts.indexes?.filter(.ranges([template]), rows, workspace)
            if let range { parts.numbers.filter(.ranges([range]), rows, workspace) }
            for word in 0..<rows.wordCount { sum[word] |= masks[word] }
        }
        matchExceptions(
            test, firstRow: firstRow, rowCount: rowCount, in: sum, from: start, workspace)
        for word in 0..<(rowCount + 63) / 64 {
            mask[word] = BitSpread.bits(sum, at: firstRow - start + word * 64)
        }
        if rowCount & 63 != 0 { mask[rowCount / 64] &= .mask(width: rowCount & 63) }
        return true
    }

    /// The templates that can pass, and for which numbers; nil: for any.
    private func templates(passing test: StringTest) -> [(position: Int, range: PatternRange?)] {
        var result: [(position: Int, range: PatternRange?)] = []
        for position in 0..<parts.templates.count {
            if let template = parts.templates.shared[position] {
                guard let numbers = template.numbers(passing: test) else { continue }
                let span = numbers.upperBound - numbers.lowerBound
                let isAny = numbers.lowerBound == 0 && span + 1 == template.numberLimit
                result.append(
                    (position, isAny ? nil : PatternRange(low: numbers.lowerBound, span: span)))
            } else {
                let prefix = UnsafeRawBufferPointer(
                    start: parts.templates.prefixes.address + parts.templates.starts[position],
                    count: parts.templates.prefixCounts[position])
                if test.matches(prefix) { result.append((position, nil)) }
            }
        }
        return result
    }

    /// Sets or clears the bits of rows that fit no template; bit 0 is row `start`.
    private func matchExceptions(
        _ test: StringTest, firstRow: Int, rowCount: Int, in mask: UnsafeMutablePointer<UInt64>,
        from start: Int, _ workspace: DecodeWorkspace
    ) {
        let rows = readExceptions(firstRow: firstRow, rowCount: rowCount, workspace)
        for index in 0..<rows.count {
            let bit = rows.row(index) - start
            let isPassing: UInt64 = test.matches(rows.string(index)) ? 1 : 0
            mask[bit >> 6] &= ~(1 << UInt64(bit & 63))
            mask[bit >> 6] |= isPassing << UInt64(bit & 63)
        }
    }
}
