internal import StoaBase
internal import StoaModel

/// Looks at every row of a NUMERIC_STRING node once: its template exists, and its number has no
/// more digits than that says.
final class NumericStringCheck {
    /// A vector whose rows have several templates, or exceptions.
    static let mixed: Int16 = -1

    private let node: NodeBytes
    private let templates: NumericStringCodec.Templates
    private let exceptionRows: [UInt32]
    /// Bytes of all strings that are no exceptions.
    private(set) var textByteCount = 0

    init(
        _ node: NodeBytes, _ templates: NumericStringCodec.Templates, exceptionRows: [UInt32]
    ) {
        self.node = node
        self.templates = templates
        self.exceptionRows = exceptionRows
    }

    /// The template of each vector, or `mixed`.
    func run(
        _ numbers: NumberNode, _ indexes: NumberNode?, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> [Int16] {
        let rowCount = node.descriptor.rowCount
        // Positions of templates by row; exceptions have one behind the last.
        let none = templates.count
        let memory = HeapBytes(byteCount: rowCount * 2)
        let positions = memory.address.assumingMemoryBound(to: UInt16.self)
        guard fill(positions, indexes, workspace) else { throw node.invalid(.template) }
        for row in exceptionRows { positions[Int(row)] = UInt16(none) }
        var limits: [UInt64] = templates.shared.map { $0?.numberLimit ?? 0 }
        limits.append(0)
        // 0 stands for "anything": one less wraps to the greatest number.
        let isValid = areBelow(limits, numbers, positions, workspace)
        guard isValid else { throw node.invalid(.template) }
        var counts = [Int](repeating: 0, count: none + 1)
        for row in 0..<rowCount { counts[Int(positions[row])] += 1 }
        for index in 0..<none {
            textByteCount +=
                counts[index] * (templates.prefixCounts[index] + templates.digitCounts[index])
        }
        defer { withExtendedLifetime(memory) {} }
        return stride(from: 0, to: rowCount, by: Limits.vectorRows).map { first in
            let position = positions[first]
            for row in first..<min(first + Limits.vectorRows, rowCount)
            where positions[row] != position { return Self.mixed }
            return Int(position) == none ? Self.mixed : Int16(position)
        }
    }

    /// Writes the positions; false when one lies behind the last template.
    private func fill(
        _ positions: UnsafeMutablePointer<UInt16>, _ indexes: NumberNode?,
        _ workspace: DecodeWorkspace
    ) -> Bool {
        guard let indexes else { return true }  // The memory is zero.
        let limit = UInt64(templates.count)
        var largest: UInt64 = 0
        var first = 0
        indexes.forEachBatch(workspace) { values, count in
            for row in 0..<count {
                largest = max(largest, values[row])
                positions[first + row] = UInt16(truncatingIfNeeded: values[row])
            }
            first += count
        }
        return largest < limit
    }

    private func areBelow(
        _ limits: [UInt64], _ numbers: NumberNode, _ positions: UnsafePointer<UInt16>,
        _ workspace: DecodeWorkspace
    ) -> Bool {
        if limits.count == 2, exceptionRows.isEmpty, limits[0] > 0,
            let bounds = (numbers as? FrameOfReferenceNode)?.valueBounds,
            bounds.lowerBound >= 0, bounds.upperBound < Int128(limits[0])
        {
            return true
        }
        var first = 0
        var isValid = true
        limits.withUnsafeBufferPointer { limits in
            numbers.forEachBatch(workspace) { values, count in
                var areBelow = true
                for row in 0..<count {
                    let limit = limits[Int(positions[first &+ row])]
                    areBelow = areBelow && values[row] <= limit &- 1
                }
                isValid = isValid && areBelow
                first += count
            }
        }
        return isValid
    }
}
