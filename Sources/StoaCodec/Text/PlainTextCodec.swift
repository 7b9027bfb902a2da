internal import StoaBase
internal import StoaModel

/// The bytes of all strings one behind the other, and their lengths as a child.
///
///     PLAIN of strings, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor
///         16     8  textByteCount
///         24    40  reserved       0
///         64        text           UTF-8
///                   child          lengths: numbers, 0 … 1,048,576 each
enum PlainTextCodec {
    static func byteCount(textByteCount: Int, lengths: Int) -> Int {
        NodeDescriptor.padded(NodeDescriptor.headerByteCount + textByteCount) + lengths
    }

    static func encode(
        _ input: TextInput, lengths: NumberPlan, to target: UnsafeMutableRawPointer
    ) {
        let lengthsByteCount = lengths.byteCount(rowCount: input.rowCount)
        let total = byteCount(textByteCount: input.byteCount, lengths: lengthsByteCount)
        NodeDescriptor(
            encoding: .plain, lane: NodeDescriptor.stringLane, childCount: 1,
            rowCount: input.rowCount, byteCount: total, flags: 0
        ).write(to: target)
        target.storeBytes(
            of: UInt64(input.byteCount).littleEndian, toByteOffset: 16, as: UInt64.self)
        (target + NodeDescriptor.headerByteCount)
            .copyMemory(from: input.bytes, byteCount: input.byteCount)
        lengths.encode(input.lengths, to: target + (total - lengthsByteCount))
    }

    static func decode(
        _ node: NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        var node = node
        try node.require(childCount: 1)
        try node.requireZeros(from: 24)
        let textByteCount = node.field(16, as: UInt64.self)
        guard textByteCount <= UInt64(node.bytes.count) else { throw node.invalid(.byteCount) }
        let text = try node.take(Int(textByteCount))
        let lengths = try StringLengths(
            NumberCodecs.decode(
                node.takeChild(), depth: NodeDescriptor.depthLimit, workspace),
            byteCount: text.count, owner: node, workspace)
        try node.requireEnd()
        var splitsNone = true
        lengths.forEachStart(workspace) { start in
            splitsNone = splitsNone && (start == text.count || text[start] & 0xC0 != 0x80)
        }
        guard splitsNone, text.withUnsafeBytes({ UTF8Check.isValid($0) }) else { throw .notUTF8 }
        return PlainTextNode(node.descriptor, text: text.pointer, lengths)
    }

    private final class PlainTextNode: StringNode {
        let bytes: UnsafeRawPointer
        let lengths: StringLengths

        init(_ descriptor: NodeDescriptor, text: UnsafeRawPointer, _ lengths: StringLengths) {
            bytes = text
            self.lengths = lengths
            super.init(descriptor)
        }

        override func read(
            firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
            _ workspace: DecodeWorkspace
        ) -> UnsafeRawPointer {
            bytes
                + lengths.readOffsets(
                    firstRow: firstRow, rowCount: rowCount, into: offsets, workspace)
        }

        override var textByteCount: Int { lengths.byteCount }

        override var text: String { "PLAIN(\(lengths.node.text))" }

        override var children: [NumberNode] { [lengths.node] }
    }
}
