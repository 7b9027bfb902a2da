internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `+ - * / // %`.
///
/// The kernel is chosen per batch from the bounds of the operands: plain wrapping 64-bit
/// arithmetic where they prove that nothing can be lost, else checked 64-bit, else 128-bit.
final class ArithmeticNode: ExpressionNode {
    private let operation: ArithmeticOperator
    private let left: ExpressionNode
    private let right: ExpressionNode
    private let leftLoader: NumberLoader
    private let rightLoader: NumberLoader
    private let scratch: Scratch
    private let validity: UnsafeMutablePointer<UInt64>
    private var integerBuffer: UnsafeMutablePointer<Int64>?
    private var wide: UnsafeMutablePointer<Int128>?
    /// Powers of ten that bring the operands to the scale they are combined at.
    private let leftShift: Int
    private let rightShift: Int

    init(
        _ operation: ArithmeticOperator, _ left: ExpressionNode, _ right: ExpressionNode,
        of expression: BoundExpression, scratch: Scratch
    ) throws(ServiceError) {
        self.operation = operation
        self.left = left
        self.right = right
        self.scratch = scratch
        leftLoader = NumberLoader(scratch: scratch)
        rightLoader = NumberLoader(scratch: scratch)
        validity = try scratch.takeMask()
        let (leftScale, rightScale) = (Int(left.type.scale), Int(right.type.scale))
        switch operation {
        case .multiply, .divide: (leftShift, rightShift) = (0, 0)
        case .add, .subtract, .integerDivide, .modulo:
            let scale = max(leftScale, rightScale)
            (leftShift, rightShift) = (scale - leftScale, scale - rightScale)
        }
        super.init(type: expression.type, position: expression.position)
    }

    override var cost: Int { 4 + left.cost + right.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let leftValue = try left.value(frame)
        let rightValue = try right.value(frame)
        let valid = Validity.both(
            leftValue.vector, rightValue.vector, rowCount: frame.rowCount, into: validity)
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: valid)
        if type.isFloat { return try floats(leftValue, rightValue, scope) }
        if case .integers(let leftNumbers) = leftValue.vector.content,
            case .integers(let rightNumbers) = rightValue.vector.content,
            let value = try narrow(
                (leftValue, leftNumbers), (rightValue, rightNumbers), scope)
        {
            return value
        }
        return try wide(leftValue, rightValue, scope)
    }

    /// The sum of the selected rows' products, straight from the operands' lanes, where bounds
    /// prove that no product can be out of range; nil: evaluate and add up.
    func sum(_ frame: Frame) throws(ServiceError) -> (total: Int128, count: Int)? {
        guard operation == .multiply else { return nil }
        let leftValue = try left.value(frame)
        let rightValue = try right.value(frame)
        guard case .integers(let leftNumbers) = leftValue.vector.content,
            case .integers(let rightNumbers) = rightValue.vector.content,
            LaneSums.isNarrow(leftNumbers.lane), LaneSums.isNarrow(rightNumbers.lane),
            Bounds.productsFit(
                Bounds.of(leftValue, leftNumbers, type: left.type),
                Bounds.of(rightValue, rightNumbers, type: right.type), type: type,
                count: frame.rowCount)
        else { return nil }
        var mask = frame.selection
        let valid = Validity.both(
            leftValue.vector, rightValue.vector, rowCount: frame.rowCount, into: validity)
        if let valid {
            MaskWords.copy(valid, rowCount: frame.rowCount, into: validity)
            MaskWords.and(validity, frame.selection, rowCount: frame.rowCount)
            mask = UnsafePointer(validity)
        }
        let sum = LaneSums.productSum(
            leftNumbers, rightNumbers, mask: mask, rowCount: frame.rowCount)
        return (Int128(sum.total), sum.count)
    }

    private var numberOperator: NumberOperator {
        switch operation {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .integerDivide, .divide: .integerDivide
        case .modulo: .modulo
        }
    }

    /// In 64 bits, if the operands fit there; nil when they may not.
    private func narrow(
        _ left: (value: Value, numbers: Vector.Integers),
        _ right: (value: Value, numbers: Vector.Integers), _ scope: RowScope
    ) throws(ServiceError) -> Value? {
        let leftBounds = Bounds.of(left.value, left.numbers, type: self.left.type)
        let rightBounds = Bounds.of(right.value, right.numbers, type: self.right.type)
        guard let scaledLeft = Bounds.times(leftBounds, .powerOfTen(leftShift)),
            let scaledRight = Bounds.times(rightBounds, .powerOfTen(rightShift)),
            Bounds.fits64(scaledLeft), Bounds.fits64(scaledRight),
            leftShift <= 18, rightShift <= 18
        else { return nil }
        let result = Bounds.result(numberOperator, scaledLeft, scaledRight)
        let isProved = result.map { Bounds.fits64($0) && isWithinType($0) } ?? false
        let isDivision = operation == .integerDivide || operation == .modulo
        guard isProved || isDivision || type == .int64 else { return nil }
        let integers = try scratch.reuse(&integerBuffer)
        if isProved, operation == .multiply, Bounds.fits32(leftBounds),
            Bounds.fits32(rightBounds), LaneSums.isNarrow(left.numbers.lane),
            LaneSums.isNarrow(right.numbers.lane), left.numbers.lane != .constant,
            right.numbers.lane != .constant
        {
            LaneProducts.multiply(
                left.numbers, right.numbers, rowCount: scope.rowCount, into: integers)
            return integerValue(integers, scope, bounds: result)
        }
        let leftValues = try leftLoader.integers(
            left.numbers, times: Int64(Int128.powerOfTen(leftShift)), rowCount: scope.rowCount)
        let rightValues = try rightLoader.integers(
            right.numbers, times: Int64(Int128.powerOfTen(rightShift)), rowCount: scope.rowCount)
        if isProved {
            IntegerArithmetic.wrapping(
                numberOperator, leftValues, rightValues, rowCount: scope.rowCount, into: integers)
            return integerValue(integers, scope, bounds: result)
        }
        try located { () throws(ComputeError) in
            if isDivision {
                try IntegerArithmetic.divide(
                    numberOperator, leftValues, rightValues, scope: scope, into: integers)
            } else {
                try IntegerArithmetic.checked(
                    numberOperator, leftValues, rightValues, scope: scope, into: integers)
            }
        }
        return integerValue(integers, scope, bounds: nil)
    }

    private func isWithinType(_ range: ClosedRange<Int128>) -> Bool {
        guard let allowed = type.integerRange else { return false }
        return allowed.contains(range.lowerBound) && allowed.contains(range.upperBound)
    }

    private func integerValue(
        _ integers: UnsafeMutablePointer<Int64>, _ scope: RowScope, bounds: ClosedRange<Int128>?
    ) -> Value {
        Value(
            Vector(
                rowCount: scope.rowCount,
                content: .integers(Vector.Integers(lane: .u64, values: integers)),
                validity: scope.validity), bounds: bounds)
    }

    /// In 128 bits, every row checked.
    private func wide(
        _ left: Value, _ right: Value, _ scope: RowScope
    ) throws(ServiceError) -> Value {
        let leftValues = try leftLoader.wide(
            left.vector, isUnsigned: self.left.type.isUnsigned64)
        let rightValues = try rightLoader.wide(
            right.vector, isUnsigned: self.right.type.isUnsigned64)
        let out = try scratch.reuse(&wide)
        let limit = type.integerRange?.upperBound ?? Int128.powerOfTen(38) - 1
        let shape = WideArithmetic.Shape(
            leftShift: leftShift, rightShift: rightShift, limit: limit)
        try located { () throws(ComputeError) in
            try WideArithmetic.apply(
                numberOperator, (leftValues, rightValues), shape: shape, scope: scope, into: out)
        }
        guard type.isIntegerBacked else {
            return Value(
                Vector(
                    rowCount: scope.rowCount, content: .wide(out), validity: scope.validity))
        }
        let integers = try scratch.reuse(&integerBuffer)
        CastKernels.narrow(out, rowCount: scope.rowCount, into: integers)
        return integerValue(integers, scope, bounds: nil)
    }

    private func floats(
        _ left: Value, _ right: Value, _ scope: RowScope
    ) throws(ServiceError) -> Value {
        let leftValues = try leftLoader.floats(left.vector, type: self.left.type)
        let rightValues = try rightLoader.floats(right.vector, type: self.right.type)
        // SAFETY: the buffer is this node's alone; a node has either integers or floats.
        let out = UnsafeMutableRawPointer(try scratch.reuse(&integerBuffer))
            .assumingMemoryBound(to: Double.self)
        let rowCount = scope.rowCount
        switch operation {
        case .add: FloatArithmetic.add(leftValues, rightValues, rowCount: rowCount, into: out)
        case .subtract:
            FloatArithmetic.subtract(leftValues, rightValues, rowCount: rowCount, into: out)
        case .multiply:
            FloatArithmetic.multiply(leftValues, rightValues, rowCount: rowCount, into: out)
        case .divide where self.left.type.isFloat || self.right.type.isFloat:
            FloatArithmetic.divide(leftValues, rightValues, rowCount: rowCount, into: out)
        case .divide:
            try located { () throws(ComputeError) in
                try IntegerArithmetic.quotient(leftValues, rightValues, scope: scope, into: out)
            }
        case .integerDivide:
            FloatArithmetic.integerDivide(leftValues, rightValues, rowCount: rowCount, into: out)
        case .modulo:
            FloatArithmetic.modulo(leftValues, rightValues, rowCount: rowCount, into: out)
        }
        return Value(Vector(rowCount: rowCount, content: .float64(out), validity: scope.validity))
    }
}

/// The null states of two operands together.
enum Validity {
    static func both(
        _ left: Vector, _ right: Vector, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        guard let first = left.validity else { return right.validity }
        guard let second = right.validity else { return first }
        MaskWords.copy(first, rowCount: rowCount, into: mask)
        MaskWords.and(mask, second, rowCount: rowCount)
        return UnsafePointer(mask)
    }
}

/// `-x`.
final class NegateNode: ExpressionNode {
    private let operand: ExpressionNode
    private let loader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int128>

    init(
        _ operand: ExpressionNode, of expression: BoundExpression, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        loader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int128.self)
        super.init(type: expression.type, position: expression.position)
    }

    override var cost: Int { 2 + operand.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let vector = try operand.value(frame).vector
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        // SAFETY: the buffer is this node's alone, and each evaluation uses it as one type.
        let raw = UnsafeMutableRawPointer(numbers)
        if type.isFloat {
            let out = raw.assumingMemoryBound(to: Double.self)
            let values = try loader.floats(vector, type: operand.type)
            FloatArithmetic.negate(values, rowCount: frame.rowCount, into: out)
            return Value(
                Vector(
                    rowCount: frame.rowCount, content: .float64(out), validity: vector.validity))
        }
        guard case .integers(let source) = vector.content, !operand.type.isUnsigned64,
            type == .int64 || operand.type != .int64
        else {
            let values = try loader.wide(vector, isUnsigned: operand.type.isUnsigned64)
            WideArithmetic.negate(values, rowCount: frame.rowCount, into: numbers)
            guard type.isIntegerBacked else {
                return Value(
                    Vector(
                        rowCount: frame.rowCount, content: .wide(numbers), validity: vector.validity
                    ))
            }
            try located { () throws(ComputeError) in
                try WideArithmetic.check(
                    numbers, in: type.integerRange ?? 0...0, scope: scope)
            }
            let out = raw.assumingMemoryBound(to: Int64.self)
            CastKernels.narrow(numbers, rowCount: frame.rowCount, into: out)
            return integerValue(out, vector.validity, frame)
        }
        let out = raw.assumingMemoryBound(to: Int64.self)
        let values = try loader.integers(source, rowCount: frame.rowCount)
        try located { () throws(ComputeError) in
            try IntegerArithmetic.negate(values, scope: scope, into: out)
        }
        return integerValue(out, vector.validity, frame)
    }

    private func integerValue(
        _ out: UnsafeMutablePointer<Int64>, _ validity: UnsafePointer<UInt64>?, _ frame: Frame
    ) -> Value {
        Value(
            Vector(
                rowCount: frame.rowCount,
                content: .integers(Vector.Integers(lane: .u64, values: out)), validity: validity))
    }
}
