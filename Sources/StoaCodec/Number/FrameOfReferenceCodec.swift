internal import StoaBase
internal import StoaModel

/// Residuals above a base, bit-packed vector by vector at the width that each needs; the few that
/// are wider keep their low bits in place and their high part aside.
///
///     FOR, revision 1; lane: the narrowest that holds the bounds of all vectors
///     offset  size  field
///          0    16  descriptor
///         16     8  base
///         24     8  multiplier        ≥ 1
///         32     4  patchTotal        exceptions of all vectors
///         36     1  differenceLane    0 … 4; 0: all differences are 0
///         37     1  patchLane         0 … 4; 0 exactly without exceptions
///         38    26  reserved          0
///         64        widths            u8 × vectors, 0 … 64
///                   differences       differenceLane × vectors
///                   patchCounts       u16 × vectors, only with exceptions; each < 1,024
///                   packed            at a multiple of 64: 128 × width bytes × vectors
///                   patchPositions    u16 × patchTotal, < 1,024, rising within a vector
///                   patchHighs        patchLane × patchTotal
///
/// A value is base + multiplier × (difference of its vector + residual), modulo 2^64; a residual
/// is its packed bits, plus `high << width` for an exception. The bounds of a vector are its
/// difference and that plus 2^bits - 1, at most 2^64 - 1, where bits is its width, and the bits
/// of the node's widest high part more when the vector has exceptions. Rows behind the last, and
/// null rows of a NULLABLE column, have residual 0.
enum FrameOfReferenceCodec {
    static func byteCount(_ plan: FrameOfReferencePlan) -> Int {
        let vectorCount = plan.widths.count
        var count = NodeDescriptor.headerByteCount + NodeDescriptor.aligned(vectorCount)
        count += NodeDescriptor.aligned(vectorCount * plan.differenceLane.byteCount)
        if plan.patchTotal > 0 { count += NodeDescriptor.aligned(vectorCount * 2) }
        count = NodeDescriptor.padded(count) + plan.packedUnitCount * 128
        count += NodeDescriptor.aligned(plan.patchTotal * 2)
        count += plan.patchTotal * plan.patchLane.byteCount
        return NodeDescriptor.padded(count)
    }

    static func encode(
        _ input: NumberInput, _ plan: FrameOfReferencePlan, to target: UnsafeMutableRawPointer
    ) {
        let vectorCount = plan.widths.count
        NodeDescriptor(
            encoding: .frameOfReference, lane: plan.lane.rawValue, childCount: 0,
            rowCount: input.rowCount, byteCount: plan.byteCount, flags: 0
        ).write(to: target)
        target.storeBytes(of: plan.base.littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(of: plan.divisor.value.littleEndian, toByteOffset: 24, as: UInt64.self)
        target.storeBytes(
            of: UInt32(plan.patchTotal).littleEndian, toByteOffset: 32, as: UInt32.self)
        target.storeBytes(of: plan.differenceLane.rawValue, toByteOffset: 36, as: UInt8.self)
        target.storeBytes(of: plan.patchLane.rawValue, toByteOffset: 37, as: UInt8.self)
        var offset = NodeDescriptor.headerByteCount
        for vector in 0..<vectorCount {
            Lane.u8.store(UInt64(plan.widths[vector]), to: target + offset, vector)
        }
        offset += NodeDescriptor.aligned(vectorCount)
        for vector in 0..<vectorCount {
            plan.differenceLane.store(plan.differences[vector], to: target + offset, vector)
        }
        offset += NodeDescriptor.aligned(vectorCount * plan.differenceLane.byteCount)
        if plan.patchTotal > 0 {
            for vector in 0..<vectorCount {
                Lane.u16.store(UInt64(plan.patchCounts[vector]), to: target + offset, vector)
            }
            offset += NodeDescriptor.aligned(vectorCount * 2)
        }
        packVectors(input, plan, to: target, from: NodeDescriptor.padded(offset))
    }

    private static func packVectors(
        _ input: NumberInput, _ plan: FrameOfReferencePlan,
        to target: UnsafeMutableRawPointer, from packedOffset: Int
    ) {
        let residuals = UnsafeMutablePointer<UInt64>.allocate(capacity: Limits.vectorRows)
        let narrowed = UnsafeMutableRawPointer.allocate(
            byteCount: Limits.vectorRows * 8, alignment: 64)
        defer {
            residuals.deallocate()
            narrowed.deallocate()
        }
        var packed = target + packedOffset
        let positions = packed + plan.packedUnitCount * 128
        let highs = positions + NodeDescriptor.aligned(plan.patchTotal * 2)
        var patch = 0
        for vector in plan.widths.indices {
            let width = Int(plan.widths[vector])
            let mask = UInt64.mask(width: width)
            let isPatched = plan.patchTotal > 0 && plan.patchCounts[vector] > 0
            guard width > 0 || isPatched else { continue }
            plan.fillResiduals(input, vector: vector, into: residuals)
            if isPatched {
                for row in 0..<Limits.vectorRows where residuals[row] > mask {
                    Lane.u16.store(UInt64(row), to: positions, patch)
                    plan.patchLane.store(
                        residuals[row] &>> UInt64(width), to: highs, patch)
                    residuals[row] &= mask
                    patch += 1
                }
            }
            let lane = Lane(width: width)
            NumberKernels.narrow(residuals, count: Limits.vectorRows, into: narrowed, lane: lane)
            BitPacking.pack(narrowed, width: width, into: packed)
            packed += BitPacking.byteCount(width: width)
        }
        invariant(patch == plan.patchTotal, "every exception has its place")
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 0)
        _ = try node.numberLane()
        try node.requireZeros(from: 38)
        let parts = try FrameOfReferenceNode.Parts(&node)
        try node.requireEnd()
        return FrameOfReferenceNode(node.descriptor, parts)
    }

    /// What a vector's numbers above the block's base lie between.
    @inline(__always)
    static func bounds(difference: UInt64, width: Int) -> (low: UInt64, high: UInt64) {
        let (high, overflows) = difference.addingReportingOverflow(.mask(width: width))
        return (difference, overflows ? .max : high)
    }

    /// A node in words: lane, greatest width, multiplier and number of exceptions.
    static func text(lane: Lane, maxWidth: Int, multiplier: UInt64, patchTotal: Int) -> String {
        let factor = multiplier == 1 ? "" : " ×\(multiplier)"
        let patches = patchTotal == 0 ? "" : " +\(patchTotal)"
        return "FOR \(lane.name) w≤\(maxWidth)\(factor)\(patches)"
    }
}
