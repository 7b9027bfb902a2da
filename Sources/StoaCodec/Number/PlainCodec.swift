internal import StoaBase
internal import StoaModel

/// Numbers at the width of their lane, in the order of the rows: read where they stand.
///
///     PLAIN of numbers, revision 1; lane 1 … 4
///     offset  size  field
///          0    16  descriptor
///         16     8  base
///         24     8  multiplier   ≥ 1; a value is base + multiplier × number, modulo 2^64
///         32    32  reserved     0
///         64        numbers      rowCount × lane
enum PlainCodec {
    static func byteCount(rowCount: Int, lane: Lane) -> Int {
        NodeDescriptor.padded(NodeDescriptor.headerByteCount + rowCount * lane.byteCount)
    }

    /// What turns a value into a number.
    struct Layout {
        var base: UInt64
        var divisor: ExactDivisor
        var lane: Lane
    }

    static func encode(
        _ input: NumberInput, _ layout: Layout, to target: UnsafeMutableRawPointer
    ) {
        let lane = layout.lane
        NodeDescriptor(
            encoding: .plain, lane: lane.rawValue, childCount: 0, rowCount: input.rowCount,
            byteCount: byteCount(rowCount: input.rowCount, lane: lane), flags: 0
        ).write(to: target)
        target.storeBytes(of: layout.base.littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(
            of: layout.divisor.value.littleEndian, toByteOffset: 24, as: UInt64.self)
        let output = target + NodeDescriptor.headerByteCount
        for row in 0..<input.rowCount {
            lane.store(layout.divisor.quotient(input.values[row] &- layout.base), to: output, row)
        }
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 0)
        let lane = try node.numberLane()
        guard lane != .constant else { throw node.invalid(.lane) }
        let multiplier = node.field(24, as: Int64.self)
        guard multiplier != 0 else { throw node.invalid(.multiplier) }
        try node.requireZeros(from: 32)
        let numbers = try node.take(node.descriptor.rowCount * lane.byteCount)
        try node.requireEnd()
        return PlainNode(
            node.descriptor,
            Vector.Integers(
                lane: lane, values: numbers.pointer, base: node.field(16, as: Int64.self),
                multiplier: multiplier))
    }

    /// A node over numbers that were checked elsewhere.
    static func node(_ descriptor: NodeDescriptor, _ numbers: Vector.Integers) -> NumberNode {
        PlainNode(descriptor, numbers)
    }

    static func text(lane: Lane, multiplier: UInt64) -> String {
        "PLAIN \(lane.name)\(multiplier == 1 ? "" : " ×\(multiplier)")"
    }

    private final class PlainNode: NumberNode {
        let numbers: Vector.Integers

        init(_ descriptor: NodeDescriptor, _ numbers: Vector.Integers) {
            self.numbers = numbers
            super.init(descriptor)
        }

        /// Of a narrow lane: what its least and its greatest number stand for.
        override var lastingBounds: ClosedRange<Int128>? {
            guard numbers.lane != .u64, numbers.multiplier > 0 else { return nil }
            let low = Int128(numbers.base)
            let reach = Int128(UInt64.mask(width: numbers.lane.bitCount))
            let high = low + Int128(numbers.multiplier) * reach
            return high <= Int128(Int64.max) ? low...high : nil
        }

        override func read(
            firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
            _ workspace: DecodeWorkspace
        ) -> Vector.Integers {
            var result = numbers
            result.values += firstVector &* Limits.vectorRows &* numbers.lane.byteCount
            return result
        }

        override var text: String {
            PlainCodec.text(
                lane: numbers.lane, multiplier: UInt64(bitPattern: numbers.multiplier))
        }
    }
}
