internal import StoaBase
internal import StoaModel

/// Few distinct numbers, and for each row the place of its own among them.
///
///     DICT of numbers, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor   flags bit 0: values order as unsigned numbers
///         16    48  reserved     0
///         64        child        values: distinct numbers, rising; at most rowCount
///                   child        codes: rowCount numbers below the number of values
enum NumberDictionaryCodec {
    static let unsignedFlag: UInt16 = 1

    static func byteCount(values: Int, codes: Int) -> Int {
        NodeDescriptor.headerByteCount + values + codes
    }

    static func encode(
        _ input: NumberInput, _ plan: NumberDictionaryPlan, to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .dictionary, lane: 0, childCount: 2, rowCount: input.rowCount,
            byteCount: plan.byteCount, flags: input.isUnsigned ? unsignedFlag : 0
        ).write(to: target)
        let values = target + NodeDescriptor.headerByteCount
        plan.valuesPlan.encode(plan.values, to: values)
        let valuesByteCount = plan.valuesPlan.byteCount(rowCount: plan.values.rowCount)
        plan.codesPlan.encode(plan.codes, to: values + valuesByteCount)
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 2, flags: unsignedFlag)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 16)
        let values = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        let codes = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        try node.requireEnd()
        let rowCount = node.descriptor.rowCount
        guard codes.rowCount == rowCount else {
            throw .rowCountMismatch(expected: rowCount, found: codes.rowCount)
        }
        guard rowCount <= Limits.blockRowsLimit, values.rowCount <= rowCount else {
            throw node.invalid(.dictionaryCount)
        }
        guard codes.isBelow(UInt64(values.rowCount), workspace) else { throw .codeOutOfRange }
        let result = NumberDictionaryNode(node.descriptor, values, codes, depth: depth, workspace)
        guard result.valuesRise else { throw .notSorted }
        return result
    }

    static func text(values: String, codes: String) -> String { "DICT(\(values), \(codes))" }
}
