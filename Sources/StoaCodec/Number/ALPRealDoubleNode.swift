internal import StoaBase
internal import StoaModel

/// A checked ALP_RD node. Its numbers are the bits of floats.
final class ALPRealDoubleNode: NumberNode {
    /// The arrays of a node, after their checks.
    struct Parts {
        let exceptions: ExceptionRows
        let exceptionLefts: UnsafeRawPointer
        let packed: UnsafeRawPointer
        let restRights: UnsafeRawPointer
        let restCodes: UnsafeRawPointer
    }

    private let layout: ALPRealDoubleCodec.Layout
    private let parts: Parts
    private let lane: Lane
    /// The left part of every code; 0 for those without an entry.
    private let table: UnsafeMutablePointer<UInt16>

    init(_ descriptor: NodeDescriptor, _ layout: ALPRealDoubleCodec.Layout, _ parts: Parts) {
        self.layout = layout
        self.parts = parts
        lane = FloatFormat(flags: descriptor.flags) == .float32 ? .u32 : .u64
        let entryCount = 1 << ALPRealDoubleCodec.codeWidthLimit
        table = .allocate(capacity: entryCount)
        table.initialize(repeating: 0, count: entryCount)
        for (code, left) in layout.lefts.enumerated() { table[code] = left }
        super.init(descriptor)
    }

    deinit { table.deallocate() }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let lefts = workspace.vector.address.assumingMemoryBound(to: UInt16.self)
        let codes = workspace.vector.address + Limits.vectorRows * 2
        for vector in firstVector..<firstVector &+ vectorCount {
            let skipped = (vector &- firstVector) &* Limits.vectorRows
            let output = target + skipped &* lane.byteCount
            if vector < layout.wholeVectorCount {
                let packed = parts.packed + vector &* layout.vectorByteCount
                BitPacking.unpack(packed, width: layout.rightWidth, adding: 0, into: output)
                BitPacking.unpack(
                    packed + BitPacking.byteCount(width: layout.rightWidth),
                    width: layout.codeWidth, adding: 0, into: codes)
                lookUp(codes, count: Limits.vectorRows, into: lefts)
                join(lefts, count: Limits.vectorRows, into: output)
            } else {
                readRest(codes, lefts, into: output)
            }
        }
        let firstRow = firstVector &* Limits.vectorRows
        let shift = UInt64(layout.rightWidth)
        let mask = UInt64.mask(width: layout.rightWidth)
        let vectors = firstVector..<firstVector &+ vectorCount
        for index in parts.exceptions.range(ofVectors: vectors) {
            let position = parts.exceptions.row(index) &- firstRow
            let left = Lane.u16.load(parts.exceptionLefts, index)
            let right = lane.load(target, position) & mask
            lane.store(left &<< shift | right, to: target, position)
        }
        return Vector.Integers(lane: lane, values: UnsafeRawPointer(target))
    }

    private func readRest(
        _ codes: UnsafeMutableRawPointer, _ lefts: UnsafeMutablePointer<UInt16>,
        into target: UnsafeMutableRawPointer
    ) {
        let rightWidth = layout.rightWidth, codeWidth = layout.codeWidth
        for row in 0..<layout.restCount {
            lane.store(
                SequentialBits.load(parts.restRights, width: rightWidth, row), to: target, row)
            Lane.u8.store(
                SequentialBits.load(parts.restCodes, width: codeWidth, row), to: codes, row)
        }
        lookUp(codes, count: layout.restCount, into: lefts)
        join(lefts, count: layout.restCount, into: target)
    }

    private func lookUp(
        _ codes: UnsafeMutableRawPointer, count: Int, into lefts: UnsafeMutablePointer<UInt16>
    ) {
        if layout.codeWidth == 0 {
            lefts.update(repeating: table[0], count: count)
        } else {
            ByteTables.lookUp(
                codes.assumingMemoryBound(to: UInt8.self), count: count, table: table,
                into: lefts)
        }
    }

    private func join(
        _ lefts: UnsafeMutablePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer
    ) {
        if lane == .u64 {
            Self.joinLongs(
                lefts, UInt64(layout.rightWidth), count,
                target.assumingMemoryBound(to: UInt64.self))
        } else {
            Self.joinWords(
                lefts, UInt32(layout.rightWidth), count,
                target.assumingMemoryBound(to: UInt32.self))
        }
    }

    @inline(never)
    private static func joinLongs(
        _ lefts: UnsafePointer<UInt16>, _ shift: UInt64, _ count: Int,
        _ target: UnsafeMutablePointer<UInt64>
    ) {
        for row in 0..<count { target[row] |= UInt64(truncatingIfNeeded: lefts[row]) &<< shift }
    }

    @inline(never)
    private static func joinWords(
        _ lefts: UnsafePointer<UInt16>, _ shift: UInt32, _ count: Int,
        _ target: UnsafeMutablePointer<UInt32>
    ) {
        for row in 0..<count { target[row] |= UInt32(truncatingIfNeeded: lefts[row]) &<< shift }
    }

    override var text: String { ALPRealDoubleCodec.text(layout) }
}
