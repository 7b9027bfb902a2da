internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// Valid inputs to start from: what the encoders write for data that calls for each encoding.
package enum FuzzSeeds {
    /// The seeds of a target; few and small.
    package static func of(_ target: FuzzTarget) -> [[UInt8]] {
        switch target {
        case .integers: numbers.map { integers($0, false, nil) } + forced(integerForced)
        case .unsigned: numbers.map { integers($0, true, nil) }
        case .float32: floats.map { float32($0, nil) } + forced { float32(floatRows, $0) }
        case .float64: floats.map { float64($0, nil) } + forced { float64(floatRows, $0) }
        case .strings: texts.map { strings($0, nil) } + forced { strings(texts[1], $0) }
        case .codes: codes()
        case .batch: [batch(rowCount: 0), batch(rowCount: 3), batch(rowCount: 70)]
        case .csv: tables.map { Array($0.utf8) }
        case .input: files
        case .sql: statements.map { Array($0.utf8) }
        case .dictionary: texts.map(dictionary)
        case .segment, .planted: []
        }
    }

    private static func dictionary(_ values: [String]) -> [UInt8] {
        let sorted = Set(values).map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) }
        return DictionaryCodec.encode(StringDictionary(sorted, isSorted: true)).dropLast(64)
    }

    // MARK: Blocks

    /// A block's rows, each from its position and a random word.
    private static func rows<Value>(
        _ count: Int = 1_100, _ make: (Int, UInt64) -> Value
    ) -> [Value] {
        var random = SeededWords(state: 20_261_121)
        return (0..<count).map { make($0, random.next()) }
    }

    private static func integers(
        _ count: Int = 1_100, _ make: (Int, UInt64) -> Int64
    ) -> [Int64] { rows(count, make) }

    /// Rows that call for each of the encodings of numbers.
    private static var numbers: [[Int64]] {
        let levels: [Int64] = [1, 900_000_007, -4_000_000_000_000, 77]
        var found: [[Int64]] = [Array(repeating: -7, count: 40)]
        found.append(integers { row, _ in Int64(row * 3 - 9) })
        found.append(integers { _, word in Int64(word % 900) })
        found.append(integers { _, word in Int64(word % 60 == 0 ? word >> 3 : word % 8) })
        found.append(integers { row, _ in Int64(row * row) })
        found.append(integers { row, _ in Int64(row / 90 * 77) })
        found.append(integers { _, word in word % 50 == 0 ? Int64(word >> 50) : 0 })
        found.append(integers { _, word in levels[Int(word >> 62)] })
        found.append(integers { _, word in Int64(word % 30) * 86_400_000_000 })
        found.append(integers(100) { _, word in Int64(bitPattern: word) })
        return found
    }

    private static func floats(
        _ count: Int = 1_100, _ make: (Int, UInt64) -> Double
    ) -> [Double] { rows(count, make) }

    private static var floats: [[Double]] {
        var found: [[Double]] = [Array(repeating: 0.5, count: 40)]
        found.append(floats { _, word in Double(word % 20_000) / 100 })
        found.append(floats { _, word in Double(word >> 12) * 0x1p-52 - 0.5 })
        found.append(
            floats(70) { row, _ in
                if row % 9 == 0 { return Double.nan }
                return row % 7 == 0 ? -Double.infinity : Double(row) - 0.25
            })
        return found
    }

    private static func texts(
        _ count: Int, _ make: (Int, UInt64) -> String
    ) -> [String] { rows(count, make) }

    private static var texts: [[String]] {
        let words = ["alpha", "beta", "", "gamma delta"]
        let places = ["shop", "img"]
        var found: [[String]] = [Array(repeating: "Köln", count: 20)]
        found.append(
            texts(300) { row, _ in
                let digits = String(100_000 + row * 7_919 % 100_000)
                return "ORD-" + digits.dropFirst()
            })
        found.append(
            texts(300) { row, _ in
                "https://example.org/" + places[row % 2] + "/" + String(row * 37 % 101)
            })
        found.append(texts(200) { _, word in String(word >> (word % 60), radix: 36) })
        found.append(texts(299) { _, word in words[Int(word >> 62)] })
        return found
    }

    /// A seed in each encoding that can hold the rows.
    private static func forced(_ make: (Encoding) -> [UInt8]) -> [[UInt8]] {
        Encoding.allCases.map(make).filter { !$0.isEmpty }
    }

    private static func integerForced(_ encoding: Encoding) -> [UInt8] {
        let packed = integers(integers(300) { _, word in Int64(word % 900) }, false, encoding)
        return packed.isEmpty
            ? integers(integers(300) { row, _ in Int64(row * 3) }, false, encoding) : packed
    }

    private static var floatRows: [Double] {
        floats(301) { _, word in Double(word % 20_000) / 100 }
    }

    private static func block(
        _ input: BlockInput, _ rowCount: Int, _ validity: UnsafePointer<UInt64>?,
        _ encoding: Encoding?
    ) -> EncodedBlock? {
        guard let encoding else {
            return BlockEncoder.encode(input, rowCount: rowCount, validity: validity)
        }
        return BlockEncoder.encode(
            input, rowCount: rowCount, validity: validity, forcing: encoding)
    }

    /// The head of `BlockFuzz`, then the block without the zeros at its end.
    private static func input(_ block: EncodedBlock, rowCount: Int) -> [UInt8] {
        let head: [UInt8] = [
            UInt8(truncatingIfNeeded: rowCount - 1), UInt8((rowCount - 1) >> 8), 0, 0,
        ]
        return head + block.bytes.dropLast(64)
    }

    /// One row in eleven null, in every other seed.
    private static func withValidity<Result>(
        _ rowCount: Int, hasNulls: Bool, _ body: (UnsafePointer<UInt64>?) -> Result
    ) -> Result {
        guard hasNulls else { return body(nil) }
        var words = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
        for row in 0..<rowCount where row % 11 != 3 { words[row / 64] |= 1 << UInt64(row % 64) }
        return words.withUnsafeBufferPointer { body($0.baseAddress) }
    }

    private static func encode(
        _ rowCount: Int, _ make: (UnsafePointer<UInt64>?) -> EncodedBlock?
    ) -> [UInt8] {
        withValidity(rowCount, hasNulls: rowCount % 3 == 0) { validity in
            make(validity).map { input($0, rowCount: rowCount) } ?? []
        }
    }

    private static func integers(
        _ values: [Int64], _ isUnsigned: Bool, _ encoding: Encoding?
    ) -> [UInt8] {
        encode(values.count) { validity in
            values.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap {
                    block(
                        .integers($0, isUnsigned: isUnsigned), values.count, validity, encoding)
                }
            }
        }
    }

    private static func float64(_ values: [Double], _ encoding: Encoding?) -> [UInt8] {
        encode(values.count) { validity in
            values.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap {
                    block(.float64($0), values.count, validity, encoding)
                }
            }
        }
    }

    private static func float32(_ values: [Double], _ encoding: Encoding?) -> [UInt8] {
        let narrow = values.map { Float($0) }
        return encode(narrow.count) { validity in
            narrow.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.flatMap {
                    block(.float32($0), narrow.count, validity, encoding)
                }
            }
        }
    }

    private static func codes() -> [[UInt8]] {
        [40, 1_100].map { rowCount in
            let values = (0..<rowCount).map { UInt32($0 * 7_919 % (rowCount > 99 ? 200 : 3)) }
            return encode(rowCount) { validity in
                values.withUnsafeBufferPointer { buffer in
                    buffer.baseAddress.map {
                        BlockEncoder.encode(.codes($0), rowCount: rowCount, validity: validity)
                    }
                }
            }
        }
    }

    private static func strings(_ values: [String], _ encoding: Encoding?) -> [UInt8] {
        var offsets: [UInt32] = [0]
        var bytes: [UInt8] = []
        for (row, value) in values.enumerated() {
            // A null string is written as an empty one.
            if values.count % 3 != 0 || row % 11 != 3 { bytes += Array(value.utf8) }
            offsets.append(UInt32(bytes.count))
        }
        bytes.append(0)
        return encode(values.count) { validity in
            bytes.withUnsafeBytes { text in
                offsets.withUnsafeBufferPointer { buffer in
                    guard let offsets = buffer.baseAddress, let bytes = text.baseAddress else {
                        return nil
                    }
                    return block(
                        .strings(offsets: offsets, bytes: bytes), values.count, validity,
                        encoding)
                }
            }
        }
    }
}
