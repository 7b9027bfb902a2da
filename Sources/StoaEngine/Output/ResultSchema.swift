internal import StoaModel
internal import StoaQuery

/// Names and types of a result's columns.
struct ResultSchema {
    var names: [String]
    var types: [ColumnType]

    init(names: [String], types: [ColumnType]) {
        self.names = names
        self.types = types
    }

    init(_ plan: SelectPlan) {
        self.init(names: plan.outputs.map(\.name), types: plan.outputs.map(\.type))
    }

    func builders() -> [ColumnBuilder] {
        zip(names, types).map { ColumnBuilder(name: $0, type: $1) }
    }
}
