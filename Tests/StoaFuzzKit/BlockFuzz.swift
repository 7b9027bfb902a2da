internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// One block of any bytes: made a reader of, then read from end to end.
///
///     offset  size  field
///          0     2  rowCount − 1
///          2     1  step of the rows that are gathered − 1
///          3     1  what filters compare with
///          4     …  the root node; padded to 64 bytes, the zeros of the end are added
///
/// The root's own count of rows and length are set right, since any input would fail there.
enum BlockFuzz {
    static let headByteCount = 4

    static let dictionary = StringDictionary(
        (0..<200).map { Array("value-\($0 + 100)".utf8) }, isSorted: true)

    static func run(_ input: UnsafeRawBufferPointer, kind: BlockKind) {
        guard input.count > headByteCount else { return }
        let rowCount = 1 + Int(input[0]) + Int(input[1]) << 8
        let unitCount = (input.count - headByteCount + 63) / 64
        let block = ExactBytes(count: unitCount * 64 + 64)
        block.copy(UnsafeRawBufferPointer(rebasing: input[headByteCount...]), to: 0)
        block.store(UInt32(rowCount), at: 4)
        block.store(UInt32(unitCount), at: 8)
        guard
            let reader = try? BlockReader(
                block.view, kind: kind, rowCount: rowCount,
                dictionary: kind == .codes ? dictionary : nil)
        else { return }
        _ = touchAll(reader)
        _ = reader.nodes()
        gather(reader, step: 1 + Int(input[2]))
        filter(reader, argument: input[3])
    }

    /// Reads every `step`-th row alone.
    private static func gather(_ reader: BlockReader, step: Int) {
        let scratch = VectorScratch()
        let rows = stride(from: step / 2, to: reader.rowCount, by: step).prefix(Limits.batchRows)
            .map { UInt16($0) }
        guard !rows.isEmpty else { return }
        rows.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let vector = reader.gather(start, count: buffer.count, into: scratch)
            for row in 0..<buffer.count { _ = touch(vector, row) }
        }
    }

    /// Asks the encoding what it can answer without decoding.
    private static func filter(_ reader: BlockReader, argument: UInt8) {
        let scratch = VectorScratch()
        let bound = Int64(argument) << Int64(argument % 50)
        let text = Array("value-1".utf8.prefix(Int(argument % 8)))
        let tests: [ColumnTest] = [
            .isNull, .isNotNull, .integers([-3...Int128(bound)]),
            .integers([Int128(bound)...Int128(bound), Int128(bound) + 9...Int128(UInt64.max)]),
            .strings(.equal(text)), .strings(.prefix(text)), .strings(.range(min: text, max: nil)),
        ]
        var mask = [UInt64](repeating: 0, count: (reader.rowCount + 63) / 64)
        for test in tests {
            for row in 0..<reader.rowCount { mask[row / 64] |= 1 << UInt64(row % 64) }
            mask.withUnsafeMutableBufferPointer { buffer in
                guard let start = buffer.baseAddress else { return }
                _ = reader.filter(
                    test, firstRow: 0, rowCount: reader.rowCount, keeping: start, scratch: scratch)
            }
        }
    }

    /// Follows every pointer that a read hands out.
    static func touchAll(_ reader: BlockReader) -> UInt64 {
        let scratch = VectorScratch()
        var sum: UInt64 = 0
        for first in stride(from: 0, to: reader.rowCount, by: Limits.batchRows) {
            let rowCount = min(Limits.batchRows, reader.rowCount - first)
            let vector = reader.read(firstRow: first, rowCount: rowCount, into: scratch)
            for row in 0..<rowCount { sum &+= touch(vector, row) }
            if let validity = vector.validity { sum &+= validity[(rowCount - 1) / 64] }
        }
        return sum
    }

    private static func touch(_ vector: Vector, _ row: Int) -> UInt64 {
        switch vector.content {
        case .integers(let numbers): return UInt64(bitPattern: numbers.value(row))
        case .numbered(let numbers, let template):
            let text = ExactBytes(count: template.byteCount)
            template.write(UInt64(bitPattern: numbers.value(row)), into: text.address)
            return sum(of: UnsafeRawBufferPointer(start: text.address, count: text.count))
        case .codes(let numbers, let dictionary):
            // Where all rows are null there may be no string at all.
            guard dictionary.count > 0 else { return 0 }
            return sum(of: dictionary[Int(numbers.value(row))])
        case .float32(let values): return UInt64(values[row].bitPattern)
        case .float64(let values): return values[row].bitPattern
        case .wide(let values): return UInt64(truncatingIfNeeded: values[row])
        case .strings(let offsets, let bytes):
            let start = Int(offsets[row])
            invariant(offsets[row] <= offsets[row + 1], "the offsets of a vector rise")
            return sum(
                of: UnsafeRawBufferPointer(
                    start: bytes + start, count: Int(offsets[row + 1]) - start))
        }
    }

    private static func sum(of bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.reduce(0) { $0 &+ UInt64($1) }
    }
}
