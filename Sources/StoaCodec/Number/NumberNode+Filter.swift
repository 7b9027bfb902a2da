internal import StoaBase
internal import StoaModel

extension NumberNode {
    /// Reads the vectors that have rows in question, and tests their numbers in their lane.
    func filterDecoded(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        let batch = workspace.batch.address
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            let numbers = read(
                firstVector: part.firstVector, vectorCount: 1, into: batch, workspace)
            part.keep(test, numbers, workspace)
        }
    }
}

extension FilteredRows {
    /// Tests the decoded numbers of one vector.
    func keep(_ test: NumberTest, _ numbers: Vector.Integers, _ workspace: DecodeWorkspace) {
        let result = workspace.vectorMasks.address.assumingMemoryBound(to: UInt64.self)
        switch test {
        case .codes(let set):
            RangeKernels.look(
                up: numbers, in: set, rowCount: rowCount, mask: mask, into: result)
            mask.update(from: result, count: wordCount)
        case .ranges(let ranges):
            guard ranges.count != 1 else { return keep(ranges[0], numbers, workspace) }
            forEachRange(ranges, workspace) { $1.keep($0, numbers, workspace) }
        }
    }

    /// Tests the decoded numbers of one vector against one range.
    private func keep(
        _ range: PatternRange, _ numbers: Vector.Integers, _ workspace: DecodeWorkspace
    ) {
        let result = workspace.vectorMasks.address.assumingMemoryBound(to: UInt64.self)
        let limit = UInt64.mask(width: numbers.lane.bitCount)
        let interval = range.interval(
            base: UInt64(bitPattern: numbers.base),
            multiplier: numbers.lane == .constant ? 1 : UInt64(bitPattern: numbers.multiplier),
            limit: limit)
        switch interval {
        case .none: clear()
        case .all: break
        case .some(let low, let high):
            RangeKernels.test(
                numbers.values, lane: numbers.lane, low: low, span: high &- low,
                rowCount: rowCount, mask: mask, into: result)
            mask.update(from: result, count: wordCount)
        case .scattered:
            let patterns = workspace.patterns.address.assumingMemoryBound(to: UInt64.self)
            NumberKernels.materialize(numbers, count: rowCount, into: patterns)
            RangeKernels.test(
                patterns, lane: .u64, low: range.low, span: range.span, rowCount: rowCount,
                mask: mask, into: result)
            mask.update(from: result, count: wordCount)
        }
    }
}
