import StoaBase
import StoaCodec
import StoaModel

/// Encodes and reads test columns in one call.
enum BlockFixture {
    static func encode(
        _ values: [Int64], isUnsigned: Bool = false, nulls: NullShape = .none
    ) -> EncodedBlock {
        withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .integers($0.baseAddress!, isUnsigned: isUnsigned), rowCount: values.count,
                    validity: validity)
            }
        }
    }

    static func encode(_ values: [Double], nulls: NullShape = .none) -> EncodedBlock {
        withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .float64($0.baseAddress!), rowCount: values.count, validity: validity)
            }
        }
    }

    static func encode(_ values: [Float], nulls: NullShape = .none) -> EncodedBlock {
        withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .float32($0.baseAddress!), rowCount: values.count, validity: validity)
            }
        }
    }

    /// Doubles in one given encoding.
    static func force(
        _ values: [Double], _ encoding: Encoding, nulls: NullShape = .none, isCompact: Bool = true
    ) -> EncodedBlock? {
        withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .float64($0.baseAddress!), rowCount: values.count, validity: validity,
                    forcing: encoding, isCompact: isCompact)
            }
        }
    }

    /// Floats in one given encoding.
    static func force(
        _ values: [Float], _ encoding: Encoding, nulls: NullShape = .none, isCompact: Bool = true
    ) -> EncodedBlock? {
        withValidity(nulls, rowCount: values.count) { validity in
            values.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .float32($0.baseAddress!), rowCount: values.count, validity: validity,
                    forcing: encoding, isCompact: isCompact)
            }
        }
    }

    static func encode(codes: [UInt32], nulls: NullShape = .none) -> EncodedBlock {
        withValidity(nulls, rowCount: codes.count) { validity in
            codes.withUnsafeBufferPointer {
                BlockEncoder.encode(
                    .codes($0.baseAddress!), rowCount: codes.count, validity: validity)
            }
        }
    }

    static func encode(_ strings: [String], nulls: NullShape = .none) -> EncodedBlock {
        withText(strings, nulls: nulls) {
            BlockEncoder.encode($0, rowCount: strings.count, validity: $1)
        }
    }

    /// Null strings are written as empty ones, as the encoder asks.
    static func withText<Result>(
        _ strings: [String], nulls: NullShape,
        _ body: (BlockInput, UnsafePointer<UInt64>?) -> Result
    ) -> Result {
        var offsets: [UInt32] = [0]
        var bytes: [UInt8] = []
        for (row, string) in strings.enumerated() {
            if !nulls.isNull(row, of: strings.count) { bytes.append(contentsOf: string.utf8) }
            offsets.append(UInt32(bytes.count))
        }
        bytes.append(0)
        return withValidity(nulls, rowCount: strings.count) { validity in
            bytes.withUnsafeBytes { text in
                offsets.withUnsafeBufferPointer {
                    body(
                        .strings(offsets: $0.baseAddress!, bytes: text.baseAddress!), validity)
                }
            }
        }
    }

    static func withValidity<Result>(
        _ nulls: NullShape, rowCount: Int, _ body: (UnsafePointer<UInt64>?) -> Result
    ) -> Result {
        guard let words = nulls.validity(rowCount: rowCount) else { return body(nil) }
        return words.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    static func withWords<Result>(
        _ words: [UInt64], _ body: (UnsafePointer<UInt64>?) -> Result
    ) -> Result {
        words.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    // MARK: Reading

    /// A row as it was read.
    enum Cell: Equatable {
        case null
        case bits(UInt64)
        case string([UInt8])
    }

    /// Reads everything in batches of `step` rows.
    static func readAll(_ reader: BlockReader, step: Int = Limits.batchRows) -> [Cell] {
        let scratch = VectorScratch()
        var cells: [Cell] = []
        cells.reserveCapacity(reader.rowCount)
        for first in stride(from: 0, to: reader.rowCount, by: step) {
            cells += read(reader, first, min(step, reader.rowCount - first), scratch)
        }
        return cells
    }

    /// Follows every pointer that a read hands out, without keeping anything.
    static func touchAll(_ reader: BlockReader) -> UInt64 {
        let scratch = VectorScratch()
        var sum: UInt64 = 0
        for first in stride(from: 0, to: reader.rowCount, by: Limits.batchRows) {
            let rowCount = min(Limits.batchRows, reader.rowCount - first)
            let vector = reader.read(firstRow: first, rowCount: rowCount, into: scratch)
            for row in 0..<rowCount {
                switch vector.content {
                case .integers(let numbers): sum &+= pattern(numbers, row)
                case .codes(let numbers, let dictionary):
                    let code = pattern(numbers, row)
                    sum &+= dictionary.count == 0 ? 0 : UInt64(dictionary[Int(code)].count)
                case .float32(let values): sum &+= UInt64(values[row].bitPattern)
                case .float64(let values): sum &+= values[row].bitPattern
                case .wide: break
                case .numbered(let numbers, let template):
                    sum &+= pattern(numbers, row) &+ UInt64(template.byteCount)
                case .strings(let offsets, let bytes):
                    for index in offsets[row]..<offsets[row + 1] {
                        sum &+= UInt64(bytes.load(fromByteOffset: Int(index), as: UInt8.self))
                    }
                }
            }
            if let validity = vector.validity { sum &+= validity[(rowCount - 1) / 64] }
        }
        return sum
    }

    static func read(
        _ reader: BlockReader, _ firstRow: Int, _ rowCount: Int, _ scratch: VectorScratch
    ) -> [Cell] {
        let vector = reader.read(firstRow: firstRow, rowCount: rowCount, into: scratch)
        return (0..<rowCount).map { cell(vector, $0) }
    }

    static func cell(_ vector: Vector, _ row: Int) -> Cell {
        if let validity = vector.validity, validity[row / 64] >> UInt64(row % 64) & 1 == 0 {
            return .null
        }
        switch vector.content {
        case .integers(let numbers): return .bits(pattern(numbers, row))
        case .codes(let numbers, let dictionary):
            return .string([UInt8](dictionary[Int(pattern(numbers, row))]))
        case .float32(let values): return .bits(UInt64(values[row].bitPattern))
        case .float64(let values): return .bits(values[row].bitPattern)
        case .wide: return .null
        case .numbered(let numbers, let template):
            var text = [UInt8](repeating: 0, count: template.byteCount)
            text.withUnsafeMutableBytes {
                template.write(pattern(numbers, row), into: $0.baseAddress!)
            }
            return .string(text)
        case .strings(let offsets, let bytes):
            let start = Int(offsets[row]), end = Int(offsets[row + 1])
            let string = UnsafeRawBufferPointer(start: bytes + start, count: end - start)
            return .string([UInt8](string))
        }
    }

    /// The sum that a `Vector` promises, computed the slow way.
    static func pattern(_ numbers: Vector.Integers, _ row: Int) -> UInt64 {
        let number: UInt64
        switch numbers.lane {
        case .constant: number = 0
        case .u8: number = UInt64(numbers.values.load(fromByteOffset: row, as: UInt8.self))
        case .u16: number = UInt64(numbers.values.load(fromByteOffset: row * 2, as: UInt16.self))
        case .u32: number = UInt64(numbers.values.load(fromByteOffset: row * 4, as: UInt32.self))
        case .u64: number = numbers.values.load(fromByteOffset: row * 8, as: UInt64.self)
        }
        return UInt64(bitPattern: numbers.base)
            &+ UInt64(bitPattern: numbers.multiplier) &* number
    }
}
