package import StoaModel

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

/// Up to 65,536 values to encode. Null rows hold anything; null strings are empty.
package enum BlockInput {
    case integers(UnsafePointer<Int64>, isUnsigned: Bool)
    case float32(UnsafePointer<Float>)
    case float64(UnsafePointer<Double>)
    /// `rowCount + 1` rising offsets into `bytes`.
    case strings(offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer)
    case codes(UnsafePointer<UInt32>)

    /// What a reader must be told to read the block back.
    package var kind: BlockKind {
        switch self {
        case .integers(_, let isUnsigned): .integers(isUnsigned: isUnsigned)
        case .float32: .float32
        case .float64: .float64
        case .strings: .strings
        case .codes: .codes
        }
    }
}

/// One block as it goes to disk, and what is known of its rows.
package struct EncodedBlock: Sendable {
    /// A multiple of 64 bytes; ends in at least 64 zero bytes, so that kernels need no tail.
    package var bytes: [UInt8]
    /// For `.codes`: bounds and sum of the codes.
    package var statistics: BlockStatistics
    package var rootEncoding: Encoding
    /// The encoding tree, for example `MASKED(FOR u16 w≤11)`.
    package var description: String
}
