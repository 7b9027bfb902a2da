internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Computes expressions of constants while a statement is bound, by the nodes that compute them
/// for rows: there is one implementation of every function.
struct ConstantFolder: Sendable {
    let scratchPool: ScratchPool
    let budget: MemoryBudget

    /// The value; nil when computing it fails.
    func value(_ expression: BoundExpression) -> Literal? {
        do throws(ServiceError) {
            let scratch = Scratch(pool: scratchPool, budget: budget)
            let source = ColumnSource()
            let compiler = ExpressionCompiler(source: source, scratch: scratch)
            let node = try compiler.compile(expression)
            let selection = try scratch.takeMask()
            MaskWords.fill(selection, rowCount: 1)
            let vector = try node.value(source.frame(rowCount: 1, selection: selection)).vector
            let reader = CellReader(type: expression.type, scratch: scratch)
            try reader.begin(vector)
            return reader.literal(0)
        } catch {
            return nil
        }
    }
}
