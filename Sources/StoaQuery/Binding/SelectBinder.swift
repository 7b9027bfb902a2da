internal import StoaBase
internal import StoaModel

/// Makes the plan of a SELECT: select list first, then WHERE, GROUP BY and ORDER BY, which may
/// name its outputs.
struct SelectBinder {
    private struct Item {
        let name: String
        let expression: BoundExpression
        let position: Range<Int>
    }

    private let select: SelectSyntax
    private let tree: SyntaxTree
    private let text: [UInt8]
    private var binder: ExpressionBinder
    private var items: [Item] = []
    private var nodeCount = 0
    /// Whether different groups may give rows that DISTINCT takes for one.
    private var hasEqualGroups = false

    /// The plan of `select`, which is `statement`'s.
    static func bind(
        _ select: SelectSyntax, of statement: Statement, catalog: Catalog,
        context: BindContext = BindContext()
    ) throws(QueryError) -> SelectPlan {
        var binder = SelectBinder(select, statement, context)
        return try binder.plan(catalog)
    }

    private init(_ select: SelectSyntax, _ statement: Statement, _ context: BindContext) {
        self.select = select
        tree = statement.tree
        text = statement.text
        binder = ExpressionBinder(statement, context)
    }

    private mutating func plan(_ catalog: Catalog) throws(QueryError) -> SelectPlan {
        if let name = select.table {
            let table = try TableScope.table(name, in: catalog)
            binder.table = table
            binder.tableName = select.tableAlias?.text ?? table.name
        }
        for item in select.items {
            try bindItem(item)
            try binder.context.checkStop()
            guard items.count <= Limits.columnCountLimit else {
                throw QueryError(
                    .queryTooLarge, "A result has at most \(Limits.columnCountLimit) columns.",
                    position: items.last?.position)
            }
        }
        for item in items { binder.addAlias(item.name, item.expression) }
        let filter = try filter()
        let having = try groupFilter()
        let orders = try sortKeys()
        let keys = try distinctKeys(try groupingKeys())
        let isGrouped = keys != nil || !binder.aggregates.isEmpty || having != nil
        let regrouping = Regrouping(
            keys: keys ?? [], table: binder.table, scanColumns: binder.scanColumns)
        var names = OutputNames()
        var outputs: [SelectPlan.OutputColumn] = []
        for item in items {
            let expression = isGrouped ? try regrouping.apply(item.expression) : item.expression
            outputs.append(
                SelectPlan.OutputColumn(name: names.unique(item.name), expression: expression))
        }
        let stage: SelectPlan.Stage =
            isGrouped ? .aggregate(keys: keys ?? [], aggregates: binder.aggregates) : .rows
        var plan = SelectPlan(
            table: binder.table, scanColumns: binder.scanColumns, stage: stage, outputs: outputs)
        plan.filter = filter
        plan.having = try having.map { condition throws(QueryError) in
            try regrouping.apply(condition)
        }
        if plan.having?.literal == .bool(true) { plan.having = nil }
        for order in orders {
            let key = isGrouped ? try regrouping.apply(order.expression) : order.expression
            // A constant sorts nothing, and neither does a key that was there before.
            guard key.literal == nil, !plan.sortKeys.contains(where: { $0.expression == key })
            else { continue }
            plan.sortKeys.append(
                SelectPlan.SortKey(
                    expression: key, isDescending: order.isDescending,
                    isNullsFirst: order.isNullsFirst))
        }
        plan.limit = try rowCount(select.limitParameter) ?? select.limit
        plan.offset = try rowCount(select.offsetParameter) ?? select.offset
        if let position = select.distinct, hasEqualGroups { try makeDistinct(&plan, position) }
        return plan
    }

    // MARK: The select list

    private mutating func bindItem(_ item: SelectSyntax.Item) throws(QueryError) {
        switch item {
        case .all(let qualifier, let position): try bindAll(of: qualifier, position)
        case .expression(let syntax, let alias, let label):
            let expression = try counted(try binder.bind(syntax, in: .selectList))
            var name = alias?.text ?? label
            if alias == nil, case .column = tree[syntax.root].kind, let table = binder.table,
                case .column(let index) = expression.node
            {
                name = table.columns[binder.scanColumns[index]].name
            }
            items.append(Item(name: name, expression: expression, position: syntax.position))
        }
    }

    private mutating func bindAll(
        of qualifier: Identifier?, _ position: Range<Int>
    ) throws(QueryError) {
        guard let table = binder.table, let tableName = binder.tableName else {
            throw QueryError(
                .syntaxError, "SELECT * needs a FROM.", position: position)
        }
        if let qualifier, !qualifier.matches(tableName) {
            throw QueryError(
                .unknownTable, "There is no table \"\(qualifier.text)\" in this statement.",
                position: qualifier.position, hint: "Its table is \"\(tableName)\".")
        }
        for (index, column) in table.columns.enumerated() {
            let expression = binder.scanColumn(index, of: table, position)
            items.append(Item(name: column.name, expression: expression, position: position))
        }
    }

    // MARK: Clauses

    private mutating func filter() throws(QueryError) -> BoundExpression? {
        guard let syntax = select.filter else { return nil }
        let condition = try binder.condition(try binder.bind(syntax, in: .filter))
        return condition.literal == .bool(true) ? nil : try counted(condition)
    }

    private mutating func groupFilter() throws(QueryError) -> BoundExpression? {
        guard let syntax = select.having else { return nil }
        return try counted(try binder.condition(try binder.bind(syntax, in: .having)))
    }

    /// Sorts by all outputs, behind what is sorted by already, so that equal rows are neighbours.
    private func makeDistinct(
        _ plan: inout SelectPlan, _ position: Range<Int>
    ) throws(QueryError) {
        let outputs = plan.outputs.map(\.expression)
        for key in plan.sortKeys where !outputs.contains(key.expression) {
            throw QueryError(
                .groupingError, "ORDER BY beside DISTINCT takes outputs only.",
                position: key.expression.position, hint: "Select what the rows are sorted by.")
        }
        let known = plan.sortKeys.map(\.expression)
        for output in outputs where output.literal == nil && !known.contains(output) {
            plan.sortKeys.append(
                SelectPlan.SortKey(expression: output, isDescending: false, isNullsFirst: false))
        }
        plan.isDistinct = true
        if plan.sortKeys.isEmpty {
            // Nothing but constants: all rows are one.
            plan.limit = plan.offset == 0 ? min(plan.limit ?? 1, 1) : 0
        }
    }

    /// DISTINCT groups by all outputs; groups that are there already may give equal rows.
    private mutating func distinctKeys(
        _ keys: [BoundExpression]?
    ) throws(QueryError) -> [BoundExpression]? {
        guard select.distinct != nil else { return keys }
        let outputs = items.map(\.expression)
        if keys == nil, binder.aggregates.isEmpty, select.having == nil {
            return unique(outputs)
        }
        hasEqualGroups = !(keys ?? []).allSatisfy { $0.literal != nil || outputs.contains($0) }
        return keys
    }

    /// The number of rows that a parameter of LIMIT or OFFSET says.
    private func rowCount(_ syntax: SelectSyntax.RowCount?) throws(QueryError) -> Int? {
        guard let syntax else { return nil }
        var number: Int?
        switch binder.context.parameter(syntax.parameter)?.value {
        case .integer(let value)?: number = Int(exactly: value)
        case .string(let text)?: number = Int(String(decoding: text, as: UTF8.self))
        default: break
        }
        guard let count = number, count >= 0 else {
            throw QueryError(
                .invalidValue, "\(syntax.clause) takes a whole number of rows, 0 or more.",
                position: syntax.position)
        }
        return count
    }

    /// The keys of GROUP BY, each once; nil without GROUP BY.
    private mutating func groupingKeys() throws(QueryError) -> [BoundExpression]? {
        var keys: [BoundExpression] = []
        switch select.grouping {
        case .none: return nil
        case .all:
            keys = items.map(\.expression).filter { !binder.hasAggregate($0) }
        case .keys(let list):
            for syntax in list {
                if let item = try item(at: syntax, clause: .grouping) {
                    binder.clause = .grouping
                    guard !binder.hasAggregate(item.expression) else {
                        throw binder.aggregateNotAllowed(syntax.position)
                    }
                    keys.append(item.expression)
                } else {
                    keys.append(try counted(try binder.bind(syntax, in: .grouping)))
                }
            }
        }
        return unique(keys)
    }

    private func unique(_ expressions: [BoundExpression]) -> [BoundExpression] {
        var known: Set<BoundExpression> = []
        let keys = expressions.filter { known.insert($0).inserted }
        // A constant divides nothing, but without any key there would be a group of no rows.
        let varying = keys.filter { $0.literal == nil }
        return varying.isEmpty ? keys : varying
    }

    private mutating func sortKeys() throws(QueryError) -> [SelectPlan.SortKey] {
        var keys: [SelectPlan.SortKey] = []
        if let all = select.orderAll {
            return items.map {
                SelectPlan.SortKey(
                    expression: $0.expression, isDescending: all.isDescending,
                    isNullsFirst: all.isNullsFirst)
            }
        }
        for order in select.orders {
            let expression: BoundExpression
            if let item = try item(at: order.key, clause: .ordering) {
                expression = item.expression
            } else if case .column(let names) = tree[order.key.root].kind, names.count == 1,
                let named = try output(names[0])
            {
                expression = named
            } else {
                expression = try binder.bind(order.key, in: .ordering)
            }
            keys.append(
                SelectPlan.SortKey(
                    expression: try counted(expression), isDescending: order.isDescending,
                    isNullsFirst: order.isNullsFirst))
        }
        return keys
    }

    /// The output of that name: in ORDER BY a bare name means an output first.
    private mutating func output(_ name: Identifier) throws(QueryError) -> BoundExpression? {
        binder.clause = .ordering
        return try binder.alias(name)
    }

    /// The item that a bare whole number means; nil for any other expression.
    private func item(
        at syntax: ExpressionSyntax, clause: ExpressionBinder.Clause
    ) throws(QueryError) -> Item? {
        guard case .number = tree[syntax.root].kind, syntax.nodes.count == 1,
            !text[syntax.position].contains(UInt8(ascii: "."))
        else { return nil }
        let position = tree[syntax.root].position
        let number = Int(String(decoding: text[position], as: UTF8.self)) ?? Int.max
        guard number >= 1, number <= items.count else {
            throw QueryError(
                .groupingError,
                "\(clause.text) names an output by a position that is not there.",
                position: position, hint: "There are outputs 1 to \(items.count).")
        }
        return items[number - 1]
    }

    /// Aliases and BETWEEN may stand for big expressions; all together have a limit, too.
    private mutating func counted(
        _ expression: BoundExpression
    ) throws(QueryError) -> BoundExpression {
        nodeCount += expression.nodeCount
        guard nodeCount <= 4 * QueryLimits.nodeCountLimit else {
            throw QueryError(
                .queryTooLarge,
                "The statement has too many parts after its names are replaced by what they mean.",
                position: expression.position)
        }
        return expression
    }
}
