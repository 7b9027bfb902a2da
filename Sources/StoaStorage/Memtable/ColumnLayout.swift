internal import StoaModel

/// How the memtable holds one column's numbers: in the narrowest unsigned lane of its type, less
/// `base`, so that a reader's vector is a view of the chunk and nothing is widened.
struct ColumnLayout: Sendable {
    enum Kind: Sendable {
        case integers(Lane, base: Int64)
        case float32, float64, strings
    }

    let kind: Kind

    init(_ type: ColumnType) {
        switch type {
        case .float32: kind = .float32
        case .float64: kind = .float64
        case .string: kind = .strings
        case .bool, .uint8: kind = .integers(.u8, base: 0)
        case .int8: kind = .integers(.u8, base: Int64(Int8.min))
        case .uint16: kind = .integers(.u16, base: 0)
        case .int16: kind = .integers(.u16, base: Int64(Int16.min))
        case .uint32: kind = .integers(.u32, base: 0)
        case .int32, .date: kind = .integers(.u32, base: Int64(Int32.min))
        case .int64, .uint64, .timestamp, .decimal: kind = .integers(.u64, base: 0)
        }
    }

    /// Bytes of one row's number; of a string, its code.
    var valueByteCount: Int {
        switch kind {
        case .integers(let lane, _): lane.byteCount
        case .float32, .strings: 4
        case .float64: 8
        }
    }
}
