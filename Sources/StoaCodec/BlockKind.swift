/// What the values of a block are. The block does not say it itself: the schema does.
package enum BlockKind: Equatable, Sendable {
    /// 64-bit patterns, of UINT64 when `isUnsigned`.
    case integers(isUnsigned: Bool)
    case float32
    case float64
    /// The strings' bytes stand in the block.
    case strings
    /// Positions in the segment's dictionary.
    case codes
}
