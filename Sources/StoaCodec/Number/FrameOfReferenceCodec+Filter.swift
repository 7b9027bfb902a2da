internal import StoaBase
internal import StoaModel

/// Filters of packed numbers: a vector's base and width bound its numbers for free; what they
/// leave open is compared right behind the unpacking, in the lane of the packed width.
extension FrameOfReferenceNode {
    /// Rows in question up to which numbers are picked one by one.
    private static let sparseCount = 12

    func filterPacked(_ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace) {
        switch test {
        case .codes(let set): filter(set, rows, workspace)
        case .ranges(let ranges) where ranges.count == 1:
            filter(ranges[0], rows, workspace)
        case .ranges(let ranges):
            rows.forEachRange(ranges, workspace) { filter($0, $1, workspace) }
        }
    }

    private func filter(
        _ range: PatternRange, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        let wanted: ClosedRange<UInt64>
        switch range.interval(base: parts.base, multiplier: parts.multiplier, limit: largest) {
        case .none: return rows.clear()
        case .all: return
        case .scattered: return filterDecoded(.ranges([range]), rows, workspace)
        case .some(let low, let high): wanted = low...high
        }
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            let bounds = parts.bounds(part.firstVector)
            if wanted.lowerBound > bounds.high || wanted.upperBound < bounds.low {
                part.clear()
            } else if wanted.lowerBound > bounds.low || wanted.upperBound < bounds.high {
                test(wanted, part, workspace)
            }
        }
    }

    private func filter(_ set: CodeSet, _ rows: FilteredRows, _ workspace: DecodeWorkspace) {
        guard let wanted = set.bounds else { return rows.clear() }
        let span = UInt64(wanted.upperBound - wanted.lowerBound)
        filter(PatternRange(low: UInt64(wanted.lowerBound), span: span), rows, workspace)
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            guard part.count > Self.sparseCount else {
                part.keepEach { row in
                    set.contains(
                        Int(truncatingIfNeeded: parts.base &+ parts.multiplier &* number(row)))
                }
                continue
            }
            let numbers = read(
                firstVector: part.firstVector, vectorCount: 1, into: workspace.batch.address,
                workspace)
            part.keep(.codes(set), numbers, workspace)
        }
    }

    /// Tests one vector that its bounds leave open.
    private func test(
        _ wanted: ClosedRange<UInt64>, _ part: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        guard part.count > Self.sparseCount else {
            return part.keepEach { wanted.contains(number($0)) }
        }
        let vector = part.firstVector
        let width = parts.width(vector)
        let difference = parts.differenceLane.load(parts.differences, vector)
        let low = wanted.lowerBound > difference ? wanted.lowerBound &- difference : 0
        let high = wanted.upperBound &- difference
        let lane = Lane(width: width)
        let numbers = workspace.vector.address
        let source = parts.packed + Int(starts[vector].unit) &* 128
        BitPacking.unpack(source, width: width, adding: 0, into: numbers)
        let result = workspace.vectorMasks.address.assumingMemoryBound(to: UInt64.self)
        let packedHigh = min(high, .mask(width: width))
        if low <= packedHigh {
            RangeKernels.test(
                numbers, lane: lane, low: low, span: packedHigh &- low, rowCount: part.rowCount,
                mask: part.mask, into: result)
        } else {
            result.update(repeating: 0, count: part.wordCount)
        }
        let firstPatch = Int(starts[vector].patch)
        for patch in firstPatch..<firstPatch &+ parts.patchCount(vector) {
            let position = Int(Lane.u16.load(parts.patchPositions, patch))
            guard position < part.rowCount else { break }
            let upper = parts.patchLane.load(parts.patchHighs, patch)
            let number = lane.load(numbers, position) &+ Self.shifted(upper, width)
            let bit: UInt64 = 1 &<< UInt64(truncatingIfNeeded: position & 63)
            let passes = number >= low && number <= high
            result[position &>> 6] &= ~bit
            if passes { result[position &>> 6] |= bit & part.mask[position &>> 6] }
        }
        part.mask.update(from: result, count: part.wordCount)
    }

    @inline(__always)
    static func shifted(_ upper: UInt64, _ width: Int) -> UInt64 {
        width >= 64 ? 0 : upper &<< UInt64(truncatingIfNeeded: width)
    }

    // MARK: One number

    /// The number of one row above the block's base, in multiples, without unpacking the others.
    func number(_ row: Int) -> UInt64 {
        let vector = row / Limits.vectorRows
        let position = row % Limits.vectorRows
        let width = parts.width(vector)
        var number = BitPacking.number(
            parts.packed + Int(starts[vector].unit) &* 128, width: width, at: position)
        let patchCount = parts.patchCount(vector)
        if patchCount > 0 {
            var low = Int(starts[vector].patch)
            let end = low &+ patchCount
            var high = end
            while low < high {
                let middle = (low &+ high) / 2
                if Int(Lane.u16.load(parts.patchPositions, middle)) < position {
                    low = middle &+ 1
                } else {
                    high = middle
                }
            }
            if low < end, Int(Lane.u16.load(parts.patchPositions, low)) == position {
                number &+= Self.shifted(parts.patchLane.load(parts.patchHighs, low), width)
            }
        }
        return number &+ parts.differenceLane.load(parts.differences, vector)
    }
}

extension FilteredRows {
    /// Keeps the rows in question that pass, given by their number in the node.
    @inline(__always)
    func keepEach(_ passes: (Int) -> Bool) {
        for word in 0..<wordCount {
            var open = mask[word]
            var kept = open
            while open != 0 {
                let bit = open & (0 &- open)
                if !passes(firstRow &+ word &* 64 &+ open.trailingZeroBitCount) { kept ^= bit }
                open ^= bit
            }
            mask[word] = kept
        }
    }

    /// The rows that pass any of several ranges, vector by vector; `filter` takes one range.
    func forEachRange(
        _ ranges: [PatternRange], _ workspace: DecodeWorkspace,
        _ filter: (PatternRange, FilteredRows) -> Void
    ) {
        let memory = workspace.vectorMasks.address.assumingMemoryBound(to: UInt64.self)
        let passed = memory + 2 * RangeKernels.wordCount
        let all = memory + 3 * RangeKernels.wordCount
        for index in 0..<vectorCount {
            let part = vector(index)
            if part.isEmpty { continue }
            all.update(repeating: 0, count: part.wordCount)
            for range in ranges {
                passed.update(from: part.mask, count: part.wordCount)
                filter(
                    range,
                    FilteredRows(firstRow: part.firstRow, rowCount: part.rowCount, mask: passed))
                for word in 0..<part.wordCount { all[word] |= passed[word] }
            }
            part.mask.update(from: all, count: part.wordCount)
        }
    }
}
