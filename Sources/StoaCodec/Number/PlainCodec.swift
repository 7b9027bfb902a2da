internal import StoaBase
internal import StoaModel

/// Numbers at the width of their lane, in the order of the rows: read where they stand.
///
///     PLAIN of numbers, revision 1; lane 1 … 4
///     offset  size  field
///          0    16  descriptor
///         16     8  base         a value is base + number, modulo 2^64
///         24    40  reserved     0
///         64        numbers      rowCount × lane
enum PlainCodec {
    static func byteCount(rowCount: Int, lane: Lane) -> Int {
        NodeDescriptor.padded(NodeDescriptor.headerByteCount + rowCount * lane.byteCount)
    }

    static func encode(
        _ input: NumberInput, base: UInt64, lane: Lane, to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .plain, lane: lane.rawValue, childCount: 0, rowCount: input.rowCount,
            byteCount: byteCount(rowCount: input.rowCount, lane: lane), flags: 0
        ).write(to: target)
        target.storeBytes(of: base.littleEndian, toByteOffset: 16, as: UInt64.self)
        let output = target + NodeDescriptor.headerByteCount
        for row in 0..<input.rowCount {
            lane.store(input.values[row] &- base, to: output, row)
        }
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 0)
        let lane = try node.numberLane()
        guard lane != .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 24)
        let numbers = try node.take(node.descriptor.rowCount * lane.byteCount)
        try node.requireEnd()
        return PlainNode(
            node.descriptor, lane: lane, base: node.field(16, as: Int64.self),
            numbers: numbers.pointer)
    }

    static func text(lane: Lane) -> String { "PLAIN \(lane.name)" }

    private final class PlainNode: NumberNode {
        let lane: Lane
        let base: Int64
        let numbers: UnsafeRawPointer

        init(_ descriptor: NodeDescriptor, lane: Lane, base: Int64, numbers: UnsafeRawPointer) {
            self.lane = lane
            self.base = base
            self.numbers = numbers
            super.init(descriptor)
        }

        override func read(
            firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
            _ workspace: DecodeWorkspace
        ) -> Vector.Integers {
            let offset = firstVector &* Limits.vectorRows &* lane.byteCount
            return Vector.Integers(lane: lane, values: numbers + offset, base: base)
        }

        override var text: String { PlainCodec.text(lane: lane) }
    }
}
