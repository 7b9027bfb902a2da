internal import StoaCompute
internal import StoaModel

/// Brings an operand's vectors to the form that a kernel takes. Buffers are taken at first use.
final class NumberLoader {
    private let scratch: Scratch
    private var integerBuffer: UnsafeMutablePointer<Int64>?
    private var wideBuffer: UnsafeMutablePointer<Int128>?
    private var floatBuffer: UnsafeMutablePointer<Double>?
    private var codeBuffer: UnsafeMutablePointer<UInt32>?
    private let text = NumberedText()

    init(scratch: Scratch) { self.scratch = scratch }

    /// 64-bit patterns of an integer vector, times `factor` modulo 2^64.
    func integers(
        _ source: Vector.Integers, times factor: Int64 = 1, rowCount: Int
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        var scaled = source
        scaled.base = source.base &* factor
        scaled.multiplier = source.multiplier &* factor
        let buffer = try scratch.reuse(&integerBuffer)
        return IntegerLanes.widen(scaled, rowCount: rowCount, into: buffer)
    }

    /// 128-bit numbers of an integer-backed or wide vector.
    func wide(
        _ vector: Vector, isUnsigned: Bool
    ) throws(ServiceError) -> UnsafePointer<Int128> {
        if case .wide(let values) = vector.content { return values }
        let buffer = try scratch.reuse(&wideBuffer)
        guard case .integers(let source) = vector.content else {
            buffer.update(repeating: 0, count: vector.rowCount)
            return UnsafePointer(buffer)
        }
        let values = try integers(source, rowCount: vector.rowCount)
        IntegerLanes.toWide(
            values, isUnsigned: isUnsigned, rowCount: vector.rowCount, into: buffer)
        return UnsafePointer(buffer)
    }

    /// Doubles of any numeric vector of `type`, each the nearest to its value.
    func floats(_ vector: Vector, type: ColumnType) throws(ServiceError) -> UnsafePointer<Double> {
        if case .float64(let values) = vector.content { return values }
        let buffer = try scratch.reuse(&floatBuffer)
        let rowCount = vector.rowCount
        switch vector.content {
        case .float32(let values):
            for row in 0..<rowCount { buffer[row] = Double(values[row]) }
        case .wide(let values):
            CastKernels.toFloat(
                wide: values, scale: Int(type.scale), rowCount: rowCount, into: buffer)
        case .integers(let source):
            let values = try integers(source, rowCount: rowCount)
            if type.isUnsigned64 {
                CastKernels.toFloat(unsigned: values, rowCount: rowCount, into: buffer)
            } else {
                CastKernels.toFloat(
                    values, scale: Int(type.scale), rowCount: rowCount, into: buffer)
            }
        case .float64, .codes, .strings, .numbered: buffer.update(repeating: 0, count: rowCount)
        }
        return UnsafePointer(buffer)
    }

    /// Signed numbers in the order of an integer-backed (not wide) or float vector.
    func orderKeys(
        _ vector: Vector, type: ColumnType
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        let buffer = try scratch.reuse(&integerBuffer)
        if case .integers(let source) = vector.content {
            let values = try integers(source, rowCount: vector.rowCount)
            guard type.isUnsigned64 else { return values }
            OrderKey.keys(unsigned: values, rowCount: vector.rowCount, into: buffer)
        } else {
            let values = try floats(vector, type: type)
            OrderKey.keys(values, rowCount: vector.rowCount, into: buffer)
        }
        return UnsafePointer(buffer)
    }

    /// As `orderKeys`, also for 128-bit numbers: what passes 64 bits is the largest or smallest.
    func rankKeys(
        _ vector: Vector, type: ColumnType
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        guard case .wide(let values) = vector.content else {
            return try orderKeys(vector, type: type)
        }
        let buffer = try scratch.reuse(&integerBuffer)
        for row in 0..<vector.rowCount { buffer[row] = Int64(clamping: values[row]) }
        return UnsafePointer(buffer)
    }

    /// The strings of a string vector.
    func strings(_ vector: Vector) throws(ServiceError) -> StringRows {
        let buffer = try codes()
        guard let rows = StringRows(vector, codeBuffer: buffer, text: text) else {
            throw ServiceError(.typeMismatch, "The values are no strings.")
        }
        return rows
    }

    /// A buffer for codes.
    func codes() throws(ServiceError) -> UnsafeMutablePointer<UInt32> {
        let buffer = try scratch.reuse(&codeBuffer)
        return buffer
    }
}

/// What is known of a vector's numbers.
enum Bounds {
    /// Bounds of the non-null numbers of an integer-backed vector: known ones, else those of its
    /// lane, else a look at the values.
    static func of(
        _ value: Value, _ source: Vector.Integers, type: ColumnType
    ) -> ClosedRange<Int128> {
        if let known = value.bounds { return known }
        if type.isUnsigned64 { return 0...Int128(UInt64.max) }
        let base = Int128(source.base)
        let multiplier = Int128(source.multiplier)
        switch source.lane {
        case .constant: return base...base
        case .u8, .u16, .u32:
            let last = (Int128(1) << (source.lane.byteCount * 8)) - 1
            let end = base + multiplier * last
            let range = min(base, end)...max(base, end)
            // A line that leaves 64 bits wraps for numbers that are not there.
            let all = Int128(Int64.min)...Int128(Int64.max)
            return all.contains(range.lowerBound) && all.contains(range.upperBound) ? range : all
        case .u64:
            guard source.base == 0, source.multiplier == 1, value.vector.rowCount > 0 else {
                return Int128(Int64.min)...Int128(Int64.max)
            }
            let found = IntegerLanes.bounds(
                source.values.assumingMemoryBound(to: Int64.self),
                rowCount: value.vector.rowCount)
            return Int128(found.lowerBound)...Int128(found.upperBound)
        }
    }

    /// Bounds times a factor; nil beyond 128 bits.
    static func times(_ range: ClosedRange<Int128>, _ factor: Int128) -> ClosedRange<Int128>? {
        let (low, lowOverflow) = range.lowerBound.multipliedReportingOverflow(by: factor)
        let (high, highOverflow) = range.upperBound.multipliedReportingOverflow(by: factor)
        return lowOverflow || highOverflow ? nil : min(low, high)...max(low, high)
    }

    /// Bounds of a result; nil beyond 128 bits or when nothing can be said.
    static func result(
        _ operation: NumberOperator, _ left: ClosedRange<Int128>, _ right: ClosedRange<Int128>
    ) -> ClosedRange<Int128>? {
        let (a, b) = (left.lowerBound, left.upperBound)
        let (c, d) = (right.lowerBound, right.upperBound)
        switch operation {
        case .add:
            let (low, high) = (a.addingReportingOverflow(c), b.addingReportingOverflow(d))
            return low.overflow || high.overflow ? nil : low.partialValue...high.partialValue
        case .subtract:
            let (low, high) = (
                a.subtractingReportingOverflow(d), b.subtractingReportingOverflow(c)
            )
            return low.overflow || high.overflow ? nil : low.partialValue...high.partialValue
        case .multiply:
            guard let first = times(left, c), let second = times(left, d) else { return nil }
            return min(
                first.lowerBound, second.lowerBound)...max(
                    first.upperBound, second.upperBound)
        case .integerDivide, .modulo: return nil
        }
    }

    /// Whether products of numbers within bounds are of a type, and the sum of `count` of them is
    /// of 64 bits.
    static func productsFit(
        _ left: ClosedRange<Int128>, _ right: ClosedRange<Int128>, type: ColumnType, count: Int
    ) -> Bool {
        guard !type.isFloat, let limits = type.integerRange,
            let product = result(.multiply, left, right)
        else { return false }
        let sum = Int128(Int64.max) / Int128(max(1, count))
        return product.lowerBound >= max(limits.lowerBound, -sum)
            && product.upperBound <= min(limits.upperBound, sum)
    }

    /// Whether every number fits an unsigned 32-bit one.
    static func fits32(_ range: ClosedRange<Int128>) -> Bool {
        range.lowerBound >= 0 && range.upperBound <= Int128(UInt32.max)
    }

    /// Whether every number fits a signed 64-bit one.
    static func fits64(_ range: ClosedRange<Int128>) -> Bool {
        range.lowerBound >= Int128(Int64.min) && range.upperBound <= Int128(Int64.max)
    }
}
