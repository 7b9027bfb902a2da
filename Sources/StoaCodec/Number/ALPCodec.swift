internal import StoaBase
internal import StoaModel

/// Floats that are decimals, as integers and two powers of ten. What does not come back bit for
/// bit (-0.0, NaN, infinities, too many digits) stands aside.
///
///     ALP, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor      flags bit 0: FLOAT32
///         16     1  exponent        0 … 18; FLOAT32: 0 … 10
///         17     1  factor          0 … exponent
///         18     2  reserved        0
///         20     4  exceptionCount  0 … rowCount
///         24    40  reserved        0
///         64        exceptionRows   u16 × exceptionCount, rising
///                   exceptionBits   u64 × exceptionCount; FLOAT32: u32
///                   child           integers: rowCount numbers, anything at exceptions
///
/// A double is `double(d) × 10^factor × 10^-exponent`, two multiplications by the nearest doubles
/// of these powers, each rounded to nearest even. double(d) is the double with the bits
/// `d + 0x4338000000000000` (modulo 2^64) less 2^51 + 2^52, which is d itself for |d| < 2^51, and
/// the writer takes no other. A float is the same in 32 bits, from d's low 32 bits as a signed
/// integer.
enum ALPCodec {
    static func byteCount(exceptionCount: Int, format: FloatFormat, child: Int) -> Int {
        NodeDescriptor.padded(
            NodeDescriptor.headerByteCount + ExceptionRows.byteCount(exceptionCount)
                + exceptionCount * format.byteCount) + child
    }

    static func encode(_ input: NumberInput, _ plan: ALPPlan, to target: UnsafeMutableRawPointer) {
        let scale = plan.scale, count = plan.exceptionRows.count
        NodeDescriptor(
            encoding: .alp, lane: 0, childCount: 1, rowCount: input.rowCount,
            byteCount: plan.byteCount, flags: scale.format.flags
        ).write(to: target)
        target.storeBytes(of: UInt8(scale.exponent), toByteOffset: 16, as: UInt8.self)
        target.storeBytes(of: UInt8(scale.factor), toByteOffset: 17, as: UInt8.self)
        target.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 20, as: UInt32.self)
        let rows = target + NodeDescriptor.headerByteCount
        let bits = rows + ExceptionRows.byteCount(count)
        let lane = scale.format == .float32 ? Lane.u32 : .u64
        for index in 0..<count {
            let row = plan.exceptionRows[index]
            Lane.u16.store(UInt64(row), to: rows, index)
            lane.store(input.values[Int(row)], to: bits, index)
        }
        let childByteCount = plan.numbersPlan.byteCount(rowCount: input.rowCount)
        plan.numbersPlan.encode(plan.numbers, to: target + (plan.byteCount - childByteCount))
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 1, flags: FloatFormat.float32Flag)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        let format = FloatFormat(flags: node.descriptor.flags)
        let exponent = Int(node.field(16, as: UInt8.self))
        let factor = Int(node.field(17, as: UInt8.self))
        guard exponent <= ALPScale.exponentLimit(format), factor <= exponent else {
            throw node.invalid(.exponent)
        }
        guard node.field(18, as: UInt16.self) == 0 else { throw node.invalid(.reserved) }
        try node.requireZeros(from: 24)
        let count = Int(node.field(20, as: UInt32.self))
        let rows = try ExceptionRows(&node, count: count)
        let bits = try node.take(count * format.byteCount).pointer
        let child = try NumberCodecs.decode(node.takeChild(), depth: depth - 1, workspace)
        try node.requireEnd()
        guard child.rowCount == node.descriptor.rowCount else {
            throw .rowCountMismatch(expected: node.descriptor.rowCount, found: child.rowCount)
        }
        let scale = ALPScale(format: format, exponent: exponent, factor: factor)
        return ALPNode(node.descriptor, scale, (rows, bits), child, depth: depth)
    }

    static func text(_ scale: ALPScale, exceptionCount: Int, child: String) -> String {
        let exceptions = exceptionCount == 0 ? "" : " +\(exceptionCount)"
        return "ALP e\(scale.exponent) f\(scale.factor)\(exceptions)(\(child))"
    }
}

/// A checked ALP node. Its numbers are the bits of floats.
private final class ALPNode: NumberNode {
    let scale: ALPScale
    let exceptions: ExceptionRows
    let exceptionBits: UnsafeRawPointer
    let numbers: NumberNode
    let depth: Int

    init(
        _ descriptor: NodeDescriptor, _ scale: ALPScale,
        _ exceptions: (rows: ExceptionRows, bits: UnsafeRawPointer), _ child: NumberNode,
        depth: Int
    ) {
        self.scale = scale
        self.exceptions = exceptions.rows
        exceptionBits = exceptions.bits
        numbers = child
        self.depth = depth
        super.init(descriptor)
    }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let integers = numbers.read(
            firstVector: firstVector, vectorCount: vectorCount, into: workspace.nested(depth),
            workspace)
        let firstRow = firstVector &* Limits.vectorRows
        // The integers may be read where they stand, and end with the last row.
        let count = min(vectorCount &* Limits.vectorRows, rowCount &- firstRow)
        scale.decode(integers, count: count, into: target)
        let lane = scale.format == .float32 ? Lane.u32 : .u64
        for index in exceptions.range(ofVectors: firstVector..<firstVector &+ vectorCount) {
            lane.store(
                lane.load(exceptionBits, index), to: target, exceptions.row(index) &- firstRow)
        }
        return Vector.Integers(lane: lane, values: UnsafeRawPointer(target))
    }

    /// Only the integers of these rows are unpacked.
    override func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let integers = numbers.gather(
            rows, count: count, into: workspace.nested(depth), workspace)
        scale.decode(integers, count: count, into: target)
        let lane = scale.format == .float32 ? Lane.u32 : .u64
        let vector = Int(rows[0]) / Limits.vectorRows
        var next = exceptions.range(ofVectors: vector..<vector + 1).lowerBound
        for place in 0..<count where next < exceptions.count {
            while next < exceptions.count, exceptions.row(next) < Int(rows[place]) { next &+= 1 }
            guard next < exceptions.count, exceptions.row(next) == Int(rows[place]) else {
                continue
            }
            lane.store(lane.load(exceptionBits, next), to: target, place)
        }
        return Vector.Integers(lane: lane, values: UnsafeRawPointer(target))
    }

    override var text: String {
        ALPCodec.text(scale, exceptionCount: exceptions.count, child: numbers.text)
    }

    override var children: [NumberNode] { [numbers] }
}
