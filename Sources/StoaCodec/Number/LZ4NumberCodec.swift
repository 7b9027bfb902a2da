internal import StoaBase
internal import StoaModel

/// Numbers that no bit packing makes small, through LZ4: byte plane by byte plane (all lowest
/// bytes of a chunk's rows first, then the next), or as they stand where whole values repeat.
/// A chunk is whole rows.
///
///     LZ4 of numbers, revision 1; lane 1 … 4
///     offset  size  field
///          0    16  descriptor   flags bit 0: byte planes
///         16     8  base         a value is base + number, modulo 2^64
///         24    40  fields of Chunks
///         64        arrays of Chunks; a chunk holds 65,536 / lane rows, the last one the rest
enum LZ4NumberCodec {
    static let planesFlag: UInt16 = 1

    /// How numbers become bytes.
    struct Layout {
        var base: UInt64
        var lane: Lane
        var isPlanes: Bool

        /// Rows of a chunk.
        var chunkRows: Int { Chunks.byteCount / lane.byteCount }
    }

    /// The compressed numbers, nil unless they are at most `limit` bytes.
    static func compress(
        _ input: NumberInput, _ layout: Layout, limit: Int
    ) -> Chunks.Compressed? {
        let memory = HeapBytes(byteCount: Chunks.byteCount)
        let total = input.rowCount * layout.lane.byteCount
        return Chunks.compress(totalByteCount: total, limit: limit, highPercent: 70) { index in
            fillChunk(input, layout, index, into: memory.address)
        }
    }

    /// A look at a few values in the middle that spares most columns the compression: planes must
    /// hold equal neighbours, whole values must come back. Planes behind the first `width` bits,
    /// which bit packing would leave, count for nothing.
    static func isWorthTrying(_ input: NumberInput, _ layout: Layout, width: Int) -> Bool {
        let count = min(2_048, input.rowCount)
        let values = input.values + (input.rowCount - count) / 2
        guard !layout.isPlanes else {
            for plane in 0..<layout.lane.byteCount where plane * 8 + 4 < width {
                let mask = 0xFF as UInt64 &<< UInt64(plane * 8)
                var equalCount = 0
                for row in 1..<count {
                    let here = (values[row] &- layout.base) & mask
                    equalCount += here == (values[row - 1] &- layout.base) & mask ? 1 : 0
                }
                if equalCount * 5 >= count { return true }
            }
            return false
        }
        guard layout.lane.byteCount >= 4 else { return false }
        let sorted = UnsafeBufferPointer(start: values, count: count).sorted()
        var distinctCount = 1
        for row in 1..<count where sorted[row] != sorted[row - 1] { distinctCount += 1 }
        return distinctCount * 5 <= count * 3
    }

    static func encode(
        _ input: NumberInput, _ layout: Layout, _ compressed: Chunks.Compressed,
        to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .lz4, lane: layout.lane.rawValue, childCount: 0, rowCount: input.rowCount,
            byteCount: compressed.byteCount, flags: layout.isPlanes ? planesFlag : 0
        ).write(to: target)
        target.storeBytes(of: layout.base.littleEndian, toByteOffset: 16, as: UInt64.self)
        let memory = HeapBytes(byteCount: Chunks.byteCount)
        Chunks.encode(compressed, to: target) { index in
            fillChunk(input, layout, index, into: memory.address)
        }
    }

    private static func fillChunk(
        _ input: NumberInput, _ layout: Layout, _ chunk: Int,
        into target: UnsafeMutableRawPointer
    ) -> UnsafeRawBufferPointer {
        let first = chunk * layout.chunkRows
        let count = min(layout.chunkRows, input.rowCount - first)
        let source = input.values + first
        let bytes = target.assumingMemoryBound(to: UInt8.self)
        if layout.isPlanes {
            for plane in 0..<layout.lane.byteCount {
                let shift = UInt64(plane * 8)
                let output = bytes + plane * count
                for row in 0..<count {
                    output[row] = UInt8(truncatingIfNeeded: (source[row] &- layout.base) &>> shift)
                }
            }
        } else {
            for row in 0..<count {
                layout.lane.store(source[row] &- layout.base, to: target, row)
            }
        }
        return UnsafeRawBufferPointer(start: target, count: count * layout.lane.byteCount)
    }

    static func decode(
        _ node: NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 0, flags: planesFlag)
        let lane = try node.numberLane()
        guard lane != .constant else { throw node.invalid(.lane) }
        let chunks = try Chunks(
            &node, totalByteCount: node.descriptor.rowCount * lane.byteCount)
        try node.requireEnd()
        let target = workspace.chunks.reserve(Chunks.byteCount)
        for index in 0..<chunks.count {
            guard chunks.decompress(index, into: target) else {
                throw .damagedChunk(index: index)
            }
        }
        let layout = Layout(
            base: node.field(16, as: UInt64.self), lane: lane,
            isPlanes: node.descriptor.flags & planesFlag != 0)
        return LZ4NumberNode(node.descriptor, layout, chunks)
    }

    static func text(_ layout: Layout) -> String {
        "LZ4 \(layout.lane.name)\(layout.isPlanes ? " planes" : "")"
    }

    private final class LZ4NumberNode: NumberNode {
        let layout: Layout
        let chunks: Chunks

        init(_ descriptor: NodeDescriptor, _ layout: Layout, _ chunks: Chunks) {
            self.layout = layout
            self.chunks = chunks
            super.init(descriptor)
        }

        override func read(
            firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
            _ workspace: DecodeWorkspace
        ) -> Vector.Integers {
            let firstRow = firstVector * Limits.vectorRows
            let endRow = min(firstRow + vectorCount * Limits.vectorRows, rowCount)
            let size = layout.lane.byteCount
            var row = firstRow
            while row < endRow {
                let chunk = row / layout.chunkRows
                let skipped = row - chunk * layout.chunkRows
                let chunkCount = chunks.byteCount(chunk) / size
                let count = min(endRow - row, chunkCount - skipped)
                let bytes = chunks.read(chunk..<chunk + 1, &workspace.chunks)
                let output = target + (row - firstRow) * size
                if layout.isPlanes {
                    BytePlanes.join(
                        bytes + skipped, stride: chunkCount, count: count, into: output,
                        lane: layout.lane)
                } else {
                    output.copyMemory(from: bytes + skipped * size, byteCount: count * size)
                }
                row += count
            }
            return Vector.Integers(
                lane: layout.lane, values: UnsafeRawPointer(target),
                base: Int64(bitPattern: layout.base))
        }

        override var text: String { LZ4NumberCodec.text(layout) }
    }
}
