internal import StoaBase
internal import StoaModel

/// Compares a filter with the rows it speaks of.
enum FilterCheck {
    /// Whether the filter admits every value of a vector.
    static func holds(_ filter: Bytes, _ vector: Vector) -> Bool {
        for row in 0..<vector.rowCount {
            if let validity = vector.validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 {
                continue
            }
            guard let hash = hash(vector.content, row) else { return true }
            if !BlockFilter.mayContain(hash, filter) { return false }
        }
        return true
    }

    /// Nil for contents that filters are not made of.
    private static func hash(_ content: Vector.Content, _ row: Int) -> UInt64? {
        switch content {
        case .integers(let numbers):
            let residual: UInt64 =
                switch numbers.lane {
                case .constant: 0
                case .u8: UInt64(numbers.values.load(fromByteOffset: row, as: UInt8.self))
                case .u16: UInt64(numbers.values.load(fromByteOffset: row * 2, as: UInt16.self))
                case .u32: UInt64(numbers.values.load(fromByteOffset: row * 4, as: UInt32.self))
                case .u64: numbers.values.load(fromByteOffset: row * 8, as: UInt64.self)
                }
            return BlockFilter.hash(
                numbers.base &+ numbers.multiplier &* Int64(bitPattern: residual))
        case .numbered(let numbers, let template):
            return withUnsafeTemporaryAllocation(byteCount: template.byteCount, alignment: 8) {
                guard let address = $0.baseAddress else { return nil }
                template.write(UInt64(bitPattern: numbers.value(row)), into: address)
                return BlockFilter.hash(UnsafeRawBufferPointer($0))
            }
        case .strings(let offsets, let bytes):
            return BlockFilter.hash(
                UnsafeRawBufferPointer(
                    start: bytes + Int(offsets[row]), count: Int(offsets[row + 1] - offsets[row])))
        default: return nil
        }
    }
}
