internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Computes expressions of constants while a statement is bound, by the nodes that compute them
/// for rows: there is one implementation of every function. One per statement.
final class ConstantFolder: @unchecked Sendable {
    // SAFETY: a statement is bound by one thread at a time.
    private let scratchPool: ScratchPool
    private let budget: MemoryBudget
    private let interrupts: Interrupts
    /// What the values take, for as long as the statement keeps them.
    let kept: MemoryShare
    private var keptByteCount = 0
    /// Most bytes of all values of a statement: what would be more is computed where it is used.
    private static let keptByteCountLimit = Limits.batchByteCountLimit

    /// - Parameter budget: Of the statement.
    init(scratchPool: ScratchPool, budget: MemoryBudget, stop: StopSignal) {
        self.scratchPool = scratchPool
        self.budget = budget
        interrupts = Interrupts(stop)
        kept = MemoryShare(of: budget)
    }

    /// The value; nil when computing it fails.
    func value(_ expression: BoundExpression) -> Literal? {
        do throws(ServiceError) {
            let scratch = Scratch(pool: scratchPool, budget: budget, interrupts: interrupts)
            let source = ColumnSource()
            let compiler = ExpressionCompiler(source: source, scratch: scratch)
            let node = try compiler.compile(expression)
            let selection = try scratch.takeMask()
            MaskWords.fill(selection, rowCount: 1)
            let vector = try node.value(source.frame(rowCount: 1, selection: selection)).vector
            let reader = CellReader(type: expression.type, scratch: scratch)
            try reader.begin(vector)
            return keep(reader.literal(0))
        } catch {
            return nil
        }
    }

    private func keep(_ value: Literal) -> Literal? {
        guard case .string(let text) = value else { return value }
        guard keptByteCount + text.count <= Self.keptByteCountLimit,
            budget.hasRoom(for: text.count)
        else { return nil }
        keptByteCount += text.count
        kept.set(keptByteCount)
        return value
    }
}
