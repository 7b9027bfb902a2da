internal import StoaBase
internal import StoaModel

/// Statistics made again from decoded rows, to be compared with the stored ones.
struct BlockTally {
    private let isUnsigned: Bool
    private var rowCount = 0
    private var nullCount = 0
    private var sum: Int128 = 0
    private var integers: ClosedRange<Int128>?
    private var floats: (min: Double, max: Double)?
    private var strings: (min: [UInt8], max: [UInt8])?
    private var hasCodes = false

    init(isUnsigned: Bool) { self.isUnsigned = isUnsigned }

    /// Counts the rows of one more vector.
    mutating func add(_ vector: Vector) {
        for row in 0..<vector.rowCount {
            if let validity = vector.validity, validity[row >> 6] >> UInt64(row & 63) & 1 == 0 {
                nullCount += 1
            } else {
                add(vector.content, row)
            }
        }
        rowCount += vector.rowCount
    }

    private mutating func add(_ content: Vector.Content, _ row: Int) {
        switch content {
        case .integers(let numbers): add(Self.pattern(numbers, row))
        case .codes(let codes, _):
            hasCodes = true
            add(Self.pattern(codes, row))
        case .float32(let values): add(Double(values[row]))
        case .float64(let values): add(values[row])
        case .wide(let values): sum &+= values[row]
        case .numbered(let numbers, let template):
            let number = UInt64(bitPattern: Self.pattern(numbers, row))
            withUnsafeTemporaryAllocation(byteCount: template.byteCount, alignment: 8) { text in
                guard let address = text.baseAddress else { return }
                template.write(number, into: address)
                add(UnsafeRawBufferPointer(text))
            }
        case .strings(let offsets, let bytes):
            add(
                UnsafeRawBufferPointer(
                    start: bytes + Int(offsets[row]), count: Int(offsets[row + 1] - offsets[row])))
        }
    }

    private mutating func add(_ pattern: Int64) {
        let value = isUnsigned ? Int128(UInt64(bitPattern: pattern)) : Int128(pattern)
        sum &+= value
        let low = min(integers?.lowerBound ?? value, value)
        integers = low...max(integers?.upperBound ?? value, value)
    }

    private mutating func add(_ value: Double) {
        let known = floats ?? (value, value)
        floats = (
            FloatOrder.isLess(value, known.min) ? value : known.min,
            FloatOrder.isLess(known.max, value) ? value : known.max
        )
    }

    private mutating func add(_ text: UnsafeRawBufferPointer) {
        let known = strings ?? ([UInt8](text), [UInt8](text))
        strings = (
            text.lexicographicallyPrecedes(known.min) ? [UInt8](text) : known.min,
            known.max.lexicographicallyPrecedes(text) ? [UInt8](text) : known.max
        )
    }

    private static func pattern(_ numbers: Vector.Integers, _ row: Int) -> Int64 {
        let residual: UInt64 =
            switch numbers.lane {
            case .constant: 0
            case .u8: UInt64(numbers.values.load(fromByteOffset: row, as: UInt8.self))
            case .u16: UInt64(numbers.values.load(fromByteOffset: row * 2, as: UInt16.self))
            case .u32: UInt64(numbers.values.load(fromByteOffset: row * 4, as: UInt32.self))
            case .u64: numbers.values.load(fromByteOffset: row * 8, as: UInt64.self)
            }
        return numbers.base &+ numbers.multiplier &* Int64(bitPattern: residual)
    }

    /// The first statistic that the rows contradict; nil when all hold.
    func disagreement(with entry: SegmentBlockEntry) -> String? {
        let stored = entry.statistics
        if stored.rowCount != rowCount { return "row count" }
        if stored.nullCount != nullCount { return "null count" }
        if let codes = entry.codes, let integers {
            let isSame =
                Int128(codes.lowerBound) == integers.lowerBound
                && Int128(codes.upperBound) == integers.upperBound
            if !isSame { return "bounds" }
        }
        if !hasCodes, let known = stored.sum, known != sum { return "sum" }
        switch stored.bounds {
        case .none: return nil
        case .integers(let min, let max):
            return integers.map { $0 == min...max } ?? true ? nil : "bounds"
        case .floats(let min, let max):
            guard let floats else { return nil }
            return FloatOrder.isEqual(min, floats.min) && FloatOrder.isEqual(max, floats.max)
                ? nil : "bounds"
        case .strings(let min, let max, let isExact):
            return strings.map { isWithin($0, min, max, isExact) } ?? true ? nil : "bounds"
        }
    }

    private func isWithin(
        _ found: (min: [UInt8], max: [UInt8]), _ low: [UInt8], _ high: [UInt8]?, _ isExact: Bool
    ) -> Bool {
        if isExact { return found.min == low && found.max == high }
        return !found.min.lexicographicallyPrecedes(low)
            && !(high?.lexicographicallyPrecedes(found.max) ?? false)
    }
}
