internal import StoaBase
internal import StoaModel

/// One number for all rows.
///
///     CONST of numbers, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor   flags bit 0: every row is null, and value is 0
///         16     8  value
///         24    40  reserved     0
enum ConstantCodec {
    /// Every row is null; only at the root of a block.
    static let nullFlag: UInt16 = 1

    static let byteCount = NodeDescriptor.headerByteCount

    static func encode(
        _ value: UInt64, rowCount: Int, isNull: Bool = false, lane: UInt8 = 0,
        to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .constant, lane: lane, childCount: 0, rowCount: rowCount,
            byteCount: byteCount, flags: isNull ? nullFlag : 0
        ).write(to: target)
        target.storeBytes(of: value.littleEndian, toByteOffset: 16, as: UInt64.self)
    }

    /// Whether a node says that all its rows are null; refuses one that says it badly.
    static func isAllNull(_ node: NodeBytes) throws(CodecError) -> Bool {
        guard node.descriptor.encoding == .constant, node.descriptor.flags == nullFlag else {
            return false
        }
        try node.require(childCount: 0, flags: nullFlag)
        try node.requireZeros(from: 16)
        try node.requireEnd()
        return true
    }

    /// The node of a constant.
    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        try node.require(childCount: 0)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 24)
        try node.requireEnd()
        return ConstantNode(node.descriptor, value: node.field(16, as: Int64.self))
    }

    private final class ConstantNode: NumberNode {
        let value: Int64

        init(_ descriptor: NodeDescriptor, value: Int64) {
            self.value = value
            super.init(descriptor)
        }

        override var lastingBounds: ClosedRange<Int128>? { Int128(value)...Int128(value) }

        override func read(
            firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
            _ workspace: DecodeWorkspace
        ) -> Vector.Integers {
            Vector.Integers(lane: .constant, values: UnsafeRawPointer(target), base: value)
        }

        override func gather(
            _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
            _ workspace: DecodeWorkspace
        ) -> Vector.Integers {
            Vector.Integers(lane: .constant, values: UnsafeRawPointer(target), base: value)
        }

        override func filter(
            _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
        ) {
            if !test.passes(UInt64(bitPattern: value)) { rows.clear() }
        }
    }
}
