internal import StoaBase
internal import StoaModel

/// An arithmetic progression.
///
///     SEQ, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor
///         16     8  first
///         24     8  step         not 0; the value of row r is first + r × step, modulo 2^64
///         32    32  reserved     0
enum SequenceCodec {
    static let byteCount = NodeDescriptor.headerByteCount

    /// The step of values that are a progression without going around 2^64; nil for others.
    static func step(_ input: NumberInput) -> UInt64? {
        guard input.rowCount >= 2 else { return nil }
        let values = input.values, last = input.rowCount - 1
        let step = values[1] &- values[0]
        for row in 1...last where values[row] &- values[row - 1] != step { return nil }
        let flip = input.orderFlip
        let reach =
            Int128(Int64(bitPattern: values[last] ^ flip))
            - Int128(Int64(bitPattern: values[0] ^ flip))
        guard step != 0, reach == Int128(Int64(bitPattern: step)) * Int128(last) else {
            return nil
        }
        return step
    }

    static func encode(
        first: UInt64, step: UInt64, rowCount: Int, to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .sequence, lane: 0, childCount: 0, rowCount: rowCount,
            byteCount: byteCount, flags: 0
        ).write(to: target)
        target.storeBytes(of: first.littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: step.littleEndian, toByteOffset: 24, as: UInt64.self)
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        try node.require(childCount: 0)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 32)
        try node.requireEnd()
        let step = node.field(24, as: UInt64.self)
        guard step != 0 else { throw node.invalid(.multiplier) }
        return SequenceNode(node.descriptor, first: node.field(16, as: UInt64.self), step: step)
    }
}

/// A checked SEQ node.
final class SequenceNode: NumberNode {
    let first: UInt64
    let step: UInt64

    init(_ descriptor: NodeDescriptor, first: UInt64, step: UInt64) {
        self.first = first
        self.step = step
        super.init(descriptor)
    }

    override var lastingBounds: ClosedRange<Int128>? {
        let start = Int128(Int64(bitPattern: first))
        let end = start + Int128(Int64(bitPattern: step)) * Int128(rowCount - 1)
        let bounds = min(start, end)...max(start, end)
        return bounds.upperBound <= Int128(Int64.max) && bounds.lowerBound >= Int128(Int64.min)
            ? bounds : nil
    }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let firstRow = firstVector &* Limits.vectorRows
        return RowNumbers.progression(
            first: first &+ step &* UInt64(truncatingIfNeeded: firstRow), step: step,
            rowCount: vectorCount &* Limits.vectorRows)
    }
}
