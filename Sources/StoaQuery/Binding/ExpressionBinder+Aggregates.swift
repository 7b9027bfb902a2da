internal import StoaModel

/// What stands around the arguments of an aggregate.
struct AggregateModifiers {
    var isStar = false
    var isDistinct = false
    var filter: BoundExpression?
}

/// Aggregates.
extension ExpressionBinder {
    /// What a name of SQL stands for; some are written with other aggregates.
    enum AggregateName: Equatable {
        case plain(AggregateCall.Function)
        case countIf, boolAnd, boolOr, weightedAverage
    }

    static let aggregateNames: [String: AggregateName] = [
        "count": .plain(.count), "sum": .plain(.sum), "avg": .plain(.avg), "mean": .plain(.avg),
        "min": .plain(.min), "max": .plain(.max), "var_pop": .plain(.varPop),
        "var_samp": .plain(.varSamp), "variance": .plain(.varSamp),
        "stddev_pop": .plain(.stddevPop), "stddev_samp": .plain(.stddevSamp),
        "stddev": .plain(.stddevSamp), "first": .plain(.first), "last": .plain(.last),
        "any_value": .plain(.anyValue), "arg_min": .plain(.argMin), "arg_max": .plain(.argMax),
        "min_by": .plain(.argMin), "max_by": .plain(.argMax), "count_if": .countIf,
        "bool_and": .boolAnd, "bool_or": .boolOr, "weighted_avg": .weightedAverage,
    ]

    mutating func aggregateCall(
        _ function: Identifier, _ arguments: [BoundExpression], _ modifiers: AggregateModifiers,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        guard let name = Self.aggregateNames[function.folded] else {
            throw notAggregate(function, position)
        }
        guard clause == .selectList || clause == .ordering || clause == .having else {
            throw aggregateNotAllowed(position)
        }
        for argument in arguments where hasAggregate(argument) {
            throw QueryError(
                .groupingError, "An aggregate cannot stand in an aggregate.", position: position)
        }
        let filter = try filter(modifiers.filter)
        if filter == nil {
            for argument in arguments { try checkCertain(argument) }
        }
        if modifiers.isDistinct, arguments.isEmpty {
            throw QueryError(
                .syntaxError,
                "DISTINCT needs a column\(modifiers.isStar ? ", not a *" : "").",
                position: position, hint: "Rows are counted by count(*).")
        }
        try checkDistinct(name, function, modifiers, position)
        switch name {
        case .plain(.count) where arguments.isEmpty:
            return aggregate(
                AggregateCall(function: .countAll, argument: nil, filter: filter, type: .int64),
                position)
        case .plain(let plain):
            return try plainCall(plain, function, arguments, modifiers, filter, position)
        case .countIf:
            try checkCount(arguments, 1, function, position)
            let condition = try condition(arguments[0])
            let both = try filter.map { filter throws(QueryError) in
                try make(.and([filter, condition]), .bool, true, position)
            }
            return aggregate(
                AggregateCall(
                    function: .countAll, argument: nil, filter: both ?? condition, type: .int64),
                position)
        case .boolAnd, .boolOr:
            try checkCount(arguments, 1, function, position)
            return aggregate(
                AggregateCall(
                    function: name == .boolAnd ? .min : .max,
                    argument: try condition(arguments[0]), filter: filter, type: .bool), position)
        case .weightedAverage:
            try checkCount(arguments, 2, function, position)
            return try weightedAverage(arguments[0], arguments[1], filter, position)
        }
    }

    /// The error of DISTINCT or FILTER with what is no aggregate.
    private func notAggregate(_ function: Identifier, _ position: Range<Int>) -> QueryError {
        guard FunctionCatalog.functionNames.contains(function.folded) else {
            return unknownFunction(function)
        }
        return QueryError(
            .syntaxError,
            "\(function.folded) is no aggregate, so it takes no ALL, DISTINCT, FILTER or *.",
            position: position)
    }

    /// The condition of FILTER; nil when it lets all rows through.
    private mutating func filter(
        _ operand: BoundExpression?
    ) throws(QueryError) -> BoundExpression? {
        guard let operand else { return nil }
        guard !hasAggregate(operand) else {
            throw QueryError(
                .groupingError, "An aggregate cannot stand in FILTER.",
                position: operand.position, hint: "FILTER sees rows, before they are grouped.")
        }
        let condition = try condition(operand)
        return condition.literal == .bool(true) ? nil : condition
    }

    private func checkDistinct(
        _ name: AggregateName, _ function: Identifier, _ modifiers: AggregateModifiers,
        _ position: Range<Int>
    ) throws(QueryError) {
        guard modifiers.isDistinct else { return }
        switch name {
        case .plain(.count), .plain(.sum), .plain(.avg), .plain(.min), .plain(.max),
            .plain(.anyValue), .boolAnd, .boolOr:
            return
        default:
            throw QueryError(
                .notSupported, "DISTINCT in \(function.folded) is not supported.",
                position: position,
                hint: "count, sum, avg, min and max take it.")
        }
    }

    private mutating func plainCall(
        _ plain: AggregateCall.Function, _ function: Identifier, _ arguments: [BoundExpression],
        _ modifiers: AggregateModifiers, _ filter: BoundExpression?, _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        var by: BoundExpression?
        switch plain {
        case .argMin, .argMax:
            try checkCount(arguments, 2, function, position)
            by = typed(arguments[1], as: .int64)
        case .first, .last:
            if arguments.count != 1 { try checkCount(arguments, 2, function, position) }
            by = arguments.count == 2 ? typed(arguments[1], as: .int64) : timeColumn(position)
        default: try checkCount(arguments, 1, function, position)
        }
        let argument = typed(arguments[0], as: .int64)
        guard let type = TypeRules.aggregate(plain, argument.type) else {
            throw QueryError(
                .typeMismatch, "\(function.folded) needs numbers, not \(argument.type).",
                position: argument.position,
                hint: argument.type.isTime ? "min, max and count take it." : "CAST it to a number.")
        }
        let isDistinct =
            modifiers.isDistinct && (plain == .count || plain == .sum || plain == .avg)
        return aggregate(
            AggregateCall(
                function: plain, argument: argument, by: by, isDistinct: isDistinct,
                filter: filter, type: type), position)
    }

    /// The table's designated time column; nil when it has none: then rows have only their order.
    private mutating func timeColumn(_ position: Range<Int>) -> BoundExpression? {
        guard let table, let id = table.timeColumnID,
            let index = table.columns.firstIndex(where: { $0.id == id })
        else { return nil }
        return scanColumn(index, of: table, position)
    }

    /// `sum(x * w) / sum(w)` over the rows where neither is NULL, both sums as FLOAT64.
    private mutating func weightedAverage(
        _ value: BoundExpression, _ weight: BoundExpression, _ filter: BoundExpression?,
        _ position: Range<Int>
    ) throws(QueryError) -> BoundExpression {
        let value = typed(value, as: .int64)
        let weight = typed(weight, as: .int64)
        let product = try arithmetic(.multiply, value, weight, position)
        var conditions = filter.map { [$0] } ?? []
        if value.isNullable {
            conditions.append(
                try make(.isNull(value, isNegated: true), .bool, false, value.position))
        }
        let weightFilter =
            conditions.count > 1
            ? try make(.and(conditions), .bool, true, position) : conditions.first
        var sums: [BoundExpression] = []
        for (argument, filter) in [(product, filter), (weight, weightFilter)] {
            guard let type = TypeRules.aggregate(.sum, argument.type) else {
                throw QueryError(
                    .typeMismatch, "weighted_avg needs numbers, not \(argument.type).",
                    position: argument.position)
            }
            let sum = aggregate(
                AggregateCall(function: .sum, argument: argument, filter: filter, type: type),
                position)
            sums.append(type.isFloat ? sum : try cast(sum, to: .float64, position))
        }
        return try arithmetic(.divide, sums[0], sums[1], position)
    }
}
