internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Walks a block in batches of 4,096 rows and hands on what passes the filter.
final class RowScanner {
    let input: ScanInput
    let compiler: ExpressionCompiler
    private let filter: ExpressionNode?
    private let context: QueryContext
    private let selected: UnsafeMutablePointer<UInt64>

    init(_ context: QueryContext) throws(ServiceError) {
        self.context = context
        let scratch = context.makeScratch()
        input = try ScanInput(
            columnIDs: context.scan.columnIDs, scratch: scratch, counters: context.counters)
        compiler = ExpressionCompiler(source: input, scratch: scratch)
        selected = try scratch.takeMask()
        if let expression = context.plan.filter {
            filter = try compiler.compile(expression)
        } else {
            filter = nil
        }
    }

    /// The batch at `firstRow` of the current block, filtered; nil when no row passes.
    func frame(firstRow: Int, blockRowCount: Int) throws(ServiceError) -> Frame? {
        let rowCount = min(Limits.batchRows, blockRowCount - firstRow)
        let all = input.begin(firstRow: firstRow, rowCount: rowCount)
        guard let filter else { return all }
        let truth = try filter.truth(all)
        if MaskWords.isEmpty(truth.isTrue, rowCount: rowCount) { return nil }
        MaskWords.copy(truth.isTrue, rowCount: rowCount, into: selected)
        return input.narrowed(all, to: selected)
    }

    /// All batches of a block. `body` gets each frame and the row number of its first row.
    func scan(
        _ morsel: ScanPlan.Morsel, _ body: (Frame, Int) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        let bytesBefore = input.bytesRead
        input.begin(morsel.block)
        var firstRow = 0
        while firstRow < morsel.rowCount {
            if let frame = try frame(firstRow: firstRow, blockRowCount: morsel.rowCount) {
                try body(frame, morsel.firstRow + firstRow)
            }
            firstRow += Limits.batchRows
        }
        context.counters.didScan(
            rows: morsel.rowCount, bytes: input.bytesRead - bytesBefore)
    }
}
