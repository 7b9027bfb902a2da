internal import StoaModel

/// A statement as its text says it, before names are looked up.
package struct Statement: Sendable {
    enum Kind: Sendable {
        case select(SelectSyntax)
        case explain(SelectSyntax, isAnalyze: Bool)
        case createTable(CreateTableSyntax)
        case dropTable(QualifiedName, ifExists: Bool)
        case renameTable(QualifiedName, to: Identifier)
        case changeColumn(QualifiedName, ColumnChangeSyntax)
        case truncate(QualifiedName)
        case dropDamagedRows(QualifiedName)
        case flush
        case showTables
        case describe(QualifiedName)
        case insert(InsertSyntax)
        case kill(queryID: UInt64)
        case set(SettingSyntax)
        case showSetting(Identifier)
        case showSettings
        case listing(ListingSyntax)
    }

    let kind: Kind
    let tree: SyntaxTree
    let text: [UInt8]
    /// Every parameter it uses, each as often as it is written.
    var parameters: [ParameterSyntax] = []

    /// Whether running it changes nothing.
    package var isReadOnly: Bool {
        switch kind {
        case .select, .explain, .showTables, .describe, .showSetting, .showSettings, .listing: true
        case .createTable, .dropTable, .renameTable, .changeColumn, .truncate,
            .dropDamagedRows, .insert, .kill, .set, .flush:
            false
        }
    }
}

extension Statement {
    /// The table that the statement makes, changes or fills.
    var changedTable: QualifiedName? {
        switch kind {
        case .select, .explain, .showTables, .describe, .kill, .set, .showSetting, .showSettings,
            .flush, .listing:
            nil
        case .createTable(let create): create.name
        case .dropTable(let name, _), .renameTable(let name, _), .changeColumn(let name, _),
            .truncate(let name), .dropDamagedRows(let name):
            name
        case .insert(let insert): insert.table
        }
    }
}

/// What a parameter is called: `?` counts, `$1` says its place, `$name` and `:name` a name.
enum ParameterName: Hashable, Sendable {
    /// From 1.
    case position(Int)
    case name(String)
}

/// A parameter where it is written.
struct ParameterSyntax: Sendable {
    let name: ParameterName
    let position: Range<Int>
}

/// `table` or `schema.table`.
struct QualifiedName: Sendable {
    let schema: Identifier?
    let name: Identifier

    var position: Range<Int> {
        (schema?.position.lowerBound ?? name.position.lowerBound)..<name.position.upperBound
    }
}

struct SelectSyntax: Sendable {
    enum Item: Sendable {
        /// `*` or `t.*`
        case all(of: Identifier?, position: Range<Int>)
        /// `label`: the normalised text of the expression.
        case expression(ExpressionSyntax, alias: Identifier?, label: String)
    }

    enum Grouping: Sendable {
        case none
        /// `GROUP BY ALL`: every item without an aggregate.
        case all(position: Range<Int>)
        case keys([ExpressionSyntax])
    }

    /// LIMIT or OFFSET by a parameter.
    struct RowCount: Sendable {
        let parameter: ParameterName
        let clause: String
        let position: Range<Int>
    }

    struct Order: Sendable {
        let key: ExpressionSyntax
        let isDescending: Bool
        let isNullsFirst: Bool
    }

    /// `ORDER BY ALL`: every output, in their order.
    struct OrderAll: Sendable {
        let isDescending: Bool
        let isNullsFirst: Bool
    }

    /// `SELECT DISTINCT`: where the word stands.
    var distinct: Range<Int>?
    var items: [Item] = []
    var table: QualifiedName?
    var tableAlias: Identifier?
    var filter: ExpressionSyntax?
    var grouping = Grouping.none
    var having: ExpressionSyntax?
    var orders: [Order] = []
    var orderAll: OrderAll?
    var limit: Int?
    var offset = 0
    var limitParameter: RowCount?
    var offsetParameter: RowCount?
}

/// A statement whose answer needs no row of a table.
enum ListingSyntax: Sendable {
    /// An empty statement, or one that begins or ends a transaction.
    case nothing
    case databases, schemas, functions
    case createTable(QualifiedName)
    /// The outputs of a SELECT.
    case query(SelectSyntax)
    case values([InsertSyntax.Row])
}

struct CreateTableSyntax: Sendable {
    struct Column: Sendable {
        let name: Identifier
        let type: ColumnType
        let typePosition: Range<Int>
        let isNullable: Bool
    }

    let name: QualifiedName
    let columns: [Column]
    let timeColumn: Identifier?
    /// Behind `ORDER BY`; empty without.
    let sortColumns: [Identifier]
    let ifNotExists: Bool
}

/// What `ALTER TABLE` does to one column.
enum ColumnChangeSyntax: Sendable {
    case add(CreateTableSyntax.Column, ifNotExists: Bool)
    case drop(Identifier, ifExists: Bool)
    case rename(Identifier, to: Identifier)
}

/// `SET name = value`, or a RESET.
struct SettingSyntax: Sendable {
    /// Nil: all of them.
    let name: Identifier?
    /// As text, a string without its quotes; nil: what holds when nobody says.
    let value: String?
    let position: Range<Int>
}

struct InsertSyntax: Sendable {
    struct Row: Sendable {
        let values: [ExpressionSyntax]
        let position: Range<Int>
    }

    let table: QualifiedName
    /// Nil: all columns in the table's order.
    let columns: [Identifier]?
    let rows: [Row]
}
