internal import StoaModel

/// One line per plan and no names of columns: what tests compare and `EXPLAIN` will print.
extension SelectPlan: CustomStringConvertible {
    package var description: String {
        var parts: [String] = []
        if let table {
            let columns = scanColumns.map { table.columns[$0].name }.joined(separator: ", ")
            parts.append("scan \(table.name)(\(columns))")
        } else {
            parts.append("one row")
        }
        if let filter { parts.append("filter \(filter)") }
        if case .aggregate(let keys, let aggregates) = stage {
            parts.append(
                "group [\(keys.map(\.description).joined(separator: ", "))] "
                    + "[\(aggregates.map(\.description).joined(separator: ", "))]")
        }
        if let having { parts.append("having \(having)") }
        let outputs = outputs.map {
            "\($0.name) \($0.type)\($0.expression.isNullable ? "?" : "") = \($0.expression)"
        }
        parts.append("give \(outputs.joined(separator: ", "))")
        if !sortKeys.isEmpty {
            parts.append("sort \(sortKeys.map(\.description).joined(separator: ", "))")
        }
        if isDistinct { parts.append("distinct") }
        if let limit { parts.append("limit \(limit)") }
        if offset > 0 { parts.append("offset \(offset)") }
        return parts.joined(separator: " | ")
    }
}

extension SelectPlan.SortKey: CustomStringConvertible {
    package var description: String {
        "\(expression)\(isDescending ? " desc" : "")\(isNullsFirst ? " nulls first" : "")"
    }
}

extension AggregateCall: CustomStringConvertible {
    package var description: String {
        let arguments = [argument, by].compactMap { $0?.description }.joined(separator: ", ")
        let text = argument == nil ? "*" : (isDistinct ? "distinct " : "") + arguments
        return "\(function.name)(\(text)):\(type)" + (filter.map { " where \($0)" } ?? "")
    }
}

extension BoundExpression: CustomStringConvertible {
    /// `#i` is input column `i`; the types of arithmetic and casts stand behind a colon.
    package var description: String {
        switch node {
        case .column(let index): "#\(index)"
        case .literal(let value): Self.text(value, type)
        case .negate(let operand): "-\(operand):\(type)"
        case .arithmetic(let operation, let left, let right):
            "(\(left) \(operation.symbol) \(right)):\(type)"
        case .compare(let comparison, let left, let right):
            "(\(left) \(comparison.symbol) \(right))"
        case .and(let operands):
            "(\(operands.map(\.description).joined(separator: " and ")))"
        case .or(let operands): "(\(operands.map(\.description).joined(separator: " or ")))"
        case .not(let operand): "not \(operand)"
        case .isNull(let operand, let isNegated): "\(operand) is \(isNegated ? "not " : "")null"
        case .inList(let operand, let list, let hasNull, let isNegated):
            "\(operand) \(isNegated ? "not " : "")in [\(Self.text(list, hasNull, operand.type))]"
        case .like(let operand, let pattern, let isNegated):
            "\(operand) \(isNegated ? "not " : "")like \(Self.text(.string(pattern), .string))"
        case .cast(let operand): "cast(\(operand)):\(type)"
        case .dateTrunc(let unit, let operand): "date_trunc(\(unit.rawValue), \(operand))"
        case .extract(let field, let operand): "extract(\(field.rawValue), \(operand))"
        case .choose(let conditions, let results):
            "case(" + zip(conditions, results).map { "\($0): \($1)" }.joined(separator: ", ")
                + ", else: \(results[conditions.count])):\(type)"
        case .call(let function, let operands):
            "\(function.rawValue)(\(operands.map(\.description).joined(separator: ", "))):\(type)"
        case .shift(let operand, let interval): "(\(operand) + \(interval))"
        case .timeBucket(let bucket, let operand):
            "time_bucket(\(bucket.width) from \(bucket.origin), \(operand))"
        case .dateDiff(let unit, let left, let right):
            "date_diff(\(unit.rawValue), \(left), \(right))"
        case .interval(let interval): "\(interval)"
        }
    }

    private static func text(_ list: [Literal], _ hasNull: Bool, _ type: ColumnType) -> String {
        (list.map { text($0, type) } + (hasNull ? ["null"] : [])).joined(separator: ", ")
    }

    private static func text(_ value: Literal, _ type: ColumnType) -> String {
        if value == .null { return "null:\(type)" }
        if case .string(let bytes) = value { return "'\(String(decoding: bytes, as: UTF8.self))'" }
        let converted = try? LiteralCast.cast(value, from: type, to: .string)
        guard case .string(let bytes)? = converted else { return "?" }
        return "\(String(decoding: bytes, as: UTF8.self)):\(type)"
    }
}
