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
    /// begins.
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
        var start = vectorStarts[firstVector]
        for row in 0..<skipped { start += Int(truncatingIfNeeded: numbers.pattern(row)) }
        Self.sum(numbers, from: skipped, count: rowCount, into: offsets)
        return start
    }

    private static func sum(
        _ numbers: Vector.Integers, from first: Int, count: Int,
        into offsets: UnsafeMutablePointer<UInt32>
    ) {
        let base = UInt32(truncatingIfNeeded: numbers.base)
        let multiplier = UInt32(truncatingIfNeeded: numbers.multiplier)
        var end: UInt32 = 0
        offsets[0] = 0
        for row in 0..<count {
            let number = UInt32(truncatingIfNeeded: numbers.lane.load(numbers.values, first &+ row))
            end &+= base &+ multiplier &* number
            offsets[row &+ 1] = end
        }
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
