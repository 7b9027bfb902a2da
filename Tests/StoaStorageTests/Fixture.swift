import StoaBase
import StoaModel
import StoaStorage

/// Tables and rows that several suites share; everything follows from a seed.
enum Fixture {
    /// A column of every storable type, `id` 1, 2, 3, …, all of them nullable, and one NOT NULL.
    static let everyType = TableDefinition(
        id: 7, name: "everything",
        columns: types.enumerated().map {
            ColumnDefinition(id: UInt32($0 + 1), name: "c\($0)", type: $1)
        } + [ColumnDefinition(id: 99, name: "n", type: .int64, isNullable: false)])

    static let types: [ColumnType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
        .float64, .decimal(precision: 18, scale: 4), .date, .timestamp, .string, .string,
    ]

    /// A value of row `row`; null in about one row of seven. Column 14 repeats few strings,
    /// column 15 is distinct in every row.
    static func value(_ column: Int, row: Int, seed: UInt64) -> Literal {
        guard column < types.count else { return .integer(Int128(row)) }
        var random = SeededRandom(
            seed: seed &+ UInt64(row) &* 1_000_003 &+ UInt64(column) &* 7_919)
        let word = random.next()
        if word % 7 == 0 { return .null }
        let type = types[column]
        switch type {
        case .bool: return .bool(word & 8 != 0)
        case .float32: return .float(Double(Float(Int32(truncatingIfNeeded: word >> 8)) / 8))
        case .float64: return .float(word % 11 == 0 ? .nan : Double(bitPattern: random.next()))
        case .decimal(_, let scale):
            return .decimal(unscaled: Int128(Int64(word % 1_000_000)) - 500_000, scale: scale)
        case .date: return .date(Int32(word % 20_000))
        case .timestamp: return .timestamp(Int64(word % 1_000_000_000_000) - 500_000)
        case .string:
            return column == 14
                ? .string(Array("ticker-\(word % 50)".utf8))
                : .string(Array("Größe \(row) \(String(random.next(), radix: 16))".utf8))
        default:
            let range = type.integerRange ?? 0...0
            let wide = Int128(random.next())
            let span = range.upperBound - range.lowerBound + 1
            return .integer(range.lowerBound + (word % 5 == 0 ? wide % span : wide % 100))
        }
    }

    /// The columns of rows `rows` of `everyType`.
    static func batch(rows: Range<Int>, seed: UInt64) throws -> RowBatch {
        let columns = everyType.columns.indices.map { index in
            let definition = everyType.columns[index]
            var builder = ColumnBuilder(name: definition.name, type: definition.type)
            for row in rows { builder.append(value(index, row: row, seed: seed)) }
            return builder
        }
        return try RowBatch.decode(Bytes(RowBatch.encode(columns)))
    }

    /// A memtable with batches of `batchRows` rows, numbered from 1.
    static func memtable(rowCount: Int, batchRows: Int, limits: Limits) throws -> Memtable {
        let memtable = Memtable(definition: everyType, limits: limits)
        var lsn: UInt64 = 0
        for start in stride(from: 0, to: rowCount, by: batchRows) {
            lsn += 1
            let rows = start..<min(start + batchRows, rowCount)
            try memtable.append(batch(rows: rows, seed: 1), lsn: lsn)
        }
        return memtable
    }

    /// A snapshot of `everyType` alone.
    static func snapshot(
        _ segments: [Segment], _ memtables: [Memtable], generation: UInt64
    ) -> Snapshot {
        let state = TableState(
            definition: everyType, segments: SegmentSet(segments, definition: everyType),
            memtables: memtables)
        return Snapshot(
            generation: generation, catalog: Catalog(tables: [everyType]),
            tables: [everyType.id: state])
    }

    /// The first cell that differs from `value`, as text; nil when all rows are right.
    static func firstDifference(_ table: TableSnapshot, seed: UInt64) throws -> String? {
        let scratch = VectorScratch()
        var start = 0
        for block in table.blocks {
            for (index, column) in table.definition.columns.enumerated() {
                let reader = try block.open(column.id)
                for first in stride(from: 0, to: block.rowCount, by: Limits.batchRows) {
                    let count = min(Limits.batchRows, block.rowCount - first)
                    let vector = reader.read(firstRow: first, rowCount: count, into: scratch)
                    for row in 0..<count {
                        let found = cell(vector, row, type: column.type)
                        let expected = value(index, row: start + first + row, seed: seed)
                        if !isSame(found, expected) {
                            return "row \(start + first + row) of \(column.name): "
                                + "\(found) instead of \(expected)"
                        }
                    }
                }
            }
            start += block.rowCount
        }
        return start == table.rowCount ? nil : "\(start) rows instead of \(table.rowCount)"
    }

    /// Equality that knows NaN.
    static func isSame(_ left: Literal, _ right: Literal) -> Bool {
        if case .float(let a) = left, case .float(let b) = right {
            return a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
        }
        return left == right
    }

    /// One value of a vector.
    static func cell(_ vector: Vector, _ row: Int, type: ColumnType) -> Literal {
        if let validity = vector.validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 {
            return .null
        }
        switch vector.content {
        case .integers(let integers):
            let pattern = number(integers, row)
            switch type {
            case .bool: return .bool(pattern != 0)
            case .uint64: return .integer(Int128(UInt64(bitPattern: pattern)))
            case .decimal(_, let scale): return .decimal(unscaled: Int128(pattern), scale: scale)
            case .date: return .date(Int32(pattern))
            case .timestamp: return .timestamp(pattern)
            default: return .integer(Int128(pattern))
            }
        case .float32(let values): return .float(Double(values[row]))
        case .float64(let values): return .float(values[row])
        case .wide(let values): return .decimal(unscaled: values[row], scale: type.scale)
        case .codes(let codes, let dictionary):
            return .string([UInt8](dictionary[Int(number(codes, row))]))
        case .numbered(let numbers, let template):
            var text = [UInt8](repeating: 0, count: template.byteCount)
            text.withUnsafeMutableBytes {
                template.write(UInt64(bitPattern: number(numbers, row)), into: $0.baseAddress!)
            }
            return .string(text)
        case .strings(let offsets, let bytes):
            return .string(
                [UInt8](
                    UnsafeRawBufferPointer(
                        start: bytes + Int(offsets[row]),
                        count: Int(offsets[row + 1] - offsets[row]))))
        }
    }

    static func number(_ integers: Vector.Integers, _ row: Int) -> Int64 {
        let residual: UInt64
        switch integers.lane {
        case .constant: residual = 0
        case .u8: residual = UInt64(integers.values.load(fromByteOffset: row, as: UInt8.self))
        case .u16: residual = UInt64(integers.values.load(fromByteOffset: row * 2, as: UInt16.self))
        case .u32: residual = UInt64(integers.values.load(fromByteOffset: row * 4, as: UInt32.self))
        case .u64: residual = integers.values.load(fromByteOffset: row * 8, as: UInt64.self)
        }
        return integers.base &+ integers.multiplier &* Int64(bitPattern: residual)
    }
}
