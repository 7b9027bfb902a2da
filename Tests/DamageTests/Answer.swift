import StoaBase
import StoaModel
import StoaStorage

/// Everything a query could see, folded into one number: definitions, statistics, every value.
struct Answer: Equatable {
    private(set) var rowCount = 0
    private var digest: UInt64 = 0xCBF2_9CE4_8422_2325

    init(_ snapshot: Snapshot) throws(StorageError) {
        let scratch = VectorScratch()
        for table in snapshot.catalog.tables {
            fold(Array("\(table)".utf8))
            guard let rows = snapshot.table(table.id) else {
                fold([0])
                continue
            }
            rowCount += rows.rowCount
            for block in rows.blocks {
                for column in table.columns {
                    fold(block.statistics(column.id))
                    let reader = try block.open(column.id)
                    var first = 0
                    while first < reader.rowCount {
                        let count = min(Limits.batchRows, reader.rowCount - first)
                        fold(reader.read(firstRow: first, rowCount: count, into: scratch))
                        first += count
                    }
                }
            }
        }
    }

    private mutating func fold(_ word: UInt64) {
        digest = (digest ^ word) &* 0x100_0000_01B3
        digest ^= digest >> 29
    }

    private mutating func fold(_ bytes: [UInt8]) {
        fold(UInt64(bytes.count))
        for byte in bytes { fold(UInt64(byte)) }
    }

    private mutating func fold(_ statistics: BlockStatistics?) {
        guard let statistics else { return }
        fold(UInt64(statistics.nullCount))
        fold(UInt64(truncatingIfNeeded: statistics.sum ?? 0))
        switch statistics.bounds {
        case .none: break
        case .integers(let min, let max):
            fold(UInt64(truncatingIfNeeded: min))
            fold(UInt64(truncatingIfNeeded: max))
        case .floats(let min, let max):
            fold(min.bitPattern)
            fold(max.bitPattern)
        case .strings(let min, let max, let isExact):
            fold(min)
            fold(max ?? [])
            fold(isExact ? 1 : 0)
        }
    }

    private mutating func fold(_ vector: Vector) {
        for row in 0..<vector.rowCount {
            if let validity = vector.validity,
                validity[row >> 6] >> UInt64(row & 63) & 1 == 0
            {
                fold(0xDEAD)
                continue
            }
            switch vector.content {
            case .integers(let integers): fold(UInt64(bitPattern: value(integers, row)))
            case .float32(let values): fold(UInt64(values[row].bitPattern))
            case .float64(let values): fold(values[row].bitPattern)
            case .wide(let values): fold(UInt64(truncatingIfNeeded: values[row]))
            case .codes(let codes, let dictionary):
                fold(Array(dictionary[Int(value(codes, row))]))
            case .numbered(let numbers, let template):
                var text = [UInt8](repeating: 0, count: template.byteCount)
                text.withUnsafeMutableBytes {
                    template.write(
                        UInt64(bitPattern: value(numbers, row)), into: $0.baseAddress!)
                }
                fold(text)
            case .strings(let offsets, let bytes):
                let start = Int(offsets[row])
                fold(
                    Array(
                        UnsafeRawBufferPointer(
                            start: bytes + start, count: Int(offsets[row + 1]) - start)))
            }
        }
    }

    private func value(_ integers: Vector.Integers, _ row: Int) -> Int64 {
        let number: UInt64 =
            switch integers.lane {
            case .constant: 0
            case .u8: UInt64(integers.values.load(fromByteOffset: row, as: UInt8.self))
            case .u16: UInt64(integers.values.load(fromByteOffset: row * 2, as: UInt16.self))
            case .u32: UInt64(integers.values.load(fromByteOffset: row * 4, as: UInt32.self))
            case .u64: integers.values.load(fromByteOffset: row * 8, as: UInt64.self)
            }
        return integers.base &+ integers.multiplier &* Int64(bitPattern: number)
    }
}
