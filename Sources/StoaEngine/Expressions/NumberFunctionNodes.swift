internal import StoaCompute
internal import StoaModel

/// `abs`, `sign`, `floor` and `ceil` of integers and decimals.
final class ExactFunctionNode: ValueNode {
    /// What is computed.
    enum Function { case magnitude, sign, floor, ceil }

    private let function: Function
    private let operand: ExpressionNode
    private let loader: NumberLoader
    private let integers: UnsafeMutablePointer<Int64>
    private let numbers: UnsafeMutablePointer<Int128>

    init(
        _ function: Function, _ operand: ExpressionNode, type: ColumnType, position: Range<Int>,
        scratch: Scratch
    ) throws(ServiceError) {
        self.function = function
        self.operand = operand
        loader = NumberLoader(scratch: scratch)
        integers = try scratch.take(Int64.self)
        numbers = try scratch.take(Int128.self)
        try super.init(type: type, position: position, scratch: scratch)
    }

    override var cost: Int { 3 + operand.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let value = try operand.value(frame)
        let vector = value.vector
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        if case .integers(let source) = vector.content, !operand.type.isUnsigned64,
            type.isIntegerBacked
        {
            return try narrow(try loader.integers(source, rowCount: frame.rowCount), value, scope)
        }
        let values = try loader.wide(vector, isUnsigned: operand.type.isUnsigned64)
        let (rowCount, scale) = (frame.rowCount, Int(operand.type.scale))
        switch function {
        case .magnitude: SignKernels.magnitudes(values, rowCount: rowCount, into: numbers)
        case .sign:
            SignKernels.signs(values, rowCount: rowCount, into: integers)
            return integerValue(integers, rowCount, vector.validity, bounds: -1...1)
        case .floor, .ceil:
            SignKernels.whole(
                values, scale: scale, isUp: function == .ceil, rowCount: rowCount, into: numbers)
        }
        guard type.isIntegerBacked else {
            return Value(
                Vector(rowCount: rowCount, content: .wide(numbers), validity: vector.validity))
        }
        CastKernels.narrow(numbers, rowCount: rowCount, into: integers)
        return integerValue(integers, rowCount, vector.validity)
    }

    private func narrow(
        _ values: UnsafePointer<Int64>, _ value: Value, _ scope: RowScope
    ) throws(ServiceError) -> Value {
        var bounds: ClosedRange<Int128>?
        switch function {
        case .magnitude:
            try located { () throws(ComputeError) in
                try SignKernels.magnitudes(values, scope: scope, into: integers)
            }
            bounds = value.bounds.map { ExpressionBounds.magnitudes($0) }
        case .sign:
            SignKernels.signs(values, rowCount: scope.rowCount, into: integers)
            bounds = -1...1
        case .floor, .ceil:
            SignKernels.whole(
                values, scale: Int(operand.type.scale), isUp: function == .ceil,
                rowCount: scope.rowCount, into: integers)
        }
        return integerValue(integers, scope.rowCount, scope.validity, bounds: bounds)
    }
}

/// A function of doubles.
final class FloatFunctionNode: ValueNode {
    /// What is computed.
    enum Function {
        case unary(FloatFunction)
        case power
        case round(digits: Int)
        /// Seconds since 1970 to a moment.
        case moment
        case sign
    }

    private let function: Function
    private let operands: [ExpressionNode]
    private let loaders: [NumberLoader]
    private let floats: UnsafeMutablePointer<Double>
    private let validity: UnsafeMutablePointer<UInt64>

    init(
        _ function: Function, _ operands: [ExpressionNode], type: ColumnType,
        position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.function = function
        self.operands = operands
        loaders = operands.map { _ in NumberLoader(scratch: scratch) }
        floats = try scratch.take(Double.self)
        validity = try scratch.takeMask()
        try super.init(type: type, position: position, scratch: scratch)
    }

    override var cost: Int { operands.reduce(10) { $0 + $1.cost } }
    override var canFail: Bool { type == .timestamp || operands.contains(where: \.canFail) }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let rowCount = frame.rowCount
        let vector = try operands[0].value(frame).vector
        let values = try loaders[0].floats(vector, type: operands[0].type)
        switch function {
        case .unary(let function): function.apply(values, rowCount: rowCount, into: floats)
        case .round(let digits):
            FloatFunction.round(values, digits: digits, rowCount: rowCount, into: floats)
        case .power:
            let other = try operands[1].value(frame).vector
            let exponents = try loaders[1].floats(other, type: operands[1].type)
            FloatFunction.power(values, exponents, rowCount: rowCount, into: floats)
            let valid = Validity.both(vector, other, rowCount: rowCount, into: validity)
            return floatValue(floats, rowCount, valid)
        case .sign:
            let out = UnsafeMutableRawPointer(floats).assumingMemoryBound(to: Int64.self)
            for row in 0..<rowCount {
                let value = values[row]
                // A NaN has none.
                out[row] = value < 0 ? -1 : value > 0 ? 1 : 0
            }
            return integerValue(out, rowCount, vector.validity, bounds: -1...1)
        case .moment: return try moments(values, vector, frame)
        }
        return floatValue(floats, rowCount, vector.validity)
    }

    private func moments(
        _ values: UnsafePointer<Double>, _ vector: Vector, _ frame: Frame
    ) throws(ServiceError) -> Value {
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        // SAFETY: the buffer is this node's alone, and a node uses it as one type.
        let out = UnsafeMutableRawPointer(floats).assumingMemoryBound(to: Int64.self)
        let range = Double(CivilTime.firstMicrosecond)...Double(CivilTime.lastMicrosecond)
        for row in 0..<frame.rowCount {
            let microseconds = (values[row] * 1e6).rounded()
            let isInside = range.contains(microseconds)
            if !isInside, scope.counts(row) {
                throw ServiceError(ComputeError.numericOverflow, type: type, position: position)
            }
            out[row] = isInside ? Int64(microseconds) : 0
        }
        return integerValue(out, frame.rowCount, vector.validity)
    }
}
