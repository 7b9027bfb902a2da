internal import StoaModel

/// Binds expressions of one statement and collects the columns and aggregates they use.
///
/// Nodes are bound in the order they stand in the tree, children first, in a loop: the depth of
/// an expression costs no stack. While a SELECT is being bound, `column(aggregateBase + i)` is
/// aggregate `i`.
struct ExpressionBinder {
    /// Where an expression stands: what it may use.
    enum Clause: Equatable {
        case selectList, filter, grouping, having, ordering, values

        /// As messages name it.
        var text: String {
            switch self {
            case .selectList: "the select list"
            case .filter: "WHERE"
            case .grouping: "GROUP BY"
            case .having: "HAVING"
            case .ordering: "ORDER BY"
            case .values: "VALUES"
            }
        }
    }

    /// An output that later clauses can name.
    private struct Alias {
        let name: String
        let expression: BoundExpression
        let hasAggregate: Bool
    }

    static let aggregateBase = 1 << 40

    let tree: SyntaxTree
    let text: [UInt8]
    let context: BindContext
    var table: TableDefinition?
    /// What qualifies a column: the table's alias, else its name.
    var tableName: String?
    var clause = Clause.selectList
    /// Outputs by their names in lower case.
    private var aliases: [String: [Alias]] = [:]
    /// Positions in `table.columns`, in the order of first use.
    private(set) var scanColumns: [Int] = []
    private var scanPositions: [Int: Int] = [:]
    private(set) var aggregates: [AggregateCall] = []
    private var aggregatePositions: [AggregateCall: Int] = [:]
    /// The nodes bound so far of the expression at hand, which begins at `firstID`.
    private var bound: [BoundExpression] = []
    private var firstID = 0
    /// Whether the statement has an INTERVAL, so that none may be left over.
    private var hasIntervals = false

    init(_ statement: Statement, _ context: BindContext = BindContext()) {
        tree = statement.tree
        text = statement.text
        self.context = context
    }

    /// The expression, its names resolved against the table and the aliases.
    mutating func bind(
        _ syntax: ExpressionSyntax, in clause: Clause
    ) throws(QueryError) -> BoundExpression {
        self.clause = clause
        firstID = syntax.nodes.lowerBound
        bound.removeAll(keepingCapacity: true)
        for id in syntax.nodes { bound.append(try bind(tree[id])) }
        let result = bound[syntax.nodes.count - 1]
        try checkIntervals(result)
        try checkCertain(result)
        return result
    }

    /// The operand of the node being bound.
    private func operand(_ id: SyntaxTree.ID) -> BoundExpression { bound[id - firstID] }

    private mutating func bind(_ node: SyntaxTree.Node) throws(QueryError) -> BoundExpression {
        let position = node.position
        switch node.kind {
        case .column(let names): return try column(names, position)
        case .whole(let number): return literal(.integer(Int128(number)), .int64, position)
        case .number, .floatNumber, .string, .boolean, .null:
            return try constant(node.kind, position)
        case .plus(let id): return try sign(operand(id), position)
        case .negate(let id): return try negation(try sign(operand(id), position), position)
        case .not(let id):
            let condition = try condition(operand(id))
            return try make(.not(condition), .bool, condition.isNullable, position)
        case .arithmetic(let operation, let left, let right):
            return try arithmetic(operation, operand(left), operand(right), position)
        case .compare(let comparison, let left, let right):
            return try compare(comparison, operand(left), operand(right), position)
        case .and(let list): return try logical(list.map(operand), isAnd: true, position)
        case .or(let list): return try logical(list.map(operand), isAnd: false, position)
        case .isNull(let id, let isNegated):
            return try make(.isNull(operand(id), isNegated: isNegated), .bool, false, position)
        case .between(let id, let low, let high, let isNegated):
            let range = (low: operand(low), high: operand(high))
            return try between(operand(id), range, isNegated: isNegated, position)
        case .inList(let id, let list, let isNegated):
            let items = list.map(operand)
            return try inList(operand(id), items, isNegated: isNegated, position)
        case .like(let id, let pattern, let escape, let ignoresCase, let isNegated):
            return try like(
                operand(id), operand(pattern), escape: escape.map(operand),
                ignoresCase: ignoresCase, isNegated: isNegated, position)
        case .isDistinct(let left, let right, let isNegated):
            return try distinction(
                operand(left), operand(right), isNegated: isNegated, position)
        case .choose(let conditions, let results, let otherwise):
            return try choice(
                conditions.map(operand), results.map(operand), otherwise.map(operand), position)
        case .concatenate(let left, let right):
            return try concatenation([operand(left), operand(right)], position)
        case .interval(let interval):
            // The type is never seen: an interval is gone when its expression is bound.
            hasIntervals = true
            return try make(.interval(interval), .int64, false, position)
        case .parameter(let name): return try parameter(name, position)
        case .cast(let id, let type): return try cast(operand(id), to: type, position)
        case .tryCast(let id, let type): return try tryCast(operand(id), to: type, position)
        case .call(let function, let arguments, let isStar):
            if isStar { return try starCall(function, position) }
            return try call(function, arguments.map(operand), position)
        case .aggregateCall(let function, let arguments, let isStar, let isDistinct, let filter):
            let modifiers = AggregateModifiers(
                isStar: isStar, isDistinct: isDistinct, filter: filter.map(operand))
            return try aggregateCall(function, arguments.map(operand), modifiers, position)
        case .extract(let field, let id): return try extract(field, operand(id), position)
        }
    }

    /// An INTERVAL is no value of a column: it must have met a time.
    private func checkIntervals(_ expression: BoundExpression) throws(QueryError) {
        guard hasIntervals else { return }
        var pending = [expression]
        while let next = pending.popLast() {
            if case .interval = next.node {
                throw QueryError(
                    .typeMismatch, "An INTERVAL cannot stand alone.", position: next.position,
                    hint: "Add it to a TIMESTAMP or DATE, or give it to time_bucket.")
            }
            pending.append(contentsOf: next.node.children)
        }
    }

    /// Refuses a CAST of a constant that fails and that every row would meet: outside of branches.
    func checkCertain(_ expression: BoundExpression) throws(QueryError) {
        var pending = [expression]
        while let next = pending.popLast() {
            switch next.node {
            case .column, .literal: continue
            case .cast(let operand):
                if let value = operand.literal {
                    do throws(CastFailure) {
                        _ = try LiteralCast.cast(value, from: operand.type, to: next.type)
                    } catch {
                        throw Self.error(
                            error, from: operand.type, to: next.type, position: next.position)
                    }
                }
                pending.append(operand)
            case .choose(let conditions, _): pending.append(conditions[0])
            case .and(let operands), .or(let operands): pending.append(operands[0])
            default: pending.append(contentsOf: next.node.children)
            }
        }
    }

    /// The value of an expression whose operands are constants, unless computing it fails.
    private func folded(_ expression: BoundExpression) -> Literal? {
        guard let fold = context.fold else { return nil }
        let parts = expression.node.children
        guard !parts.isEmpty, parts.allSatisfy({ $0.literal != nil }),
            let value = fold(expression), value != .null
        else { return nil }
        return value
    }

    // MARK: Making

    /// A node, within the limits of a statement.
    func make(
        _ node: BoundExpression.Node, _ type: ColumnType, _ isNullable: Bool,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let made = BoundExpression(
            node: node, type: type, isNullable: isNullable, position: position)
        try context.checkStop()
        if let value = folded(made) { return literal(value, type, position) }
        guard made.depth <= QueryLimits.depthLimit else {
            throw QueryError(
                .queryTooDeep,
                "The expression has more than \(QueryLimits.depthLimit) levels.",
                position: position)
        }
        guard made.nodeCount <= QueryLimits.nodeCountLimit else {
            throw QueryError(
                .queryTooLarge,
                "The expression has more than \(QueryLimits.nodeCountLimit) parts after its "
                    + "names are replaced by what they mean.", position: position)
        }
        return made
    }

    func literal(
        _ value: Literal, _ type: ColumnType, _ position: Range<Int>
    ) -> BoundExpression {
        BoundExpression(
            node: .literal(value), type: type, isNullable: value == .null, position: position)
    }

    // MARK: Columns and aggregates

    private mutating func column(
        _ names: [Identifier], _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let name = names[names.count - 1]
        guard let table else {
            if names.count == 1, let alias = try alias(name) { return alias }
            if names.count == 1, let value = systemWord(name, position) { return value }
            throw QueryError(
                .unknownColumn, "There is no column \"\(name.text)\".", position: position,
                hint: clause == .values
                    ? "Text is quoted with single quotes, names with double quotes."
                    : "The statement has no FROM.")
        }
        try checkQualifier(names.dropLast())
        if let index = TableScope.column(name, in: table.columns) {
            return scanColumn(index, of: table, position)
        }
        if names.count == 1, let alias = try alias(name) { return alias }
        if names.count == 1, let value = systemWord(name, position) { return value }
        let outputs = clause == .selectList ? [] : aliases.values.joined().map(\.name).sorted()
        throw TableScope.unknownColumn(name, table: table, aliases: outputs)
    }

    /// Column `index` of the table, which is read from now on.
    mutating func scanColumn(
        _ index: Int, of table: TableDefinition, _ position: Range<Int>
    ) -> BoundExpression {
        let scanIndex: Int
        if let known = scanPositions[index] {
            scanIndex = known
        } else {
            scanIndex = scanColumns.count
            scanColumns.append(index)
            scanPositions[index] = scanIndex
        }
        let column = table.columns[index]
        return BoundExpression(
            node: .column(scanIndex), type: column.type, isNullable: column.isNullable,
            position: position)
    }

    private func checkQualifier(_ names: ArraySlice<Identifier>) throws(QueryError) {
        guard let qualifier = names.last, let tableName else { return }
        if names.count == 2, let schema = names.first {
            try TableScope.checkSchema(QualifiedName(schema: schema, name: qualifier))
        }
        guard qualifier.matches(tableName) else {
            throw QueryError(
                .unknownTable, "There is no table \"\(qualifier.text)\" in this statement.",
                position: qualifier.position, hint: "Its table is \"\(tableName)\".")
        }
    }

    /// Lets the clauses behind the select list name an output.
    mutating func addAlias(_ name: String, _ expression: BoundExpression) {
        let known = aliases[Names.folded(name)] ?? []
        guard !known.contains(where: { $0.name == name && $0.expression == expression }) else {
            return
        }
        let alias = Alias(
            name: name, expression: expression, hasAggregate: hasAggregate(expression))
        aliases[Names.folded(name), default: []].append(alias)
    }

    /// The output called `name`, in the clauses that may use outputs.
    func alias(_ name: Identifier) throws(QueryError) -> BoundExpression? {
        guard clause != .selectList, clause != .values else { return nil }
        let found = aliases[name.folded, default: []].filter { name.matches($0.name) }
        guard let first = found.first else { return nil }
        guard found.allSatisfy({ $0.expression == first.expression }) else {
            throw QueryError(
                .duplicateColumn, "More than one output is called \"\(name.text)\".",
                position: name.position, hint: "Give them different names with AS.")
        }
        if clause != .ordering, clause != .having, first.hasAggregate {
            throw aggregateNotAllowed(name.position)
        }
        return first.expression
    }

    /// Whether an aggregate is part of the expression.
    func hasAggregate(_ expression: BoundExpression) -> Bool {
        expression.columnIndexes.contains { $0 >= Self.aggregateBase }
    }

    func aggregateNotAllowed(_ position: Range<Int>) -> QueryError {
        QueryError(
            .groupingError, "An aggregate cannot stand in \(clause.text).", position: position,
            hint: clause == .filter ? "WHERE sees rows, before they are grouped." : nil)
    }

    /// A reference to the aggregate, which is computed once however often it is written.
    mutating func aggregate(
        _ call: AggregateCall, _ position: Range<Int>
    ) -> BoundExpression {
        let index = aggregatePositions[call] ?? aggregates.count
        if index == aggregates.count {
            aggregates.append(call)
            aggregatePositions[call] = index
        }
        return BoundExpression(
            node: .column(Self.aggregateBase + index), type: call.type,
            isNullable: call.isNullable, position: position)
    }
}
