import StoaBase
import StoaEngine
import StoaModel

/// A seeded table with a column of every kind and NULLs, part of it sealed.
enum SampleTable {
    static let definition = """
        CREATE TABLE t (i INT64, n INT8, u UINT64, d DECIMAL(12,3), f FLOAT64, g FLOAT32, b BOOL,
        day DATE, ts TIMESTAMP, s STRING, w STRING)
        """

    /// Makes and fills the table: `rowCount` rows, sealed up to about `sealedCount`.
    static func fill(
        _ test: TestDatabase, rowCount: Int, sealedCount: Int, seed: UInt64
    ) async throws {
        try await test.run(definition)
        var random = SeededRandom(seed: seed)
        var done = 0
        var isSealed = false
        while done < rowCount {
            let count = min(700, rowCount - done)
            try await test.ingest("t", columns(count, &random))
            done += count
            if !isSealed, done >= sealedCount {
                await test.seal()
                isSealed = true
            }
        }
    }

    private static func columns(_ count: Int, _ random: inout SeededRandom) -> [ColumnBuilder] {
        let types: [(String, ColumnType)] = [
            ("i", .int64), ("n", .int8), ("u", .uint64), ("d", .decimal(precision: 12, scale: 3)),
            ("f", .float64), ("g", .float32), ("b", .bool), ("day", .date), ("ts", .timestamp),
            ("s", .string), ("w", .string),
        ]
        return types.map { name, type in
            var builder = ColumnBuilder(name: name, type: type)
            for _ in 0..<count {
                if random.next() % 7 == 0 {
                    builder.appendNull()
                } else {
                    builder.append(value(type, name, &random))
                }
            }
            return builder
        }
    }

    private static func value(
        _ type: ColumnType, _ name: String, _ random: inout SeededRandom
    ) -> Literal {
        let wild = random.next()
        switch type {
        case .int64: return .integer(Int128(Int64(wild % 20_001) - 10_000))
        case .int8: return .integer(Int128(Int8(truncatingIfNeeded: wild)))
        case .uint64: return .integer(Int128(wild % 5 == 0 ? UInt64.max - wild % 9 : wild % 99))
        case .decimal: return .decimal(unscaled: Int128(wild % 2_000_000) - 1_000_000, scale: 3)
        case .float64: return .float(Double(Int64(bitPattern: wild)) / 1e14)
        case .float32: return .float(Double(Float(Int64(wild % 1_000) - 500) / 8))
        case .bool: return .bool(wild % 2 == 0)
        case .date: return .date(Int32(wild % 4_000) + 18_000)
        case .timestamp:
            return .timestamp(Int64(wild % 100_000_000_000_000) + 1_600_000_000_000_000)
        default:
            let text = name == "s" ? "k\(wild % 40)" : "w\(wild % 5_000)ß"
            return .string(Array(text.utf8))
        }
    }
}
