import StoaModel
import StoaQuery

/// What the tests of this target share.
enum Fixture {
    /// A table with a column of every type, one of them NOT NULL, and one with quoted names.
    static let catalog = Catalog(tables: [
        TableDefinition(
            id: 7, name: "trades",
            columns: columns([
                ("id", .int64), ("ticker", .string), ("price", .decimal(precision: 18, scale: 4)),
                ("quantity", .int32), ("fee", .float64), ("ratio", .float32), ("day", .date),
                ("time", .timestamp), ("active", .bool), ("tiny", .int8), ("small", .int16),
                ("utiny", .uint8), ("usmall", .uint16), ("uint", .uint32), ("big", .uint64),
                ("share", .decimal(precision: 4, scale: 2)),
            ])),
        TableDefinition(
            id: 9, name: "Odd Names",
            columns: columns([("Wildlife Size", .string), ("cost: $", .int64), ("All", .int64)])),
    ])

    private static func columns(_ list: [(String, ColumnType)]) -> [ColumnDefinition] {
        list.enumerated().map { index, column in
            ColumnDefinition(
                id: UInt32(index + 1), name: column.0, type: column.1,
                isNullable: column.0 != "id")
        }
    }

    static func bind(_ sql: String) throws(QueryError) -> BoundStatement {
        try Binder.bind(try Parser.parse(Array(sql.utf8)), catalog: catalog)
    }

    /// The plan of a SELECT; nil for any other statement.
    static func plan(_ sql: String) throws(QueryError) -> SelectPlan? {
        guard case .select(let plan) = try bind(sql) else { return nil }
        return plan
    }

    /// The error of a statement that must be refused.
    static func error(_ sql: String) -> QueryError? {
        do throws(QueryError) {
            _ = try bind(sql)
            return nil
        } catch {
            return error
        }
    }

    /// One line for any bound statement.
    static func text(_ statement: BoundStatement) -> String {
        switch statement {
        case .select(let plan): return plan.description
        case .explain(let plan, let isAnalyze):
            return "explain\(isAnalyze ? " analyze" : "") \(plan.description)"
        case .kill(let queryID): return "kill \(queryID)"
        case .set(let setting): return "set \(setting.name ?? "all") \(setting.value ?? "default")"
        case .showSetting(let name, _): return "show \(name)"
        case .showSettings: return "show settings"
        case .listing(let listing): return "list \(listing)"
        case .flush: return "flush"
        case .createTable(let create):
            let columns = create.columns.map {
                "\($0.name) \($0.type)\($0.isNullable ? "" : " not null")"
            }
            return "create \(create.name)\(create.ifNotExists ? " if new" : "") "
                + "(\(columns.joined(separator: ", ")))"
                + (create.timeColumn.map { " time \($0)" } ?? "")
                + (create.sortColumns.isEmpty
                    ? "" : " sorted by \(create.sortColumns.joined(separator: ", "))")
        case .dropTable(let id, let name): return "drop \(id) \(name)"
        case .dropNothing(let name): return "drop nothing called \(name)"
        case .renameTable(let id, let newName): return "rename \(id) to \(newName)"
        case .changeColumn(let id, .add(let column, let ifNotExists)):
            return "add to \(id) \(column.name) \(column.type)\(ifNotExists ? " if new" : "")"
        case .changeColumn(let id, .drop(let columnID)): return "drop of \(id) column \(columnID)"
        case .changeColumn(let id, .rename(let columnID, let name)):
            return "rename of \(id) column \(columnID) to \(name)"
        case .truncate(let id): return "truncate \(id)"
        case .dropDamagedRows(let id): return "drop damaged rows of \(id)"
        case .showTables: return "show tables"
        case .describe(let table): return "describe \(table.name)"
        case .insert(let insert):
            return "insert into \(insert.table.name) \(insert.batch.rowCount) rows"
        }
    }
}

/// Statements with what becomes of them, written as a table: `?` begins a statement, `=` or `!`
/// what is expected; lines that begin with blanks go on.
struct ExpectationTable {
    var entries: [(statement: String, expected: String)] = []

    init(_ text: String) {
        var isStatement = true
        for line in text.split(separator: "\n") {
            let rest = line.dropFirst(2)
            switch line.first {
            case "?":
                entries.append((String(rest), ""))
                isStatement = true
            case "=", "!":
                entries[entries.count - 1].expected = String(rest)
                isStatement = false
            default:
                if isStatement {
                    entries[entries.count - 1].statement += " " + rest
                } else {
                    entries[entries.count - 1].expected += " " + rest
                }
            }
        }
    }
}

extension QueryError {
    /// `CODE at offset «piece of text»: message | hint`
    func line(_ sql: String) -> String {
        let bytes = Array(sql.utf8)
        let place = position.map {
            " at \($0.lowerBound) «\(String(decoding: bytes[$0], as: UTF8.self))»"
        }
        return "\(code.name)\(place ?? ""): \(message)\(hint.map { " | \($0)" } ?? "")"
    }
}
