internal import StoaBase

/// The way from a node's bytes to what reads them.
enum NumberCodecs {
    /// Checks a node of numbers and everything below it; `depth` levels may follow, itself
    /// included.
    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        guard depth >= 1 else { throw .tooDeep }
        guard node.descriptor.lane != NodeDescriptor.stringLane else {
            throw .wrongContent(node.descriptor.encoding)
        }
        switch node.descriptor.encoding {
        case .constant: return try ConstantCodec.decode(node)
        case .plain: return try PlainCodec.decode(node)
        case .frameOfReference: return try FrameOfReferenceCodec.decode(node)
        case .delta: return try DeltaCodec.decode(node, depth: depth, workspace)
        case .runLength: return try RunLengthCodec.decode(node, depth: depth, workspace)
        case .lz4: return try LZ4NumberCodec.decode(node, workspace)
        case .sequence: return try SequenceCodec.decode(node)
        case .doubleDelta: return try DoubleDeltaCodec.decode(node, depth: depth, workspace)
        case .dictionary:
            return try NumberDictionaryCodec.decode(node, depth: depth, workspace)
        case .sparse: return try SparseCodec.decode(node, depth: depth, workspace)
        case .alp: return try ALPCodec.decode(node, depth: depth, workspace)
        case .alpRealDouble: return try ALPRealDoubleCodec.decode(node)
        case .masked, .nullable: throw .wrongContent(node.descriptor.encoding)
        default: throw .unknownRevision(node.descriptor.encoding, node.bytes[1])
        }
    }
}
