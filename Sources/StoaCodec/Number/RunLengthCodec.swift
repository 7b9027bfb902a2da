internal import StoaBase
internal import StoaModel

/// Stretches of equal values as their values and their lengths.
///
///     RLE, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor
///         16    48  reserved     0
///         64        child        values: a number per run
///                   child        lengths - 1: a number per run; the lengths add up to rowCount
enum RunLengthCodec {
    static func byteCount(values: Int, lengths: Int) -> Int {
        NodeDescriptor.headerByteCount + values + lengths
    }

    /// The values and the lengths less one of `runCount` runs.
    static func runs(
        _ input: NumberInput, runCount: Int
    ) -> (values: NumberInput, lengths: NumberInput) {
        let values = NumberBuffer(capacity: runCount), lengths = NumberBuffer(capacity: runCount)
        var run = 0, start = 0
        for row in 1...input.rowCount
        where row == input.rowCount || input.values[row] != input.values[row &- 1] {
            values.pointer[run] = input.values[start]
            lengths.pointer[run] = UInt64(row - start - 1)
            run += 1
            start = row
        }
        invariant(run == runCount, "runs are counted as they are collected")
        return (
            NumberInput(values, rowCount: runCount, isUnsigned: input.isUnsigned),
            NumberInput(lengths, rowCount: runCount, isUnsigned: false)
        )
    }

    static func encode(_ plan: RunLengthPlan, rowCount: Int, to target: UnsafeMutableRawPointer) {
        NodeDescriptor(
            encoding: .runLength, lane: 0, childCount: 2, rowCount: rowCount,
            byteCount: plan.byteCount, flags: 0
        ).write(to: target)
        let values = target + NodeDescriptor.headerByteCount
        plan.valuesPlan.encode(plan.values, to: values)
        let valuesByteCount = plan.valuesPlan.byteCount(rowCount: plan.values.rowCount)
        plan.lengthsPlan.encode(plan.lengths, to: values + valuesByteCount)
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 2)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 16)
        let values = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        let lengths = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        try node.requireEnd()
        guard values.rowCount == lengths.rowCount, values.rowCount <= node.descriptor.rowCount
        else { throw .rowCountMismatch(expected: values.rowCount, found: lengths.rowCount) }
        return try RunLengthNode(node, values, lengths, workspace)
    }

    static func text(values: String, lengths: String) -> String { "RLE(\(values), \(lengths))" }
}
