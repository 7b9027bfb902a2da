internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `date_trunc` and `extract`.
final class TimeNode: ExpressionNode {
    /// What is done to the time.
    enum Function {
        case truncate(CalendarUnit)
        case extract(CalendarField)
    }

    private let function: Function
    private let operand: ExpressionNode
    private let loader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int64>
    private let floats: UnsafeMutablePointer<Double>

    init(
        _ function: Function, _ operand: ExpressionNode, of expression: BoundExpression,
        scratch: Scratch
    ) throws(ServiceError) {
        self.function = function
        self.operand = operand
        loader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int64.self)
        floats = try scratch.take(Double.self)
        super.init(type: expression.type, position: expression.position)
    }

    override var cost: Int { 10 + operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let operandValue = try operand.value(frame)
        let vector = operandValue.vector
        guard case .integers(let source) = vector.content else {
            throw ServiceError(.typeMismatch, "The operand is no time.", position: position)
        }
        let rowCount = frame.rowCount
        let values = try loader.integers(source, rowCount: rowCount)
        switch function {
        case .truncate(let unit) where operand.type == .date:
            unit.truncate(dates: values, rowCount: rowCount, into: numbers)
        case .truncate(let unit):
            unit.truncate(timestamps: values, rowCount: rowCount, into: numbers)
        case .extract(let field) where operand.type == .date:
            field.extract(dates: values, rowCount: rowCount, into: numbers)
        case .extract(let field):
            field.extract(timestamps: values, rowCount: rowCount, into: numbers)
        }
        var content = Vector.Content.integers(Vector.Integers(lane: .u64, values: numbers))
        if type.isFloat {
            // Microseconds to seconds, rounded once.
            CastKernels.toFloat(numbers, scale: 6, rowCount: rowCount, into: floats)
            content = .float64(floats)
        }
        return Value(
            Vector(rowCount: rowCount, content: content, validity: vector.validity),
            bounds: bounds(operandValue.bounds))
    }

    private func bounds(_ operandBounds: ClosedRange<Int128>?) -> ClosedRange<Int128>? {
        switch function {
        case .truncate(let unit):
            ExpressionBounds.truncated(operandBounds, unit, type: operand.type)
        case .extract(let field):
            ExpressionBounds.extracted(operandBounds, field, type: operand.type)
        }
    }
}
