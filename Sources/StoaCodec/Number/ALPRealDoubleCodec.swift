internal import StoaBase
internal import StoaModel

/// Floats that are no decimals, cut in two: the left bits (sign, exponent and a little more) take
/// few values and become codes of at most 4 bits, the right bits are packed as they are.
///
///     ALP_RD, revision 1; lane 0
///     offset  size  field
///          0    16  descriptor      flags bit 0: FLOAT32
///         16     1  rightWidth      48 … 56; FLOAT32: 17 … 24
///         17     1  codeWidth       0 … 4
///         18     1  leftCount       1 … 2^codeWidth
///         19     1  reserved        0
///         20     4  exceptionCount  0 … rowCount
///         24    40  reserved        0
///         64        lefts           u16 × leftCount, of at most 64 (32) - rightWidth bits
///                   exceptionRows   u16 × exceptionCount, rising
///                   exceptionLefts  u16 × exceptionCount
///                   packed          at a multiple of 64: for each whole vector 128 × rightWidth
///                                   bytes of right parts and 128 × codeWidth bytes of codes
///                   restRights      rows behind the last whole vector: rightWidth bits each, one
///                                   behind the other, lowest bit first
///                   restCodes       their codes, codeWidth bits each
///
/// A float is `lefts[code] << rightWidth | right`; a code without an entry stands for 0. The left
/// part of an exception is its own, whatever its code.
///
/// Source: ALP_rd of Afroozeh, Kuffo and Boncz, "ALP: Adaptive Lossless floating-Point
/// Compression" (SIGMOD 2023).
enum ALPRealDoubleCodec {
    static let codeWidthLimit = 4

    /// Where floats may be cut.
    static func rightWidths(_ format: FloatFormat) -> ClosedRange<Int> {
        format == .float32 ? 17...24 : 48...56
    }

    /// Everything that fixes the size.
    struct Layout {
        var rowCount: Int
        var rightWidth: Int
        var codeWidth: Int
        var lefts: [UInt16]
        var exceptionCount: Int

        var wholeVectorCount: Int { rowCount / Limits.vectorRows }
        /// Rows behind the last whole vector.
        var restCount: Int { rowCount % Limits.vectorRows }
        /// Packed bytes of a whole vector.
        var vectorByteCount: Int { BitPacking.byteCount(width: rightWidth + codeWidth) }
        var restRightsByteCount: Int { SequentialBits.byteCount(restCount, width: rightWidth) }
        var restCodesByteCount: Int { SequentialBits.byteCount(restCount, width: codeWidth) }
    }

    static func byteCount(_ layout: Layout) -> Int {
        var count = NodeDescriptor.headerByteCount + NodeDescriptor.aligned(layout.lefts.count * 2)
        count += 2 * ExceptionRows.byteCount(layout.exceptionCount)
        count = NodeDescriptor.padded(count) + layout.wholeVectorCount * layout.vectorByteCount
        count += NodeDescriptor.aligned(layout.restRightsByteCount)
        return NodeDescriptor.padded(count + layout.restCodesByteCount)
    }

    static func encode(
        _ input: NumberInput, _ plan: ALPRealDoublePlan, to target: UnsafeMutableRawPointer
    ) {
        let layout = plan.layout, count = layout.exceptionCount
        NodeDescriptor(
            encoding: .alpRealDouble, lane: 0, childCount: 0, rowCount: input.rowCount,
            byteCount: plan.byteCount, flags: plan.format.flags
        ).write(to: target)
        target.storeBytes(of: UInt8(layout.rightWidth), toByteOffset: 16, as: UInt8.self)
        target.storeBytes(of: UInt8(layout.codeWidth), toByteOffset: 17, as: UInt8.self)
        target.storeBytes(of: UInt8(layout.lefts.count), toByteOffset: 18, as: UInt8.self)
        target.storeBytes(of: UInt32(count).littleEndian, toByteOffset: 20, as: UInt32.self)
        var offset = NodeDescriptor.headerByteCount
        for (index, left) in layout.lefts.enumerated() {
            Lane.u16.store(UInt64(left), to: target + offset, index)
        }
        offset += NodeDescriptor.aligned(layout.lefts.count * 2)
        let rows = target + offset
        let lefts = rows + ExceptionRows.byteCount(count)
        for index in 0..<count {
            let row = plan.exceptionRows[index]
            let left = input.values[Int(row)] >> UInt64(layout.rightWidth)
            Lane.u16.store(UInt64(row), to: rows, index)
            Lane.u16.store(left, to: lefts, index)
        }
        offset = NodeDescriptor.padded(offset + 2 * ExceptionRows.byteCount(count))
        packVectors(input, plan, to: target + offset)
        packRest(
            input, plan, to: target + offset + layout.wholeVectorCount * layout.vectorByteCount)
    }

    private static func packVectors(
        _ input: NumberInput, _ plan: ALPRealDoublePlan, to target: UnsafeMutableRawPointer
    ) {
        let layout = plan.layout
        let rights = HeapBytes(byteCount: Limits.vectorRows * 8)
        let patterns = rights.address.assumingMemoryBound(to: UInt64.self)
        let narrowed = HeapBytes(byteCount: Limits.vectorRows * 8)
        let mask = UInt64.mask(width: layout.rightWidth)
        var packed = target
        for vector in 0..<layout.wholeVectorCount {
            let first = vector * Limits.vectorRows
            for row in 0..<Limits.vectorRows { patterns[row] = input.values[first + row] & mask }
            NumberKernels.narrow(
                patterns, count: Limits.vectorRows, into: narrowed.address,
                lane: Lane(width: layout.rightWidth))
            BitPacking.pack(narrowed.address, width: layout.rightWidth, into: packed)
            packed += BitPacking.byteCount(width: layout.rightWidth)
            BitPacking.pack(plan.codes.address + first, width: layout.codeWidth, into: packed)
            packed += BitPacking.byteCount(width: layout.codeWidth)
        }
    }

    private static func packRest(
        _ input: NumberInput, _ plan: ALPRealDoublePlan, to target: UnsafeMutableRawPointer
    ) {
        let layout = plan.layout
        let first = layout.rowCount - layout.restCount
        let codes = target + NodeDescriptor.aligned(layout.restRightsByteCount)
        for row in 0..<layout.restCount {
            SequentialBits.store(
                input.values[first + row], width: layout.rightWidth, to: target, row)
            SequentialBits.store(
                Lane.u8.load(plan.codes.address, first + row), width: layout.codeWidth,
                to: codes, row)
        }
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> NumberNode {
        var node = node
        try node.require(childCount: 0, flags: FloatFormat.float32Flag)
        guard try node.numberLane() == .constant else { throw node.invalid(.lane) }
        let format = FloatFormat(flags: node.descriptor.flags)
        let rightWidth = Int(node.field(16, as: UInt8.self))
        let codeWidth = Int(node.field(17, as: UInt8.self))
        guard rightWidths(format).contains(rightWidth), codeWidth <= codeWidthLimit else {
            throw node.invalid(.width)
        }
        let leftCount = Int(node.field(18, as: UInt8.self))
        guard leftCount >= 1, leftCount <= 1 << codeWidth else {
            throw node.invalid(.dictionaryCount)
        }
        guard node.field(19, as: UInt8.self) == 0 else { throw node.invalid(.reserved) }
        try node.requireZeros(from: 24)
        let exceptionCount = Int(node.field(20, as: UInt32.self))
        let leftLimit = UInt64(1) << UInt64(format.byteCount * 8 - rightWidth)
        let leftBytes = try node.take(leftCount * 2).pointer
        let lefts = (0..<leftCount).map { Lane.u16.load(leftBytes, $0) }
        let rows = try ExceptionRows(&node, count: exceptionCount)
        let exceptionLefts = try node.take(exceptionCount * 2).pointer
        for index in 0..<exceptionCount where Lane.u16.load(exceptionLefts, index) >= leftLimit {
            throw node.invalid(.width)
        }
        guard lefts.allSatisfy({ $0 < leftLimit }) else { throw node.invalid(.width) }
        let layout = Layout(
            rowCount: node.descriptor.rowCount, rightWidth: rightWidth, codeWidth: codeWidth,
            lefts: lefts.map { UInt16($0) }, exceptionCount: exceptionCount)
        let packed = try node.take(
            layout.wholeVectorCount * layout.vectorByteCount, alignment: 64
        ).pointer
        let restRights = try node.take(layout.restRightsByteCount).pointer
        let restCodes = try node.take(layout.restCodesByteCount).pointer
        try node.requireEnd()
        return ALPRealDoubleNode(
            node.descriptor, layout,
            .init(
                exceptions: rows, exceptionLefts: exceptionLefts, packed: packed,
                restRights: restRights, restCodes: restCodes))
    }

    static func text(_ layout: Layout) -> String {
        let exceptions = layout.exceptionCount == 0 ? "" : " +\(layout.exceptionCount)"
        return "ALP_RD \(layout.rightWidth)+\(layout.codeWidth)\(exceptions)"
    }
}
