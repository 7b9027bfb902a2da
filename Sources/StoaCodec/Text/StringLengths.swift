internal import StoaBase
internal import StoaModel

/// Where the strings of a node begin in its bytes: the child with their lengths, checked, and
/// the first byte of every vector.
struct StringLengths {
    let node: NumberNode
    /// The first byte of each vector's strings, and the number of all bytes.
    let vectorStarts: [Int]

    /// Bytes of all strings together.
    var byteCount: Int { vectorStarts[vectorStarts.count - 1] }

    /// Checks that the lengths are lengths and add up to `byteCount`.
    init(
        _ node: NumberNode, byteCount: Int, owner: NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) {
        guard node.rowCount == owner.descriptor.rowCount else {
            throw .rowCountMismatch(expected: owner.descriptor.rowCount, found: node.rowCount)
        }
        var starts = [0]
        var end: UInt64 = 0
        var isValid = true
        node.forEachBatch(workspace) { lengths, count in
            var row = 0
            while row < count {
                let next = min(row + Limits.vectorRows, count)
                while row < next {
                    isValid = isValid && lengths[row] <= UInt64(Limits.stringByteCountLimit)
                    end &+= lengths[row]
                    row += 1
                }
                starts.append(Int(truncatingIfNeeded: end))
            }
        }
        guard isValid, end == UInt64(byteCount), byteCount <= Int(UInt32.max) else {
            throw owner.invalid(.stringLength)
        }
        self.node = node
        vectorStarts = starts
    }

    /// Writes the offsets of rows relative to the first of them; returns the byte where that one
    /// begins. The rows' bytes lie within `byteCount`, also when lengths changed since they were
    /// checked: then the strings are empty.
    func readOffsets(
        firstRow: Int, rowCount: Int, into offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> Int {
        let firstVector = firstRow / Limits.vectorRows
        let vectorCount = (firstRow + rowCount - 1) / Limits.vectorRows - firstVector + 1
        invariant(
            vectorCount <= DecodeWorkspace.vectorCountLimit, "a read fits the workspace")
        let numbers = node.read(
            firstVector: firstVector, vectorCount: vectorCount, into: workspace.inner.address,
            workspace)
        let skipped = firstRow - firstVector * Limits.vectorRows
        let firstStart = vectorStarts[firstVector]
        let limit = UInt64(vectorStarts[firstVector + vectorCount] - firstStart)
        var start: UInt64 = 0
        for row in 0..<skipped { start &+= numbers.pattern(row) & Self.lengthMask }
        let end = Self.sum(numbers, from: skipped, count: rowCount, into: offsets)
        guard let end, end <= limit, start <= limit - end else {
            DecodingDoubt.add()
            offsets.update(repeating: 0, count: rowCount + 1)
            return firstStart
        }
        return firstStart + Int(start)
    }

    /// Of the bits that a length may have; sums of so short lengths cannot overflow.
    private static let lengthMask = UInt64(Limits.stringByteCountLimit * 2 - 1)

    /// The sum of the lengths, nil when one of them is none.
    private static func sum(
        _ numbers: Vector.Integers, from first: Int, count: Int,
        into offsets: UnsafeMutablePointer<UInt32>
    ) -> UInt64? {
        var end: UInt64 = 0, bits: UInt64 = 0
        offsets[0] = 0
        for row in 0..<count {
            let length = numbers.pattern(first &+ row)
            bits |= length
            end &+= length
            offsets[row &+ 1] = UInt32(truncatingIfNeeded: end)
        }
        return bits & ~lengthMask == 0 ? end : nil
    }

    /// Calls `body` with the first byte of every string, in order.
    func forEachStart(_ workspace: DecodeWorkspace, _ body: (Int) -> Void) {
        var start = 0
        node.forEachBatch(workspace) { lengths, count in
            for row in 0..<count {
                body(start)
                start += Int(truncatingIfNeeded: lengths[row])
            }
        }
    }
}
