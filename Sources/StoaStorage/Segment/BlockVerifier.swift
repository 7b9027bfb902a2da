internal import StoaBase
package import StoaCodec
package import StoaModel

/// Decodes fresh blocks and compares every row with the input, before anything is published.
package final class BlockVerifier {
    private let scratch = VectorScratch()
    private let text = NumberedText()

    package init() {}

    /// Decodes a block and compares it with its input.
    ///
    /// - Throws: `BlockMismatch` at the batch with the first row that differs.
    package func verify(
        _ encoded: [UInt8], against input: BlockInput, rowCount: Int,
        validity: UnsafePointer<UInt64>?, dictionary: StringDictionary?
    ) throws(BlockMismatch) {
        let reader: BlockReader
        do throws(CodecError) {
            reader = try BlockReader(
                Bytes(encoded), kind: input.kind, rowCount: rowCount, dictionary: dictionary)
        } catch {
            throw BlockMismatch(blockRow: 0)
        }
        for first in stride(from: 0, to: rowCount, by: Limits.batchRows) {
            let count = min(Limits.batchRows, rowCount - first)
            let vector = reader.read(firstRow: first, rowCount: count, into: scratch)
            let mask = Mask(expected: validity.map { $0 + first / 64 }, found: vector.validity)
            guard vector.rowCount == count, mask.isEqual(rowCount: count),
                isEqual(vector.content, input, first: first, count: count, mask)
            else { throw BlockMismatch(blockRow: first) }
        }
    }

    /// The dictionary as readers will see it.
    ///
    /// - Throws: `BlockMismatch` when it is not the one that was encoded.
    package func decodeDictionary(
        _ bytes: [UInt8], expected: StringDictionary
    ) throws(BlockMismatch) -> StringDictionary {
        let found: StringDictionary
        do throws(CodecError) {
            found = try DictionaryCodec.decode(Bytes(bytes))
        } catch {
            throw BlockMismatch(blockRow: 0)
        }
        guard found.count == expected.count, found.isSorted else {
            throw BlockMismatch(blockRow: 0)
        }
        for code in 0..<found.count where !ByteOrder.isEqual(found[code], expected[code]) {
            throw BlockMismatch(blockRow: code)
        }
        return found
    }

    /// Which rows are null, twice.
    private struct Mask {
        let expected: UnsafePointer<UInt64>?
        let found: UnsafePointer<UInt64>?

        func isEqual(rowCount: Int) -> Bool {
            for word in 0..<(rowCount + 63) / 64 {
                let rest = min(64, rowCount - word * 64)
                let used = rest == 64 ? UInt64.max : (1 << UInt64(rest)) - 1
                let left = (expected?[word] ?? .max) & used
                let right = (found?[word] ?? .max) & used
                if left != right { return false }
            }
            return true
        }

        @inline(__always)
        func isValid(_ row: Int) -> Bool {
            expected.map { $0[row >> 6] >> UInt64(row & 63) & 1 == 1 } ?? true
        }
    }

    private func isEqual(
        _ content: Vector.Content, _ input: BlockInput, first: Int, count: Int, _ mask: Mask
    ) -> Bool {
        switch (content, input) {
        case (.integers(let found), .integers(let values, _)):
            return Self.isEqual(found, count, mask) { values[first + $0] }
        case (.codes(let found, _), .codes(let values)):
            return Self.isEqual(found, count, mask) { Int64(values[first + $0]) }
        case (.float32(let found), .float32(let values)):
            for row in 0..<count where found[row].bitPattern != values[first + row].bitPattern {
                if mask.isValid(row) { return false }
            }
            return true
        case (.float64(let found), .float64(let values)):
            for row in 0..<count where found[row].bitPattern != values[first + row].bitPattern {
                if mask.isValid(row) { return false }
            }
            return true
        case (.numbered(let numbers, let template), .strings):
            let written = text.write(numbers, template, rowCount: count)
            return isEqual(
                .strings(offsets: written.offsets, bytes: written.bytes), input, first: first,
                count: count, mask)
        case (.strings(let offsets, let bytes), .strings(let expected, let text)):
            for row in 0..<count where mask.isValid(row) {
                let start = Int(expected[first + row])
                let left = UnsafeRawBufferPointer(
                    start: bytes + Int(offsets[row]), count: Int(offsets[row + 1] - offsets[row]))
                let right = UnsafeRawBufferPointer(
                    start: text + start, count: Int(expected[first + row + 1]) - start)
                if !ByteOrder.isEqual(left, right) { return false }
            }
            return true
        default:
            return false
        }
    }

    @inline(__always)
    private static func isEqual(
        _ found: Vector.Integers, _ count: Int, _ mask: Mask, _ value: (Int) -> Int64
    ) -> Bool {
        switch found.lane {
        case .constant:
            for row in 0..<count where value(row) != found.base {
                if mask.isValid(row) { return false }
            }
            return true
        case .u8: return isEqual(found, UInt8.self, count, mask, value)
        case .u16: return isEqual(found, UInt16.self, count, mask, value)
        case .u32: return isEqual(found, UInt32.self, count, mask, value)
        case .u64: return isEqual(found, UInt64.self, count, mask, value)
        }
    }

    @inline(__always)
    private static func isEqual<T: FixedWidthInteger & BitwiseCopyable>(
        _ found: Vector.Integers, _ type: T.Type, _ count: Int, _ mask: Mask,
        _ value: (Int) -> Int64
    ) -> Bool {
        let numbers = found.values.assumingMemoryBound(to: T.self)
        for row in 0..<count {
            let decoded = found.base &+ found.multiplier &* Int64(truncatingIfNeeded: numbers[row])
            if decoded != value(row), mask.isValid(row) { return false }
        }
        return true
    }
}
