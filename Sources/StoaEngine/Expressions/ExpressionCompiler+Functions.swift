internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// CASE, functions of one row's values, and steps of time.
extension ExpressionCompiler {
    /// The node of a call and its like; nil when there is none.
    func function(_ expression: BoundExpression) throws(ServiceError) -> ExpressionNode? {
        let position = expression.position
        switch expression.node {
        case .choose(let conditions, let results):
            isFrameBound = true
            return try ChooseNode(
                conditions: compile(all: conditions), results: compile(all: results),
                type: expression.type, position: position, source: source, scratch: scratch)
        case .shift(let operand, let interval):
            return try TimeShiftNode(
                compile(operand), by: interval, position: position, scratch: scratch)
        case .timeBucket(let bucket, let operand):
            return try TimeBucketNode(
                compile(operand), bucket, position: position, scratch: scratch)
        case .dateDiff(let unit, let first, let last):
            guard let unit = CalendarUnit(rawValue: unit.rawValue) else { return nil }
            return try DateDiffNode(
                unit, from: compile(first), to: compile(last), position: position,
                scratch: scratch)
        case .call(let function, let operands):
            return try call(function, compile(all: operands), expression)
        default: return nil
        }
    }

    private func compile(
        all expressions: [BoundExpression]
    ) throws(ServiceError) -> [ExpressionNode] {
        var nodes: [ExpressionNode] = []
        for expression in expressions { nodes.append(try compile(expression)) }
        return nodes
    }

    private func call(
        _ function: ScalarFunction, _ operands: [ExpressionNode], _ expression: BoundExpression
    ) throws(ServiceError) -> ExpressionNode? {
        let position = expression.position
        if function.isText {
            guard let text = TextFunction(rawValue: function.rawValue) else { return nil }
            makesText = true
            return try TextFunctionNode(text, operands, position: position, scratch: scratch)
        }
        switch function {
        case .length:
            return try TextMeasureNode(
                .characters, operands, position: position, scratch: scratch)
        case .octetLength:
            return try TextMeasureNode(.bytes, operands, position: position, scratch: scratch)
        case .position:
            return try TextMeasureNode(.position, operands, position: position, scratch: scratch)
        case .startsWith:
            return try TextTestNode(.begins, operands, position: position, scratch: scratch)
        case .endsWith:
            return try TextTestNode(.ends, operands, position: position, scratch: scratch)
        case .contains:
            return try TextTestNode(.contains, operands, position: position, scratch: scratch)
        case .matches:
            return try TextTestNode(.matches, operands, position: position, scratch: scratch)
        case .makeDate, .makeTimestamp:
            return try MakeTimeNode(
                operands, type: expression.type, position: position, scratch: scratch)
        case .tryCast:
            isFrameBound = true
            return try TextCastNode(
                operands[0], to: expression.type, isTry: true, position: position,
                scratch: scratch)
        case .offset:
            return try TimeOffsetNode(
                operands[0], plus: operands[1], position: position, scratch: scratch)
        default: return try number(function, operands, expression)
        }
    }

    private func number(
        _ function: ScalarFunction, _ operands: [ExpressionNode], _ expression: BoundExpression
    ) throws(ServiceError) -> ExpressionNode? {
        if !operands[0].type.isFloat {
            let exact: ExactFunctionNode.Function
            switch function {
            case .abs: exact = .magnitude
            case .sign: exact = .sign
            case .floor: exact = .floor
            case .ceil: exact = .ceil
            default: return nil
            }
            return try ExactFunctionNode(
                exact, operands[0], type: expression.type, position: expression.position,
                scratch: scratch)
        }
        let float: FloatFunctionNode.Function
        switch function {
        case .power: float = .power
        case .toTimestamp: float = .moment
        case .sign: float = .sign
        case .round:
            guard case .call(_, let parts) = expression.node,
                case .integer(let digits)? = parts[1].literal
            else { return nil }
            float = .round(digits: Int(digits))
        default:
            guard let unary = FloatFunction(rawValue: function.rawValue) else { return nil }
            float = .unary(unary)
        }
        return try FloatFunctionNode(
            float, operands, type: expression.type, position: expression.position,
            scratch: scratch)
    }
}
