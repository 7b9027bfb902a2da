internal import StoaBase
internal import StoaModel

/// Differences of neighbours, which for rising and slowly changing columns need far fewer bits
/// than the values. Rows stay in their order, and every vector can be read alone.
///
///     DELTA, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor   flags bit 0: no difference is negative
///         16    48  reserved     0
///         64        starts       u64 × (vectors + 1): the value before the first row of each
///                                vector, and the last value
///                   child        differences: rowCount numbers, not DELTA or DELTA2
///
/// The value of row r of a vector is its start plus the differences of rows 0 … r, modulo 2^64.
enum DeltaCodec {
    static let risingFlag: UInt16 = 1

    static func byteCount(rowCount: Int, differences: Int) -> Int {
        let starts = (NumberNode.vectorCount(rowCount) + 1) * 8
        return NodeDescriptor.padded(NodeDescriptor.headerByteCount + starts) + differences
    }

    /// Differences as they are stored: the first one equals the second, so that it costs nothing.
    static func differences(_ input: NumberInput) -> NumberInput {
        let buffer = NumberBuffer(capacity: input.rowCount)
        let values = input.values, output = buffer.pointer
        for row in 1..<max(1, input.rowCount) { output[row] = values[row] &- values[row &- 1] }
        output[0] = input.rowCount > 1 ? output[1] : 0
        return NumberInput(buffer, rowCount: input.rowCount, isUnsigned: false)
    }

    static func encode(
        _ input: NumberInput, _ differences: NumberInput, _ plan: NumberPlan, isRising: Bool,
        to target: UnsafeMutableRawPointer
    ) {
        let childByteCount = plan.byteCount(rowCount: input.rowCount)
        let total = byteCount(rowCount: input.rowCount, differences: childByteCount)
        NodeDescriptor(
            encoding: .delta, lane: 0, childCount: 1, rowCount: input.rowCount, byteCount: total,
            flags: isRising ? risingFlag : 0
        ).write(to: target)
        let starts = target + NodeDescriptor.headerByteCount
        Lane.u64.store(input.values[0] &- differences.values[0], to: starts, 0)
        for vector in 1..<max(1, input.vectorCount) {
            Lane.u64.store(input.values[vector * Limits.vectorRows - 1], to: starts, vector)
        }
        Lane.u64.store(input.values[input.rowCount - 1], to: starts, input.vectorCount)
        plan.encode(differences, to: target + (total - childByteCount))
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 1, flags: risingFlag)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        try node.requireZeros(from: 16)
        let vectorCount = NumberNode.vectorCount(node.descriptor.rowCount)
        let starts = try node.take((vectorCount + 1) * 8)
        let childBytes = try node.takeChild()
        guard mayHold(childBytes.descriptor.encoding) else {
            throw .wrongContent(childBytes.descriptor.encoding)
        }
        let child = try NumberCodecs.decode(childBytes, depth: depth - 1, workspace)
        try node.requireEnd()
        guard child.rowCount == node.descriptor.rowCount else {
            throw .rowCountMismatch(expected: node.descriptor.rowCount, found: child.rowCount)
        }
        let result = DeltaNode(
            node.descriptor, starts: starts.withUnsafeBytes { Bytes(copying: $0) }, child,
            depth: depth)
        guard result.leadsFromStartToStart(workspace) else {
            throw node.invalid(result.isRising ? .flags : .start)
        }
        return result
    }

    /// Whether differences may be stored like this.
    static func mayHold(_ encoding: Encoding) -> Bool {
        switch encoding {
        case .constant, .sequence, .plain, .frameOfReference: true
        case .runLength, .dictionary, .sparse: true
        default: false
        }
    }

    static func text(child: String) -> String { "DELTA(\(child))" }
}

/// A checked DELTA node.
private final class DeltaNode: NumberNode {
    /// In `memory`, so that lanes that follow from them are right whatever happens to the block.
    let starts: UnsafePointer<UInt64>
    private let memory: Bytes
    let differences: NumberNode

    let depth: Int

    init(
        _ descriptor: NodeDescriptor, starts: Bytes, _ child: NumberNode, depth: Int
    ) {
        memory = starts
        self.starts = starts.pointer.assumingMemoryBound(to: UInt64.self)
        differences = child
        self.depth = depth
        super.init(descriptor)
    }

    /// Whether lanes follow from starts alone.
    var isRising: Bool { descriptor.flags & DeltaCodec.risingFlag != 0 }

    /// Adds all differences up: they lead from start to start and, where the node says that it
    /// rises, none is negative and nothing goes around 2^64. Were that believed, a value could
    /// depend on where a read starts.
    func leadsFromStartToStart(_ workspace: DecodeWorkspace) -> Bool {
        let isRising = isRising
        var vector = 0
        var isTrue = true
        differences.forEachBatch(workspace) { steps, count in
            for first in stride(from: 0, to: count, by: Limits.vectorRows) {
                let rows = min(Limits.vectorRows, count - first)
                let rise = starts[vector + 1] &- starts[vector]
                if isRising {
                    isTrue = isTrue && Self.sum(steps + first, count: rows) == rise
                    // The whole way up must fit 64 bits too.
                    isTrue = isTrue && starts[vector + 1] &- starts[0] >= rise
                } else {
                    var sum: UInt64 = 0
                    for row in first..<first + rows { sum &+= steps[row] }
                    isTrue = isTrue && sum == rise
                }
                vector += 1
            }
        }
        return isTrue
    }

    /// The sum of steps; nil when one is negative or the sum needs more than 64 bits.
    private static func sum(_ steps: UnsafePointer<UInt64>, count: Int) -> UInt64? {
        var sum: UInt64 = 0, bits: UInt64 = 0
        for row in 0..<count {
            sum &+= steps[row]
            bits |= steps[row]
        }
        // 1,024 steps of 53 bits fit.
        if bits < 1 << 53 { return sum }
        sum = 0
        for row in 0..<count {
            let (next, overflows) = sum.addingReportingOverflow(steps[row])
            guard !overflows, steps[row] <= UInt64(Int64.max) else { return nil }
            sum = next
        }
        return sum
    }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let steps = differences.read(
            firstVector: firstVector, vectorCount: vectorCount,
            into: workspace.nested(depth), workspace)
        if steps.lane == .constant {
            let step = UInt64(bitPattern: steps.base)
            return RowNumbers.progression(
                first: starts[firstVector] &+ step, step: step,
                rowCount: vectorCount &* Limits.vectorRows)
        }
        let vectors = firstVector..<firstVector &+ vectorCount
        let (lane, base) = bounds(steps, vectors)
        for vector in vectors {
            let first = (vector &- firstVector) &* Limits.vectorRows
            var part = steps
            part.values += first &* steps.lane.byteCount
            // The differences may be read where they stand, and end with the last row.
            let count = min(Limits.vectorRows, rowCount &- vector &* Limits.vectorRows)
            let start = starts[vector] &- base
            if lane == .u32 {
                PrefixSum.words(
                    part, count: count, from: UInt32(truncatingIfNeeded: start),
                    into: target.assumingMemoryBound(to: UInt32.self) + first)
            } else {
                PrefixSum.longs(
                    part, count: count, from: start,
                    into: target.assumingMemoryBound(to: UInt64.self) + first)
            }
        }
        return Vector.Integers(
            lane: lane, values: UnsafeRawPointer(target), base: Int64(bitPattern: base))
    }

    /// The values of a rising column lie between the starts of its vectors: most vectors are
    /// decided by them.
    override func filter(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        guard isRising, case .ranges(let ranges) = test else {
            return filterDecoded(test, rows, workspace)
        }
        if ranges.count != 1 {
            return rows.forEachRange(ranges, workspace) { filter($0, $1, workspace) }
        }
        filter(ranges[0], rows, workspace)
    }

    private func filter(
        _ range: PatternRange, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            let first = starts[part.firstVector]
            let interval = range.interval(
                base: first, multiplier: 1, limit: starts[part.firstVector &+ 1] &- first)
            switch interval {
            case .none: part.clear()
            case .all: break
            case .some, .scattered: filterDecoded(.ranges([range]), part, workspace)
            }
        }
    }

    /// A lane that holds all values of some vectors, and what to subtract from them.
    private func bounds(
        _ steps: Vector.Integers, _ vectors: Range<Int>
    ) -> (lane: Lane, base: UInt64) {
        let first = starts[vectors.lowerBound]
        if isRising {
            let reach = starts[vectors.upperBound] &- first
            return (reach <= UInt64(UInt32.max) ? .u32 : .u64, first)
        }
        // Each of n steps moves by base + multiplier × (0 … greatest of the lane).
        let count = UInt64(vectors.count * Limits.vectorRows)
        let fixed = count.multipliedReportingOverflow(by: steps.base.magnitude)
        let free = UInt64.mask(width: steps.lane.bitCount)
            .multipliedReportingOverflow(by: UInt64(bitPattern: steps.multiplier))
        let moved = free.partialValue.multipliedReportingOverflow(by: count)
        let (reach, overflows) = fixed.partialValue.addingReportingOverflow(moved.partialValue)
        guard !overflows, !fixed.overflow, !free.overflow, !moved.overflow,
            reach <= UInt64(UInt32.max)
        else { return (.u64, 0) }
        return (.u32, steps.base < 0 ? first &- fixed.partialValue : first)
    }

    override var text: String { DeltaCodec.text(child: differences.text) }

    override var children: [NumberNode] { [differences] }
}
