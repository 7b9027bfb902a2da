internal import StoaBase
internal import StoaModel

extension NumberDictionaryNode {
    /// Tests every distinct value once, and then only codes.
    func filterCodes(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        var ranges: [PatternRange] = []
        var next = 0
        while next < values.count {
            let first = next
            while next < values.count, test.passes(values.value(next)) { next += 1 }
            if next > first {
                ranges.append(PatternRange(low: UInt64(first), span: UInt64(next - first - 1)))
            } else {
                next += 1
            }
        }
        if let only = ranges.first, only.span == UInt64(values.count - 1) { return }
        // Each range is a pass over the codes.
        guard ranges.count <= 4 else { return filterDecoded(test, rows, workspace) }
        codes.filter(.ranges(ranges), rows, workspace)
    }

    /// Only the codes of these rows are unpacked.
    func gatherCodes(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let places = codes.gather(
            rows, count: count, into: workspace.nested(depth), workspace)
        return look(up: places, count: count, into: target)
    }
}
