internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// An aggregate with FILTER: hands on only the rows where the condition is TRUE. What is not
/// handed on is not evaluated either, so that it cannot fail.
final class FilteredRunner: AggregateRunner {
    private let inner: AggregateRunner
    private let compiler: ExpressionCompiler?
    private let filter: ExpressionNode?
    private let selection: UnsafeMutablePointer<UInt64>?
    private let rows: UnsafeMutablePointer<UInt16>?
    private let groups: UnsafeMutablePointer<UInt32>?

    /// - Parameter compiler: Nil when nothing will be added.
    init(
        _ inner: AggregateRunner, filter: BoundExpression, compiler: ExpressionCompiler?
    ) throws(ServiceError) {
        self.inner = inner
        self.compiler = compiler
        self.filter = try compiler?.compile(filter)
        selection = try compiler?.scratch.takeMask()
        rows = try compiler?.scratch.take(UInt16.self)
        groups = try compiler?.scratch.take(UInt32.self)
        super.init(inner.call, state: inner.state)
    }

    /// The frame with the rows that pass; nil when none does.
    private func narrowed(_ frame: Frame) throws(ServiceError) -> Frame? {
        guard let compiler, let filter, let selection else { return nil }
        let truth = try filter.truth(frame)
        MaskWords.copy(truth.isTrue, rowCount: frame.rowCount, into: selection)
        MaskWords.and(selection, frame.selection, rowCount: frame.rowCount)
        if MaskWords.isEmpty(selection, rowCount: frame.rowCount) { return nil }
        return compiler.narrowed(frame, to: selection)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        if let frame = try narrowed(frame) { try inner.addAll(frame) }
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let narrowed = try narrowed(frame), let selection, let groups else { return }
        guard let passing = self.rows else { return }
        var count = 0
        for index in 0..<rows.count {
            let row = rows.rows[index]
            passing[count] = row
            groups[count] = rows.groups[index]
            count &+= MaskWords.isSet(selection, Int(row)) ? 1 : 0
        }
        try inner.add(
            narrowed, GroupedRows(rows: passing, groups: groups, count: count))
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        try inner.results(groups, count: count, into: buffers)
    }
}
