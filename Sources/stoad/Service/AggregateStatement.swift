internal import StoaEngine
internal import StoaModel
internal import StoaWire

/// An AGGREGATE request as the statement that says the same: names are quoted and values are
/// parameters, so that it is bound, planned and refused like any other.
struct AggregateStatement {
    private(set) var text = "SELECT "
    private(set) var options: QueryOptions
    private var parameterCount = 0

    init(_ request: AggregateRequest) throws(ServiceError) {
        options = QueryOptions(
            initialCredit: Int(request.initialCredit),
            minimumGeneration: request.minimumGeneration)
        if request.timeoutMilliseconds > 0 {
            options.timeoutSeconds = Double(request.timeoutMilliseconds) / 1_000
        }
        let groups = request.groupColumns.map(Self.group)
        text += (groups + request.calls.map(Self.call)).joined(separator: ", ")
        text += " FROM " + Self.quoted(request.table)
        var conditions: [String] = []
        for filter in request.filters { conditions.append(try condition(filter)) }
        if !conditions.isEmpty { text += " WHERE " + conditions.joined(separator: " AND ") }
        if !groups.isEmpty {
            let positions = (1...groups.count).map(String.init).joined(separator: ", ")
            text += " GROUP BY " + positions
        }
        if !request.orders.isEmpty {
            text += " ORDER BY " + request.orders.map(Self.order).joined(separator: ", ")
        }
        if let limit = request.limit { text += " LIMIT \(min(limit, UInt64(Int64.max)))" }
        if request.offset > 0 { text += " OFFSET \(min(request.offset, UInt64(Int64.max)))" }
    }

    private static func quoted(_ name: String) -> String {
        "\""
            + name.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    private static func group(_ group: AggregateRequest.GroupColumn) -> String {
        let column = quoted(group.column)
        guard group.bucketMicroseconds > 0 else { return column }
        let width = "INTERVAL '\(group.bucketMicroseconds) microseconds'"
        return "time_bucket(\(width), \(column), TIMESTAMP '1970-01-01') AS \(column)"
    }

    private static func call(_ call: AggregateRequest.Call) -> String {
        let function =
            switch call.function {
            case .countAll, .count: "count"
            case .sum: "sum"
            case .avg: "avg"
            case .min: "min"
            case .max: "max"
            }
        let argument = call.function == .countAll ? "*" : quoted(call.column)
        return "\(function)(\(argument))" + (call.name.isEmpty ? "" : " AS \(quoted(call.name))")
    }

    private static func order(_ order: AggregateRequest.Order) -> String {
        "\(UInt64(order.outputIndex) + 1)" + (order.isDescending ? " DESC" : " ASC")
            + (order.areNullsFirst ? " NULLS FIRST" : " NULLS LAST")
    }

    private mutating func condition(
        _ filter: AggregateRequest.Filter
    ) throws(ServiceError) -> String {
        var values: [String] = []
        for value in filter.values {
            guard let literal = value.literal else {
                throw ServiceError(.invalidValue, "A filter's bytes are no \(value.type).")
            }
            options.addParameter(name: "", literal, type: value.type)
            parameterCount += 1
            values.append("$\(parameterCount)")
        }
        let wanted = filter.comparison.valueCount
        guard wanted == nil || values.count == wanted, wanted != nil || !values.isEmpty else {
            throw ServiceError(.invalidValue, "A filter has the wrong number of values.")
        }
        let column = Self.quoted(filter.column)
        return switch filter.comparison {
        case .equal: "\(column) = \(values[0])"
        case .notEqual: "\(column) <> \(values[0])"
        case .less: "\(column) < \(values[0])"
        case .lessOrEqual: "\(column) <= \(values[0])"
        case .greater: "\(column) > \(values[0])"
        case .greaterOrEqual: "\(column) >= \(values[0])"
        case .isNull: "\(column) IS NULL"
        case .isNotNull: "\(column) IS NOT NULL"
        case .isIn: "\(column) IN (\(values.joined(separator: ", ")))"
        }
    }
}

extension AggregateRequest.Operator {
    /// How many values it takes; nil: one or more.
    fileprivate var valueCount: Int? {
        switch self {
        case .isNull, .isNotNull: 0
        case .isIn: nil
        default: 1
        }
    }
}
