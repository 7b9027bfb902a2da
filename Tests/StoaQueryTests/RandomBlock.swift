import StoaBase
import StoaModel

/// A few random rows of a table, often near each other, with exact statistics.
struct RandomBlock {
    let table: TableDefinition
    let rowCount: Int
    /// Column by column.
    let columns: [[Literal]]

    init(table: TableDefinition, random: inout SeededRandom) {
        self.table = table
        let rowCount = Int.random(in: 1...4, using: &random)
        self.rowCount = rowCount
        columns = table.columns.map { column in
            let nullShare =
                column.isNullable ? [0, 0, 3, 10].randomElement(using: &random) ?? 0 : 0
            let base = Int.random(in: 0..<8, using: &random)
            return (0..<rowCount).map { _ in
                if Int.random(in: 0..<10, using: &random) < nullShare { return .null }
                let step = Int.random(in: 0..<2, using: &random)
                return Self.value(column.type, (base + step) % 8)
            }
        }
    }

    /// One of eight values of the type, rising, with its ends among them.
    private static func value(_ type: ColumnType, _ choice: Int) -> Literal {
        switch type {
        case .bool: return .bool(choice > 3)
        case .float32, .float64:
            let values: [Double] = [-.infinity, -2.5, -0.0, 0.5, 1, 2.5, 1e30, .nan]
            let value = values[choice]
            return .float(type == .float32 ? Double(Float(value)) : value)
        case .string:
            return .string(Array(["", "A", "AA", "AB", "ABC", "B", "b", "é"][choice].utf8))
        case .date:
            return .date([-719_162, -1, 0, 19_722, 19_723, 19_724, 19_725, 2_932_896][choice])
        case .timestamp:
            let noon: Int64 = 1_704_067_200_000_000 + 43_200_000_000
            return .timestamp(
                [
                    CivilTime.firstMicrosecond, -1, 0, noon - 1, noon, noon + 1,
                    noon + 43_200_000_000, CivilTime.lastMicrosecond,
                ][choice])
        case .decimal(_, let scale):
            let unit = Int128.powerOfTen(Int(scale))
            let limit = type.integerRange?.upperBound ?? 0
            let values = [-limit, -unit * 5 / 2, 0, 1, unit, unit + 1, unit * 5 / 2, limit]
            return .decimal(unscaled: values[choice], scale: scale)
        default:
            let range = type.integerRange ?? 0...0
            let low = range.lowerBound
            let values = [low, max(low, -3), max(low, -1), 0, 1, 2, 7, range.upperBound]
            return .integer(values[choice])
        }
    }

    func statistics(of index: Int) -> BlockStatistics {
        let values = columns[index].filter { $0 != .null }
        return BlockStatistics(
            rowCount: rowCount, nullCount: rowCount - values.count, bounds: bounds(values))
    }

    private func bounds(_ values: [Literal]) -> BlockStatistics.Bounds {
        var integers: [Int128] = []
        var floats: [Double] = []
        var strings: [[UInt8]] = []
        for value in values {
            switch value {
            case .bool(let isTrue): integers.append(isTrue ? 1 : 0)
            case .integer(let number), .decimal(let number, _): integers.append(number)
            case .date(let days): integers.append(Int128(days))
            case .timestamp(let moment): integers.append(Int128(moment))
            case .float(let number): floats.append(number)
            case .string(let text): strings.append(text)
            case .null: break
            }
        }
        if let low = integers.min(), let high = integers.max() {
            return .integers(min: low, max: high)
        }
        floats.sort { FloatOrder.isLess($0, $1) }
        if let low = floats.first, let high = floats.last { return .floats(min: low, max: high) }
        strings.sort { $0.lexicographicallyPrecedes($1) }
        if let low = strings.first, let high = strings.last {
            return .strings(min: low, max: high, isExact: true)
        }
        return .none
    }
}
