internal import StoaCompute
internal import StoaModel

/// AND or OR of several conditions. Each further one is evaluated only for the rows that the ones
/// before left open, so that `x <> 0 AND 1 / x > 2` cannot fail.
final class LogicNode: ConditionNode {
    private let operands: [ExpressionNode]
    private let isAnd: Bool
    private unowned let source: ColumnSource
    private let open: UnsafeMutablePointer<UInt64>

    init(
        isAnd: Bool, _ operands: [ExpressionNode], position: Range<Int>, source: ColumnSource,
        scratch: Scratch
    ) throws(ServiceError) {
        self.isAnd = isAnd
        // What cannot fail goes first, cheapest first; the others keep their order.
        let safe = operands.enumerated().filter { !$0.element.canFail }
            .sorted { ($0.element.cost, $0.offset) < ($1.element.cost, $1.offset) }
            .map(\.element)
        self.operands = safe + operands.filter { $0.canFail }
        self.source = source
        open = try scratch.takeMask()
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { operands.reduce(1) { $0 + $1.cost } }
    override var canFail: Bool { operands.contains { $0.canFail } }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let rowCount = frame.rowCount
        truth.fill(isAnd, rowCount: rowCount)
        var current = frame
        for (index, operand) in operands.enumerated() {
            if index > 0 {
                // Decided: FALSE for AND, TRUE for OR.
                MaskWords.copy(frame.selection, rowCount: rowCount, into: open)
                MaskWords.andNot(
                    open, isAnd ? truth.isFalse : truth.isTrue, rowCount: rowCount)
                if MaskWords.isEmpty(open, rowCount: rowCount) { break }
                current = source.narrowed(frame, to: open)
            }
            let next = try operand.truth(current)
            if isAnd {
                truth.and(next, rowCount: rowCount)
            } else {
                truth.or(next, rowCount: rowCount)
            }
        }
        return truth
    }
}

/// NOT.
final class NotNode: ConditionNode {
    private let operand: ExpressionNode

    init(_ operand: ExpressionNode, position: Range<Int>, scratch: Scratch) throws(ServiceError) {
        self.operand = operand
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        truth.copy(from: try operand.truth(frame).negated, rowCount: frame.rowCount)
        return truth
    }
}

/// IS NULL, IS NOT NULL.
final class IsNullNode: ConditionNode {
    private let operand: ExpressionNode
    private let isNegated: Bool

    init(
        _ operand: ExpressionNode, isNegated: Bool, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.isNegated = isNegated
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 1 + operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let rowCount = frame.rowCount
        let notNull = isNegated ? truth.isTrue : truth.isFalse
        let null = isNegated ? truth.isFalse : truth.isTrue
        MaskWords.fill(null, rowCount: rowCount)
        guard let validity = try operand.value(frame).vector.validity else {
            MaskWords.fill(notNull, rowCount: rowCount)
            MaskWords.clear(null, rowCount: rowCount)
            return truth
        }
        MaskWords.copy(validity, rowCount: rowCount, into: notNull)
        MaskWords.andNot(null, notNull, rowCount: rowCount)
        return truth
    }
}
