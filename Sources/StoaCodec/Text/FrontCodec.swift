internal import StoaBase
internal import StoaModel

/// Sorted strings without the bytes they share with the one before; every 16th stands whole, so
/// that reading begins near any row.
///
///     FRONT, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor
///         16     8  textByteCount  of all strings, less than 2^32
///         24    40  reserved       0
///         64        child          shared bytes: rowCount numbers, 0 in rows 0, 16, 32, …
///                   child          the rest of each string: rowCount strings, in PLAIN, LZ4,
///                                  FSST or CONST
///
/// Whole characters are shared. The strings need not be sorted, but gain nothing otherwise.
enum FrontCodec {
    /// Rows from one string that stands whole to the next.
    static let restartRows = 16

    // MARK: Size

    static func byteCount(shared: Int, suffixes: Int) -> Int {
        NodeDescriptor.headerByteCount + shared + suffixes
    }

    // MARK: Encode

    static func encode(
        _ plan: FrontPlan, textByteCount: Int, to target: UnsafeMutableRawPointer
    ) {
        let rowCount = plan.shared.rowCount
        NodeDescriptor(
            encoding: .frontCoded, lane: NodeDescriptor.stringLane, childCount: 2,
            rowCount: rowCount, byteCount: plan.byteCount, flags: 0
        ).write(to: target)
        target.storeBytes(
            of: UInt64(textByteCount).littleEndian, toByteOffset: 16, as: UInt64.self)
        let child = target + NodeDescriptor.headerByteCount
        plan.sharedPlan.encode(plan.shared, to: child)
        plan.suffixPlan.encode(
            plan.suffixes, to: child + plan.sharedPlan.byteCount(rowCount: rowCount))
    }

    // MARK: Decode

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        var node = node
        try node.require(childCount: 2)
        try node.requireZeros(from: 24)
        let textByteCount = node.field(16, as: UInt64.self)
        guard textByteCount <= UInt64(UInt32.max) else { throw node.invalid(.byteCount) }
        let shared = try NumberCodecs.decode(
            node.takeChild(), depth: NodeDescriptor.depthLimit, workspace)
        let suffixes = try TextCodecs.decodeBytes(node.takeChild(), depth: depth - 1, workspace)
        try node.requireEnd()
        for child in [shared.rowCount, suffixes.rowCount]
        where child != node.descriptor.rowCount {
            throw .rowCountMismatch(expected: node.descriptor.rowCount, found: child)
        }
        let result = FrontNode(
            node.descriptor, shared, suffixes, textByteCount: Int(textByteCount))
        try FrontCheck(result, node).run(workspace)
        return result
    }
}

/// A FRONT node.
final class FrontNode: StringNode {
    let shared: NumberNode
    let suffixes: StringNode
    private let byteCount: Int

    init(
        _ descriptor: NodeDescriptor, _ shared: NumberNode, _ suffixes: StringNode,
        textByteCount: Int
    ) {
        self.shared = shared
        self.suffixes = suffixes
        byteCount = textByteCount
        super.init(descriptor)
    }

    override var textByteCount: Int { byteCount }

    override func read(
        firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> UnsafeRawPointer {
        offsets[0] = 0
        guard rowCount > 0 else { return UnsafeRawPointer(offsets) }
        // Vectors are whole stretches of 16, so this begins in the vector of the first row.
        let lead = firstRow % FrontCodec.restartRows
        let count = rowCount + lead
        let numbers = NumericStringNode.read(
            shared, firstRow - lead, count, into: workspace.numbers.address, workspace)
        let ends = workspace.innerOffsets.address.assumingMemoryBound(to: UInt32.self)
        let source = suffixes.read(
            firstRow: firstRow - lead, rowCount: count, offsets: ends, workspace)
        var total = Int(ends[count])
        for row in 0..<count { total &+= Self.sharedCount(numbers.pattern(row)) }
        let target = workspace.reserveWritten(total)
        var previous = 0, end = 0, skipped = 0
        for row in 0..<count {
            if row == lead { skipped = end }
            // No more is shared than there is, unless the numbers changed since.
            let sharedCount = min(Self.sharedCount(numbers.pattern(row)), end &- previous)
            let start = Int(ends[row]), length = Int(ends[row &+ 1]) &- start
            Self.copy(target + previous, to: target + end, sharedCount)
            Self.copy(source + start, to: target + end + sharedCount, length)
            previous = end
            end &+= sharedCount &+ length
            if row >= lead {
                offsets[row &- lead &+ 1] = UInt32(truncatingIfNeeded: end &- skipped)
            }
        }
        return UnsafeRawPointer(target + skipped)
    }

    @inline(__always)
    private static func sharedCount(_ pattern: UInt64) -> Int {
        Int(truncatingIfNeeded: min(pattern, UInt64(Limits.stringByteCountLimit)))
    }

    /// Copies in words; up to seven bytes behind are written, and written over by the next.
    @inline(__always)
    private static func copy(
        _ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer, _ byteCount: Int
    ) {
        var index = 0
        while index < byteCount {
            target.storeBytes(
                of: source.loadUnaligned(fromByteOffset: index, as: UInt64.self),
                toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
    }

    override var text: String { "FRONT(\(shared.text), \(suffixes.text))" }

    override var children: [NumberNode] { [shared] }

    override var textChildren: [StringNode] { [suffixes] }
}

/// Looks at every string of a FRONT node once: it shares no more than there is, and whole
/// characters.
private struct FrontCheck {
    private let front: FrontNode
    private let node: NodeBytes

    init(_ front: FrontNode, _ node: NodeBytes) {
        self.front = front
        self.node = node
    }

    func run(_ workspace: DecodeWorkspace) throws(CodecError) {
        let rowCount = front.rowCount
        let memory = HeapBytes(byteCount: rowCount * 4)
        let shared = memory.address.assumingMemoryBound(to: UInt32.self)
        var first = 0
        var isValid = true
        front.shared.forEachBatch(workspace) { values, count in
            for row in 0..<count {
                isValid = isValid && values[row] <= UInt64(Limits.stringByteCountLimit)
                shared[first &+ row] = UInt32(truncatingIfNeeded: values[row])
            }
            first += count
        }
        let offsets = HeapBytes(byteCount: (Limits.batchRows + 1) * 4)
        let ends = offsets.address.assumingMemoryBound(to: UInt32.self)
        var previous = 0, total = 0
        for first in stride(from: 0, to: rowCount, by: Limits.batchRows) where isValid {
            let count = min(Limits.batchRows, rowCount - first)
            _ = front.suffixes.read(firstRow: first, rowCount: count, offsets: ends, workspace)
            for row in 0..<count {
                let sharedCount = Int(shared[first + row])
                let isRestart = row % FrontCodec.restartRows == 0
                let length = sharedCount + Int(ends[row + 1] - ends[row])
                isValid =
                    isValid && sharedCount <= (isRestart ? 0 : previous)
                    && length <= Limits.stringByteCountLimit
                previous = length
                total += length
            }
        }
        guard isValid, total == front.textByteCount else { throw node.invalid(.stringLength) }
        try checkCharacters(shared, ends, workspace)
        withExtendedLifetime((memory, offsets)) {}
    }

    /// Reads all strings: behind the shared bytes a character begins.
    private func checkCharacters(
        _ shared: UnsafePointer<UInt32>, _ ends: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) throws(CodecError) {
        for first in stride(from: 0, to: front.rowCount, by: Limits.batchRows) {
            let count = min(Limits.batchRows, front.rowCount - first)
            let bytes = front.read(
                firstRow: first, rowCount: count, offsets: ends, workspace)
            for row in 1..<max(1, count) {
                let position = Int(ends[row - 1]) + Int(shared[first + row])
                guard position < Int(ends[row]) else { continue }
                let byte = bytes.load(fromByteOffset: position, as: UInt8.self)
                if byte & 0xC0 == 0x80 { throw .notUTF8 }
            }
        }
    }
}
