internal import StoaBase
internal import StoaModel

/// One string for all rows.
///
///     CONST of strings, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor
///         16     8  textByteCount  0 … 1,024
///         24    40  reserved       0
///         64        text           UTF-8
///
/// A batch of constants is a batch of copies, because readers want rising offsets; hence the
/// limit on the length.
enum ConstantTextCodec {
    static let textByteCountLimit = 1_024

    static func byteCount(textByteCount: Int) -> Int {
        NodeDescriptor.padded(NodeDescriptor.headerByteCount + textByteCount)
    }

    static func encode(_ input: TextInput, to target: UnsafeMutableRawPointer) {
        let length = input.byteCount / input.rowCount
        NodeDescriptor(
            encoding: .constant, lane: NodeDescriptor.stringLane, childCount: 0,
            rowCount: input.rowCount, byteCount: byteCount(textByteCount: length), flags: 0
        ).write(to: target)
        target.storeBytes(of: UInt64(length).littleEndian, toByteOffset: 16, as: UInt64.self)
        (target + NodeDescriptor.headerByteCount)
            .copyMemory(from: input.bytes, byteCount: length)
    }

    static func decode(_ node: NodeBytes) throws(CodecError) -> StringNode {
        var node = node
        try node.require(childCount: 0)
        try node.requireZeros(from: 24)
        let textByteCount = node.field(16, as: UInt64.self)
        guard textByteCount <= UInt64(textByteCountLimit) else {
            throw node.invalid(.stringLength)
        }
        let text = try node.take(Int(textByteCount))
        try node.requireEnd()
        guard text.withUnsafeBytes({ UTF8Check.isValid($0) }) else { throw .notUTF8 }
        return ConstantTextNode(node.descriptor, text)
    }

    private final class ConstantTextNode: StringNode {
        let bytes: Bytes

        init(_ descriptor: NodeDescriptor, _ bytes: Bytes) {
            self.bytes = bytes
            super.init(descriptor)
        }

        override var textByteCount: Int { bytes.count * rowCount }

        override func read(
            firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
            _ workspace: DecodeWorkspace
        ) -> UnsafeRawPointer {
            let length = bytes.count
            let target = workspace.chunks.reserve(length * rowCount)
            for row in 0..<rowCount {
                (target + row * length).copyMemory(from: bytes.pointer, byteCount: length)
                offsets[row] = UInt32(truncatingIfNeeded: row * length)
            }
            offsets[rowCount] = UInt32(truncatingIfNeeded: rowCount * length)
            return UnsafeRawPointer(target)
        }
    }
}
