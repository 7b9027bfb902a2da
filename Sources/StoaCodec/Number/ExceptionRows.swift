internal import StoaBase
internal import StoaModel

/// The rows of a node whose values stand aside: u16, rising; so at most 65,536 rows. They are a
/// copy: values are written to these rows, which must not change.
struct ExceptionRows {
    let count: Int
    private let rows: UnsafeRawPointer
    /// Exceptions before each vector, and all of them at the end.
    private let starts: [UInt32]
    /// Holds the rows.
    private let memory: HeapBytes

    /// Bytes of the list.
    static func byteCount(_ count: Int) -> Int { NodeDescriptor.aligned(count * 2) }

    /// Takes and checks a list.
    init(_ node: inout NodeBytes, count: Int) throws(CodecError) {
        guard node.descriptor.rowCount <= Limits.blockRowsLimit,
            count <= node.descriptor.rowCount
        else { throw node.invalid(.exceptionCount) }
        let list = try node.take(count * 2)
        memory = HeapBytes(byteCount: list.count)
        memory.address.copyMemory(from: list.pointer, byteCount: list.count)
        rows = UnsafeRawPointer(memory.address)
        self.count = count
        starts = try Self.starts(rows, count, node)
    }

    /// Takes and checks a bitmap: a bit per row, 1 where it is an exception.
    init(bitmapOf node: inout NodeBytes, count: Int) throws(CodecError) {
        let rowCount = node.descriptor.rowCount
        guard rowCount <= Limits.blockRowsLimit, count <= rowCount else {
            throw node.invalid(.exceptionCount)
        }
        let words = try node.take((rowCount + 63) / 64 * 8)
        let list = HeapBytes(byteCount: count * 2)
        var found = 0
        for word in 0..<(rowCount + 63) / 64 {
            var bits = words.integer(at: word * 8, as: UInt64.self)
            while bits != 0 {
                let row = word * 64 + bits.trailingZeroBitCount
                guard found < count, row < rowCount else { throw node.invalid(.exceptionRow) }
                Lane.u16.store(UInt64(row), to: list.address, found)
                found += 1
                bits &= bits - 1
            }
        }
        guard found == count else { throw node.invalid(.exceptionCount) }
        rows = UnsafeRawPointer(list.address)
        self.count = count
        memory = list
        starts = try Self.starts(rows, count, node)
    }

    private static func starts(
        _ rows: UnsafeRawPointer, _ count: Int, _ node: NodeBytes
    ) throws(CodecError) -> [UInt32] {
        let rowCount = node.descriptor.rowCount
        var starts: [UInt32] = []
        starts.reserveCapacity(NumberNode.vectorCount(rowCount) + 1)
        var next = 0
        for index in 0..<count {
            let row = Int(Lane.u16.load(rows, index))
            guard row >= next, row < rowCount else { throw node.invalid(.exceptionRow) }
            while starts.count * Limits.vectorRows <= row { starts.append(UInt32(index)) }
            next = row + 1
        }
        while starts.count <= NumberNode.vectorCount(rowCount) { starts.append(UInt32(count)) }
        return starts
    }

    /// Which exceptions lie in some vectors.
    func range(ofVectors vectors: Range<Int>) -> Range<Int> {
        Int(starts[vectors.lowerBound])..<Int(starts[vectors.upperBound])
    }

    /// The row of an exception.
    @inline(__always)
    func row(_ index: Int) -> Int { Int(Lane.u16.load(rows, index)) }
}
