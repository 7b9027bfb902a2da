internal import StoaModel

/// Turns an expression over rows into one over groups: what equals a key becomes that key's
/// column, aggregates follow behind the keys, and a column that is left is an error.
struct Regrouping {
    private let keys: [BoundExpression]
    private let positions: [BoundExpression: Int]
    private let table: TableDefinition?
    private let scanColumns: [Int]

    init(keys: [BoundExpression], table: TableDefinition?, scanColumns: [Int]) {
        self.keys = keys
        positions = Dictionary(
            keys.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.table = table
        self.scanColumns = scanColumns
    }

    /// Recurses at most `QueryLimits.depthLimit` deep.
    func apply(_ expression: BoundExpression) throws(QueryError) -> BoundExpression {
        if let index = positions[expression] {
            // A constant key needs no look at the groups.
            if expression.literal != nil { return expression }
            return replaced(expression, .column(index))
        }
        switch expression.node {
        case .literal: return expression
        case .column(let index):
            if index >= ExpressionBinder.aggregateBase {
                return replaced(
                    expression, .column(keys.count + index - ExpressionBinder.aggregateBase))
            }
            throw notGrouped(index, expression.position)
        default: return replaced(expression, try children(of: expression.node))
        }
    }

    private func children(
        of node: BoundExpression.Node
    ) throws(QueryError) -> BoundExpression.Node {
        switch node {
        case .column, .literal, .interval: return node
        case .negate(let operand): return .negate(try apply(operand))
        case .arithmetic(let operation, let left, let right):
            return .arithmetic(operation, try apply(left), try apply(right))
        case .compare(let comparison, let left, let right):
            return .compare(comparison, try apply(left), try apply(right))
        case .and(let operands): return .and(try applyAll(operands))
        case .or(let operands): return .or(try applyAll(operands))
        case .not(let operand): return .not(try apply(operand))
        case .isNull(let operand, let isNegated):
            return .isNull(try apply(operand), isNegated: isNegated)
        case .inList(let operand, let list, let hasNull, let isNegated):
            return .inList(try apply(operand), list, hasNull: hasNull, isNegated: isNegated)
        case .like(let operand, let pattern, let isNegated):
            return .like(try apply(operand), pattern: pattern, isNegated: isNegated)
        case .cast(let operand): return .cast(try apply(operand))
        case .dateTrunc(let unit, let operand): return .dateTrunc(unit, try apply(operand))
        case .extract(let field, let operand): return .extract(field, try apply(operand))
        case .choose(let conditions, let results):
            return .choose(
                conditions: try applyAll(conditions), results: try applyAll(results))
        case .call(let function, let operands): return .call(function, try applyAll(operands))
        case .shift(let operand, let interval): return .shift(try apply(operand), interval)
        case .timeBucket(let bucket, let operand):
            return .timeBucket(bucket, try apply(operand))
        case .dateDiff(let unit, let left, let right):
            return .dateDiff(unit, try apply(left), try apply(right))
        }
    }

    private func applyAll(
        _ operands: [BoundExpression]
    ) throws(QueryError) -> [BoundExpression] {
        var result: [BoundExpression] = []
        for operand in operands { result.append(try apply(operand)) }
        return result
    }

    private func replaced(
        _ expression: BoundExpression, _ node: BoundExpression.Node
    ) -> BoundExpression {
        BoundExpression(
            node: node, type: expression.type, isNullable: expression.isNullable,
            position: expression.position)
    }

    private func notGrouped(_ index: Int, _ position: Range<Int>) -> QueryError {
        let name = table?.columns[scanColumns[index]].name ?? ""
        return QueryError(
            .groupingError,
            "Column \"\(name)\" is neither in GROUP BY nor in an aggregate.", position: position,
            hint: "Add it to GROUP BY, or take min(…) or max(…) of it.")
    }
}
