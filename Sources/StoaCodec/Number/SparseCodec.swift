internal import StoaBase
internal import StoaModel

/// One frequent value, and the rows that have another one.
///
///     SPARSE, revision 1; lane 0 with a child, else 1 … 4: of the values
///     offset  size  field
///          0    16  descriptor      flags bit 0: the rows are a bitmap
///         16     8  top             the frequent value
///         24     8  base            without a child: a value is base + number, modulo 2^64
///         32     4  exceptionCount  1 … rowCount - 1
///         36    28  reserved        0
///         64        rows            u16 × exceptionCount, rising; or u64 × ⌈rowCount / 64⌉: bit
///                                   row % 64 of word row / 64 is 1 at an exception
///                   values          lane × exceptionCount, without a child
///                   child           values: exceptionCount numbers
enum SparseCodec {
    static let bitmapFlag: UInt16 = 1

    static func bitmapByteCount(_ rowCount: Int) -> Int { (rowCount + 63) / 64 * 8 }

    static func byteCount(rows: Int, inline: Int) -> Int {
        NodeDescriptor.padded(NodeDescriptor.headerByteCount + rows + inline)
    }

    static func encode(_ plan: SparsePlan, to target: UnsafeMutableRawPointer) {
        let count = plan.exceptionRows.count
        var lane = Lane.constant, base: UInt64 = 0
        if case .inline(let ownBase, let ownLane) = plan.storage {
            (base, lane) = (ownBase, ownLane)
        }
        let isInline = lane != .constant
        NodeDescriptor(
            encoding: .sparse, lane: lane.rawValue, childCount: isInline ? 0 : 1,
            rowCount: plan.rowCount, byteCount: plan.byteCount,
            flags: plan.isBitmap ? bitmapFlag : 0
        ).write(to: target)
        target.storeBytes(of: plan.top.littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: base.littleEndian, toByteOffset: 24, as: UInt64.self)
        target.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 32, as: UInt32.self)
        let rows = target + NodeDescriptor.headerByteCount
        var values = rows
        if plan.isBitmap {
            for row in plan.exceptionRows {
                let word = Int(row) / 64
                let bit = UInt64(1) << UInt64(row % 64)
                Lane.u64.store(Lane.u64.load(rows, word) | bit, to: rows, word)
            }
            values += bitmapByteCount(plan.rowCount)
        } else {
            for index in 0..<count {
                Lane.u16.store(UInt64(plan.exceptionRows[index]), to: rows, index)
            }
            values += ExceptionRows.byteCount(count)
        }
        switch plan.storage {
        case .inline:
            for index in 0..<count {
                lane.store(plan.exceptions.values[index] &- base, to: values, index)
            }
        case .child(let child):
            let childByteCount = child.byteCount(rowCount: count)
            child.encode(plan.exceptions, to: target + (plan.byteCount - childByteCount))
        }
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        let lane = try node.numberLane()
        try node.require(childCount: lane == .constant ? 1 : 0, flags: bitmapFlag)
        try node.requireZeros(from: 36)
        let base = node.field(24, as: UInt64.self)
        let count = Int(node.field(32, as: UInt32.self))
        guard count >= 1, count < node.descriptor.rowCount else {
            throw node.invalid(.exceptionCount)
        }
        let isBitmap = node.descriptor.flags & bitmapFlag != 0
        let rows =
            isBitmap
            ? try ExceptionRows(bitmapOf: &node, count: count)
            : try ExceptionRows(&node, count: count)
        var source: NumberNode
        if lane == .constant {
            guard base == 0 else { throw node.invalid(.reserved) }
            source = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        } else {
            let numbers = try node.take(count * lane.byteCount)
            source = PlainCodec.node(
                NodeDescriptor(
                    encoding: .plain, lane: lane.rawValue, childCount: 0, rowCount: count,
                    byteCount: 0, flags: 0),
                Vector.Integers(
                    lane: lane, values: numbers.pointer, base: Int64(bitPattern: base)))
        }
        try node.requireEnd()
        guard source.rowCount == count else {
            throw .rowCountMismatch(expected: count, found: source.rowCount)
        }
        return SparseNode(
            node.descriptor, top: node.field(16, as: UInt64.self), rows, source, workspace)
    }

    static func text(exceptionCount: Int, _ values: String) -> String {
        "SPARSE +\(exceptionCount)(\(values))"
    }
}

/// A checked SPARSE node; its exceptions are kept decoded, in the narrowest lane.
final class SparseNode: NumberNode {
    /// The frequent value.
    let top: UInt64
    /// The rows with another one.
    let rows: ExceptionRows
    /// Their values.
    let values: NarrowedNumbers
    private let source: NumberNode

    init(
        _ descriptor: NodeDescriptor, top: UInt64, _ rows: ExceptionRows, _ source: NumberNode,
        _ workspace: DecodeWorkspace
    ) {
        self.top = top
        self.rows = rows
        self.source = source
        values = NarrowedNumbers(source, including: top, workspace)
        super.init(descriptor)
    }

    override var lastingBounds: ClosedRange<Int128>? { values.bounds }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let exceptions = rows.range(ofVectors: firstVector..<firstVector &+ vectorCount)
        guard !exceptions.isEmpty, values.lane != .constant else {
            return Vector.Integers(
                lane: .constant, values: UnsafeRawPointer(target), base: Int64(bitPattern: top))
        }
        NumberKernels.fill(
            target, lane: values.lane, count: vectorCount &* Limits.vectorRows,
            with: top &- values.base)
        let firstRow = firstVector &* Limits.vectorRows
        for index in exceptions {
            values.lane.store(values.number(index), to: target, rows.row(index) &- firstRow)
        }
        return Vector.Integers(
            lane: values.lane, values: UnsafeRawPointer(target),
            base: Int64(bitPattern: values.base))
    }

    override func filter(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) { filterExceptions(test, rows, workspace) }

    override var text: String {
        let lane = Lane(rawValue: descriptor.lane) ?? .constant
        return SparseCodec.text(
            exceptionCount: rows.count, lane == .constant ? source.text : lane.name)
    }

    override var children: [NumberNode] { descriptor.childCount == 0 ? [] : [source] }
}
