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
        case .plain: return try PlainTextCodec.decode(node, workspace)
        case .lz4: return try LZ4TextCodec.decode(node, workspace)
        case .fsst: return try FSSTCodec.decode(node, workspace)
        case .frontCoded: return try FrontCodec.decode(node, depth: depth, workspace)
        case .numericString:
            return try NumericStringCodec.decode(node, depth: depth, workspace)
        case .frameOfReference, .delta, .runLength, .masked, .nullable:
            throw .wrongContent(node.descriptor.encoding)
        default: throw .unknownRevision(node.descriptor.encoding, node.bytes[1])
        }
    }

    /// As `decode`, for strings inside another encoding of strings, which hold their bytes
    /// themselves.
    static func decodeBytes(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        switch node.descriptor.encoding {
        case .constant, .plain, .lz4, .fsst: return try decode(node, depth: depth, workspace)
        default: throw .wrongContent(node.descriptor.encoding)
        }
    }
}
