internal import StoaModel
internal import StoaQuery

/// Names and types of a result's columns.
struct ResultSchema {
    var names: [String]
    var types: [ColumnType]
    /// Bytes from which on a batch of the result is full.
    var batchByteCount = 1 << 20

    init(names: [String], types: [ColumnType]) {
        self.names = names
        self.types = types
    }

    init(_ plan: SelectPlan) {
        self.init(names: plan.outputs.map(\.name), types: plan.outputs.map(\.type))
    }

    /// The result of a query: its batches are small where memory is.
    init(_ context: QueryContext) {
        self.init(context.plan)
        batchByteCount = context.batchByteCount
    }

    func builders() -> [ColumnBuilder] {
        zip(names, types).map { ColumnBuilder(name: $0, type: $1) }
    }
}
