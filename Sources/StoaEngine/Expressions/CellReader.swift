internal import StoaCompute
internal import StoaModel

/// Takes single values out of vectors, for slow paths.
final class CellReader {
    private enum Cells {
        case none
        case integers(UnsafePointer<Int64>)
        case wide(UnsafePointer<Int128>)
        case floats(UnsafePointer<Double>)
        case strings(StringRows)
    }

    private let type: ColumnType
    private let loader: NumberLoader
    private var cells = Cells.none
    private var validity: UnsafePointer<UInt64>?

    init(type: ColumnType, scratch: Scratch) {
        self.type = type
        loader = NumberLoader(scratch: scratch)
    }

    /// Makes `vector` the one that is read.
    func begin(_ vector: Vector) throws(ServiceError) {
        validity = vector.validity
        switch vector.content {
        case .integers(let source):
            cells = .integers(try loader.integers(source, rowCount: vector.rowCount))
        case .wide(let values): cells = .wide(values)
        case .float32, .float64: cells = .floats(try loader.floats(vector, type: type))
        case .codes, .strings, .numbered: cells = .strings(try loader.strings(vector))
        }
    }

    /// The value of a row.
    func literal(_ row: Int) -> Literal {
        if let validity, !MaskWords.isSet(validity, row) { return .null }
        switch cells {
        case .none: return .null
        case .wide(let values): return exact(values[row])
        case .floats(let values): return .float(values[row])
        case .strings(let rows): return .string([UInt8](rows[row]))
        case .integers(let values):
            return exact(
                type.isUnsigned64
                    ? Int128(UInt64(bitPattern: values[row])) : Int128(values[row]))
        }
    }

    private func exact(_ value: Int128) -> Literal {
        switch type {
        case .bool: .bool(value != 0)
        case .date: .date(Int32(truncatingIfNeeded: value))
        case .timestamp: .timestamp(Int64(truncatingIfNeeded: value))
        case .decimal(_, let scale): .decimal(unscaled: value, scale: scale)
        default: .integer(value)
        }
    }
}
