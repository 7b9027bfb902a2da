internal import StoaBase
internal import StoaModel

/// Differences of differences, for values whose pace changes slowly. Rows stay in their order,
/// and every vector can be read alone.
///
///     DELTA2, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor
///         16    48  reserved     0
///         64        starts       u64 × vectors: the value before the first row of each vector
///                   steps        u64 × vectors: the difference before it
///                   child        changes: rowCount numbers, not DELTA or DELTA2
///
/// Row r of a vector has as its difference the vector's step plus the changes of rows 0 … r, and
/// as its value the vector's start plus the differences of rows 0 … r, modulo 2^64.
enum DoubleDeltaCodec {
    static func byteCount(rowCount: Int, changes: Int) -> Int {
        let arrays = NumberNode.vectorCount(rowCount) * 16
        return NodeDescriptor.padded(NodeDescriptor.headerByteCount + arrays) + changes
    }

    /// Changes as they are stored: the first two equal the third, so that they cost nothing.
    static func changes(_ input: NumberInput) -> NumberInput {
        let buffer = NumberBuffer(capacity: input.rowCount)
        let values = input.values, output = buffer.pointer
        for row in 2..<max(2, input.rowCount) {
            output[row] = values[row] &- 2 &* values[row &- 1] &+ values[row &- 2]
        }
        let change = input.rowCount > 2 ? output[2] : 0
        for row in 0..<min(2, input.rowCount) { output[row] = change }
        return NumberInput(buffer, rowCount: input.rowCount, isUnsigned: false)
    }

    static func encode(
        _ input: NumberInput, _ changes: NumberInput, _ plan: NumberPlan,
        to target: UnsafeMutableRawPointer
    ) {
        let childByteCount = plan.byteCount(rowCount: input.rowCount)
        let total = byteCount(rowCount: input.rowCount, changes: childByteCount)
        NodeDescriptor(
            encoding: .doubleDelta, lane: 0, childCount: 1, rowCount: input.rowCount,
            byteCount: total, flags: 0
        ).write(to: target)
        let starts = target + NodeDescriptor.headerByteCount
        let steps = starts + input.vectorCount * 8
        let values = input.values, change = changes.values[0]
        let firstStep = input.rowCount > 1 ? values[1] &- values[0] &- change : change
        Lane.u64.store(values[0] &- firstStep, to: starts, 0)
        Lane.u64.store(firstStep &- change, to: steps, 0)
        for vector in 1..<max(1, input.vectorCount) {
            let row = vector * Limits.vectorRows
            Lane.u64.store(values[row - 1], to: starts, vector)
            Lane.u64.store(values[row - 1] &- values[row - 2], to: steps, vector)
        }
        plan.encode(changes, to: target + (total - childByteCount))
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 1)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 16)
        let vectorCount = NumberNode.vectorCount(node.descriptor.rowCount)
        let starts = try node.take(vectorCount * 8).pointer
        let steps = try node.take(vectorCount * 8).pointer
        let childBytes = try node.takeChild()
        guard DeltaCodec.mayHold(childBytes.descriptor.encoding) else {
            throw .wrongContent(childBytes.descriptor.encoding)
        }
        let child = try NumberCodecs.decode(childBytes, depth: depth - 1, workspace)
        try node.requireEnd()
        guard child.rowCount == node.descriptor.rowCount else {
            throw .rowCountMismatch(expected: node.descriptor.rowCount, found: child.rowCount)
        }
        return DoubleDeltaNode(
            node.descriptor, starts: starts.assumingMemoryBound(to: UInt64.self),
            steps: steps.assumingMemoryBound(to: UInt64.self), child, depth: depth)
    }

    static func text(child: String) -> String { "DELTA2(\(child))" }
}

/// A checked DELTA2 node.
private final class DoubleDeltaNode: NumberNode {
    let starts: UnsafePointer<UInt64>
    let steps: UnsafePointer<UInt64>
    let changes: NumberNode
    let depth: Int

    init(
        _ descriptor: NodeDescriptor, starts: UnsafePointer<UInt64>,
        steps: UnsafePointer<UInt64>, _ child: NumberNode, depth: Int
    ) {
        self.starts = starts
        self.steps = steps
        changes = child
        self.depth = depth
        super.init(descriptor)
    }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let numbers = changes.read(
            firstVector: firstVector, vectorCount: vectorCount, into: workspace.nested(depth),
            workspace)
        let output = target.assumingMemoryBound(to: UInt64.self)
        let differences = workspace.vector.address.assumingMemoryBound(to: UInt64.self)
        for index in 0..<vectorCount {
            let vector = firstVector &+ index
            let first = index &* Limits.vectorRows
            var part = numbers
            part.values += first &* numbers.lane.byteCount
            // The changes may be read where they stand, and end with the last row.
            let count = min(Limits.vectorRows, rowCount &- vector &* Limits.vectorRows)
            PrefixSum.longs(part, count: count, from: steps[vector], into: differences)
            PrefixSum.longs(
                Vector.Integers(lane: .u64, values: UnsafeRawPointer(differences)), count: count,
                from: starts[vector], into: output + first)
        }
        return Vector.Integers(lane: .u64, values: UnsafeRawPointer(target))
    }

    override var text: String { DoubleDeltaCodec.text(child: changes.text) }

    override var children: [NumberNode] { [changes] }
}
