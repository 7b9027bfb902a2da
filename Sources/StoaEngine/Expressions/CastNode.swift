internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// CAST between numbers and times; text is `TextCastNode`'s.
final class CastNode: ExpressionNode {
    private let operand: ExpressionNode
    private let loader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int128>
    private let integers: UnsafeMutablePointer<Int64>
    private let floats: UnsafeMutablePointer<Double>

    init(
        _ operand: ExpressionNode, to type: ColumnType, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        loader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int128.self)
        integers = try scratch.take(Int64.self)
        floats = try scratch.take(Double.self)
        super.init(type: type, position: position)
    }

    override var cost: Int { 4 + operand.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let value = try operand.value(frame)
        let vector = value.vector
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        if operand.type == type { return value }
        if type.isFloat { return try toFloat(vector, scope) }
        if operand.type.isFloat { return try fromFloat(vector, scope) }
        if type == .bool { return try toBool(value, scope) }
        if operand.type == .timestamp, type == .date { return try toDate(vector, scope) }
        if operand.type == .date, type == .timestamp { return try toTimestamp(vector, scope) }
        return try rescale(value, scope)
    }

    private func toFloat(_ vector: Vector, _ scope: RowScope) throws(ServiceError) -> Value {
        let values = try loader.floats(vector, type: operand.type)
        guard type == .float32, operand.type != .float32 else {
            return Value(
                Vector(
                    rowCount: scope.rowCount, content: .float64(values), validity: scope.validity))
        }
        try located { () throws(ComputeError) in
            try CastKernels.toFloat32(values, scope: scope, into: floats)
        }
        return Value(
            Vector(
                rowCount: scope.rowCount, content: .float64(floats), validity: scope.validity))
    }

    private func fromFloat(_ vector: Vector, _ scope: RowScope) throws(ServiceError) -> Value {
        let values = try loader.floats(vector, type: operand.type)
        let range = type.integerRange ?? 0...0
        if type.isDecimal {
            try located { () throws(ComputeError) in
                try CastKernels.toDecimal(
                    values, scale: Int(type.scale), limit: range.upperBound, scope: scope,
                    into: numbers)
            }
            return result(numbers, scope)
        }
        try located { () throws(ComputeError) in
            try CastKernels.toInteger(values, range: range, scope: scope, into: integers)
        }
        return integerValue(integers, scope)
    }

    private func toBool(_ value: Value, _ scope: RowScope) throws(ServiceError) -> Value {
        let values = try loader.wide(value.vector, isUnsigned: operand.type.isUnsigned64)
        for row in 0..<scope.rowCount { integers[row] = values[row] == 0 ? 0 : 1 }
        return integerValue(integers, scope)
    }

    private func toDate(_ vector: Vector, _ scope: RowScope) throws(ServiceError) -> Value {
        guard case .integers(let source) = vector.content else {
            throw ServiceError(.typeMismatch, "The operand is no time.", position: position)
        }
        let values = try loader.integers(source, rowCount: scope.rowCount)
        let step = CivilTime.microsecondsPerDay
        for row in 0..<scope.rowCount {
            let (quotient, rest) = values[row].quotientAndRemainder(dividingBy: step)
            integers[row] = rest < 0 ? quotient &- 1 : quotient
        }
        return integerValue(integers, scope)
    }

    /// A midnight is another base and multiplier for the same numbers. They may wrap: the days of
    /// rows that are not null keep within 64 bits, whatever the lane could hold.
    private func toTimestamp(_ vector: Vector, _ scope: RowScope) throws(ServiceError) -> Value {
        guard case .integers(var numbers) = vector.content else {
            throw ServiceError(.typeMismatch, "The operand is no time.", position: position)
        }
        numbers.base &*= CivilTime.microsecondsPerDay
        numbers.multiplier &*= CivilTime.microsecondsPerDay
        return Value(
            Vector(
                rowCount: scope.rowCount, content: .integers(numbers), validity: scope.validity))
    }

    /// Between integers, decimals and BOOL.
    private func rescale(_ value: Value, _ scope: RowScope) throws(ServiceError) -> Value {
        let shift = Int(type.scale) - Int(operand.type.scale)
        if case .integers(let source) = value.vector.content, shift >= 0 {
            let factor = Int128.powerOfTen(shift)
            let bounds = Bounds.of(value, source, type: operand.type)
            if let scaled = Bounds.times(bounds, factor), let range = type.integerRange,
                Bounds.fits64(scaled), let narrowFactor = Int64(exactly: factor),
                range.contains(scaled.lowerBound), range.contains(scaled.upperBound)
            {
                // Within bounds the cast is another base and multiplier for the same numbers.
                var numbers = source
                numbers.base = source.base &* narrowFactor
                numbers.multiplier = source.multiplier &* narrowFactor
                return Value(
                    Vector(
                        rowCount: scope.rowCount, content: .integers(numbers),
                        validity: scope.validity), bounds: scaled)
            }
        }
        let values = try loader.wide(value.vector, isUnsigned: operand.type.isUnsigned64)
        try located { () throws(ComputeError) in
            try CastKernels.rescale(
                values, from: Int(operand.type.scale), to: Int(type.scale), scope: scope,
                into: numbers)
            try WideArithmetic.check(numbers, in: type.integerRange ?? 0...0, scope: scope)
        }
        return result(numbers, scope)
    }

    private func result(_ values: UnsafePointer<Int128>, _ scope: RowScope) -> Value {
        guard type.isIntegerBacked else {
            return Value(
                Vector(
                    rowCount: scope.rowCount, content: .wide(values), validity: scope.validity))
        }
        CastKernels.narrow(values, rowCount: scope.rowCount, into: integers)
        return integerValue(integers, scope)
    }

    private func integerValue(
        _ values: UnsafePointer<Int64>, _ scope: RowScope
    ) -> Value {
        Value(
            Vector(
                rowCount: scope.rowCount,
                content: .integers(Vector.Integers(lane: .u64, values: values)),
                validity: scope.validity))
    }
}
