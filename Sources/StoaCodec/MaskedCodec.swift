internal import StoaBase
internal import StoaModel

/// The root of a block in which some rows are null: `Validity` and one child. The child of a
/// NULLABLE node holds all rows, with harmless values where they are null; the child of a MASKED
/// node holds only the others.
///
///     MASKED and NULLABLE, revision 1; lane 0 or 16 as their child; only at the root
///     offset  size  field
///          0    16  descriptor
///         16    48  fields of Validity
///         64        array of Validity
///                   child        rows: all (NULLABLE) or those that are not null (MASKED)
enum MaskedCodec {
    static func byteCount(validity: Int, child: Int) -> Int {
        NodeDescriptor.headerByteCount + validity + child
    }

    /// Writes all but the child; returns where that begins.
    static func encode(
        _ nulls: NullRows, isCompact: Bool, isText: Bool, childByteCount: Int,
        to target: UnsafeMutableRawPointer
    ) -> UnsafeMutableRawPointer {
        let ownByteCount = NodeDescriptor.headerByteCount + nulls.byteCount
        NodeDescriptor(
            encoding: isCompact ? .masked : .nullable,
            lane: isText ? NodeDescriptor.stringLane : 0, childCount: 1, rowCount: nulls.rowCount,
            byteCount: ownByteCount + childByteCount, flags: 0
        ).write(to: target)
        Validity.encode(
            nulls.words, rowCount: nulls.rowCount, nullCount: nulls.nullCount, form: nulls.form,
            to: target)
        return target + ownByteCount
    }

    /// Reads and checks the validity; the child is next in `node`.
    static func decode(_ node: inout NodeBytes) throws(CodecError) -> Validity {
        try node.require(childCount: 1)
        return try Validity.decode(&node)
    }

    /// Spreads numbers without holes over the rows of a batch: row r gets the number of the next
    /// row that is not null.
    static func expand(
        _ source: UnsafeRawPointer, count: Int, validity: UnsafePointer<UInt64>, rowCount: Int,
        into target: UnsafeMutableRawPointer, lane: Lane
    ) {
        switch lane {
        case .constant: return
        case .u8: expandLane(source, count, validity, rowCount, target, UInt8.self)
        case .u16: expandLane(source, count, validity, rowCount, target, UInt16.self)
        case .u32: expandLane(source, count, validity, rowCount, target, UInt32.self)
        case .u64: expandLane(source, count, validity, rowCount, target, UInt64.self)
        }
    }

    /// Whole words go through registers, up to the last numbers.
    @inline(__always)
    private static func expandLane<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _ validity: UnsafePointer<UInt64>,
        _ rowCount: Int, _ target: UnsafeMutableRawPointer, _: T.Type
    ) {
        let input = source.assumingMemoryBound(to: T.self)
        let output = target.assumingMemoryBound(to: T.self)
        let done = ByteTables.spread(
            source, count: count, byteCount: MemoryLayout<T>.size, mask: validity,
            wordCount: rowCount / 64, into: target)
        var next = 0
        for word in 0..<done { next &+= validity[word].nonzeroBitCount }
        let last = count &- 1
        for row in done &* 64..<rowCount {
            output[row] = input[next < last ? next : last]
            next &+= Int(validity[row &>> 6] &>> UInt64(truncatingIfNeeded: row & 63) & 1)
        }
    }
}
