internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// A plan as lines for people: what is done last stands first, and what it is done to below it.
enum Explanation {
    static let columnName = "plan"

    /// The lines of a plan, with what statistics rule out.
    static func lines(_ plan: SelectPlan, _ scan: ScanPlan) -> [String] {
        var lines: [String] = []
        func add(_ text: String) {
            lines.append(String(repeating: "  ", count: lines.count) + text)
        }
        let names = outputNames(plan)
        add("Result: " + plan.outputs.map(\.name).joined(separator: ", "))
        if let limit = limit(plan) { add(limit) }
        if !plan.sortKeys.isEmpty { add(sort(plan, names)) }
        if case .aggregate(let keys, let aggregates) = plan.stage {
            add(group(keys, aggregates, plan))
        }
        if let filter = plan.filter {
            add("Filter: " + named("\(filter)", scanNames(plan)))
        }
        let depth = String(repeating: "  ", count: lines.count)
        return lines + scanLines(plan, scan).map { depth + $0 }
    }

    private static func limit(_ plan: SelectPlan) -> String? {
        guard plan.limit != nil || plan.offset > 0 else { return nil }
        let limit = plan.limit.map { "\($0)" } ?? "all"
        return "Limit: \(limit)" + (plan.offset > 0 ? ", offset \(plan.offset)" : "")
    }

    private static func sort(_ plan: SelectPlan, _ names: [String]) -> String {
        let keys = plan.sortKeys.map { named("\($0)", names) }.joined(separator: ", ")
        guard let limit = plan.limit else { return "Sort: \(keys)" }
        return "Top \(limit + plan.offset) by: \(keys)"
    }

    private static func group(
        _ keys: [BoundExpression], _ aggregates: [AggregateCall], _ plan: SelectPlan
    ) -> String {
        let names = scanNames(plan)
        let calls = aggregates.map { named("\($0)", names) }.joined(separator: ", ")
        guard !keys.isEmpty else {
            let isKnown = plan.filter == nil && aggregates.allSatisfy { $0.argument == nil }
            return "Aggregate: \(calls)" + (isKnown ? " (row counts are known)" : "")
        }
        let list = keys.map { named("\($0)", names) }.joined(separator: ", ")
        return "Group by: \(list)" + (calls.isEmpty ? "" : "; \(calls)")
    }

    private static func scanLines(_ plan: SelectPlan, _ scan: ScanPlan) -> [String] {
        guard let table = plan.table else { return ["One row"] }
        let rows = scan.morsels.reduce(0) { $0 + $1.rowCount }
        let blocks = scan.morsels.count
        var lines = [
            "Scan: \(table.name) (\(scanNames(plan).joined(separator: ", ")))",
            "  Blocks: \(blocks) of \(blocks + scan.blocksSkipped) to read, "
                + "\(scan.blocksSkipped) ruled out by statistics",
            "  Rows: \(rows) of \(rows + scan.rowsSkipped) to read",
        ]
        for predicate in plan.scanPredicates {
            lines.append("  Pushed down: " + text(predicate, table))
        }
        return lines
    }

    private static func text(_ predicate: ScanPredicate, _ table: TableDefinition) -> String {
        let column = table.columns.first { $0.id == predicate.columnID }
        let name = column?.name ?? "#\(predicate.columnID)"
        func range(_ min: String?, _ max: String?) -> String {
            if let min, min == max { return "\(name) = \(min)" }
            return "\(name) from \(min ?? "the least") to \(max ?? "the greatest")"
        }
        func quoted(_ bytes: [UInt8]) -> String { "'\(String(decoding: bytes, as: UTF8.self))'" }
        return switch predicate.test {
        case .isNull: "\(name) IS NULL"
        case .isNotNull: "\(name) IS NOT NULL"
        case .integers(let min, let max):
            range(min.map { "\($0)" }, max.map { "\($0)" })
                + ((column?.type.isInteger ?? true) ? "" : " (as stored)")
        case .floats(let min, let max): range(min.map { "\($0)" }, max.map { "\($0)" })
        case .strings(let min, let max): range(min.map(quoted), max.map(quoted))
        }
    }

    // MARK: Names

    private static func scanNames(_ plan: SelectPlan) -> [String] {
        guard let table = plan.table else { return [] }
        return plan.scanColumns.map { table.columns[$0].name }
    }

    /// What `#i` means in outputs and sort keys.
    private static func outputNames(_ plan: SelectPlan) -> [String] {
        let names = scanNames(plan)
        guard case .aggregate(let keys, let aggregates) = plan.stage else { return names }
        return keys.map { named("\($0)", names) } + aggregates.map { named("\($0)", names) }
    }

    /// The text with `#i` outside of quotes replaced by name `i`.
    private static func named(_ text: String, _ names: [String]) -> String {
        var result: [UInt8] = []
        let bytes = Array(text.utf8)
        var isQuoted = false
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if byte == UInt8(ascii: "'") { isQuoted.toggle() }
            guard byte == UInt8(ascii: "#"), !isQuoted else {
                result.append(byte)
                continue
            }
            var number = 0
            while index < bytes.count, bytes[index] >= 48, bytes[index] <= 57, number < 100_000 {
                number = number * 10 + Int(bytes[index] - 48)
                index += 1
            }
            result += number < names.count ? Array(names[number].utf8) : [byte]
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// The lines as the one column of a result.
    static func column(_ lines: [String]) -> [ColumnBuilder] {
        var column = ColumnBuilder(name: columnName, type: .string)
        for line in lines { column.append(.string(Array(line.utf8))) }
        return [column]
    }
}
