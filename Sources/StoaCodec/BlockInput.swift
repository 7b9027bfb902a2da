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
