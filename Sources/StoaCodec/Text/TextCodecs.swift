internal import StoaBase

/// The way from a node's bytes to what reads its strings.
enum TextCodecs {
    /// Checks a node of strings and everything below it.
    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        guard depth >= 1 else { throw .tooDeep }
        guard node.descriptor.lane == NodeDescriptor.stringLane else {
            throw .wrongContent(node.descriptor.encoding)
        }
        switch node.descriptor.encoding {
        case .constant: return try ConstantTextCodec.decode(node)
        case .plain: return try PlainTextCodec.decode(node, depth: depth, workspace)
        case .lz4: return try LZ4TextCodec.decode(node, depth: depth, workspace)
        case .frameOfReference, .delta, .runLength, .masked, .nullable:
            throw .wrongContent(node.descriptor.encoding)
        default: throw .unknownRevision(node.descriptor.encoding, node.bytes[1])
        }
    }
}
