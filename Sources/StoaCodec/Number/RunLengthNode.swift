internal import StoaBase
internal import StoaModel

/// A checked RLE node; its runs are kept decoded, in their narrowest lane.
final class RunLengthNode: NumberNode {
    private let valuesNode: NumberNode
    private let lengthsNode: NumberNode
    /// The row behind each run.
    private let ends: UnsafeMutablePointer<UInt32>
    /// The run of each vector's first row.
    private let firstRuns: UnsafeMutablePointer<UInt32>
    /// The value of each run.
    let values: NarrowedNumbers

    init(
        _ node: NodeBytes, _ values: NumberNode, _ lengths: NumberNode,
        _ workspace: DecodeWorkspace
    ) throws(CodecError) {
        valuesNode = values
        lengthsNode = lengths
        let runCount = values.rowCount
        ends = .allocate(capacity: runCount)
        firstRuns = .allocate(capacity: NumberNode.vectorCount(node.descriptor.rowCount))
        self.values = NarrowedNumbers(values, workspace)
        super.init(node.descriptor)
        guard fillEnds(workspace) else { throw node.invalid(.runLength) }
    }

    deinit {
        ends.deallocate()
        firstRuns.deallocate()
    }

    /// Adds the lengths up; false when they do not end at the last row.
    private func fillEnds(_ workspace: DecodeWorkspace) -> Bool {
        let limit = UInt64(rowCount)
        var end: UInt64 = 0, run = 0, nextVector = 0
        var isValid = true
        lengthsNode.forEachBatch(workspace) { lengths, count in
            for row in 0..<count {
                // A length below the number of rows cannot overflow the sum of two.
                isValid = isValid && lengths[row] < limit && end + lengths[row] < limit
                guard isValid else { return }
                end += lengths[row] + 1
                ends[run] = UInt32(end)
                while nextVector * Limits.vectorRows < Int(end) {
                    if nextVector < vectorCount { firstRuns[nextVector] = UInt32(run) }
                    nextVector += 1
                }
                run += 1
            }
        }
        return isValid && end == limit
    }

    override var lastingBounds: ClosedRange<Int128>? { values.bounds }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let firstRow = firstVector &* Limits.vectorRows
        let endRow = min(firstRow &+ vectorCount &* Limits.vectorRows, rowCount)
        var run = Int(firstRuns[firstVector])
        var row = firstRow
        let lane = values.lane, size = lane.byteCount
        // A run over all these rows is one value, whatever the lane of the others.
        if Int(ends[run]) >= endRow {
            return Vector.Integers(
                lane: .constant, values: UnsafeRawPointer(target),
                base: Int64(bitPattern: values.value(run)))
        }
        while row < endRow, size > 0 {
            let end = min(Int(ends[run]), endRow)
            let number = values.number(run)
            Self.fill(
                target + (row &- firstRow) &* size, byteCount: (end &- row) &* size,
                pattern: number &* repetition)
            row = end
            run &+= 1
        }
        return Vector.Integers(
            lane: lane, values: UnsafeRawPointer(target), base: Int64(bitPattern: values.base))
    }

    /// One test per run.
    override func filter(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) {
        for index in 0..<rows.vectorCount {
            let part = rows.vector(index)
            if part.isEmpty { continue }
            var run = Int(firstRuns[part.firstVector])
            var row = 0
            while row < part.rowCount {
                let end = min(Int(ends[run]) &- part.firstRow, part.rowCount)
                if !test.passes(values.value(run)) {
                    part.clear(row..<end)
                }
                row = end
                run &+= 1
            }
        }
    }

    /// What repeats a number of the lane over 64 bits.
    private var repetition: UInt64 {
        switch values.lane {
        case .u8: 0x0101_0101_0101_0101
        case .u16: 0x0001_0001_0001_0001
        case .u32: 0x0000_0001_0000_0001
        case .u64, .constant: 1
        }
    }

    /// Stores whole 32-byte pieces: up to 31 bytes behind the run, which the next run writes
    /// over, and which the target has room for behind the last.
    @inline(__always)
    private static func fill(
        _ target: UnsafeMutableRawPointer, byteCount: Int, pattern: UInt64
    ) {
        let piece = SIMD4<UInt64>(repeating: pattern)
        var offset = 0
        while offset < byteCount {
            target.storeBytes(of: piece, toByteOffset: offset, as: SIMD4<UInt64>.self)
            offset &+= 32
        }
    }

    override var text: String {
        RunLengthCodec.text(values: valuesNode.text, lengths: lengthsNode.text)
    }

    override var children: [NumberNode] { [valuesNode, lengthsNode] }
}
