import StoaBase
import StoaModel
import Testing

@Suite struct RowBatchTests {
    /// A batch with a column of every type, three rows, the middle one null.
    static func everyType() -> [UInt8] {
        let types: [ColumnType] = [
            .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
            .float64, .decimal(precision: 18, scale: 4), .decimal(precision: 38, scale: 10), .date,
            .timestamp, .string,
        ]
        let columns = types.map { type in
            var builder = ColumnBuilder(name: "c_\(type)", type: type)
            builder.append(sample(type, 0))
            builder.appendNull()
            builder.append(sample(type, 1))
            return builder
        }
        return RowBatch.encode(columns)
    }

    static func sample(_ type: ColumnType, _ index: Int) -> Literal {
        switch type {
        case .bool: .bool(index == 1)
        case .float32, .float64: .float(index == 0 ? -1.5 : .infinity)
        case .decimal(_, let scale): .decimal(unscaled: Int128(index * 12_345 - 5), scale: scale)
        case .date: .date(index == 0 ? CivilTime.firstDay : CivilTime.lastDay)
        case .timestamp: .timestamp(Int64(index) * 1_234_567)
        case .string: .string(Array((index == 0 ? "" : "Größe €").utf8))
        default: .integer(Int128(index + 1))
        }
    }

    @Test("decode gives back every value of every type")
    func roundTrip() throws {
        let batch = try RowBatch.decode(Bytes(Self.everyType()))
        #expect(batch.rowCount == 3)
        for column in batch.columns {
            #expect(column.literal(0) == Self.sample(column.type, 0))
            #expect(column.literal(1) == .null)
            #expect(column.literal(2) == Self.sample(column.type, 1))
        }
    }

    @Test("every truncated batch is refused, none traps")
    func truncation() {
        let encoded = Self.everyType()
        for byteCount in encoded.indices {
            #expect(throws: BatchError.self) {
                try RowBatch.decode(Bytes(Array(encoded[..<byteCount])))
            }
        }
    }

    @Test("a batch with any bit flipped is refused or read without a trap")
    func bitFlips() {
        let encoded = Self.everyType()
        var acceptedCount = 0
        for bit in 0..<encoded.count * 8 {
            var damaged = encoded
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let batch = try? RowBatch.decode(Bytes(damaged)) else { continue }
            acceptedCount += 1
            for column in batch.columns {
                for row in 0..<batch.rowCount { _ = column.literal(row) }
            }
        }
        #expect(acceptedCount > 0, "flips of values are legal batches")
    }
}
