internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Walks a block in batches of up to 4,096 rows and hands on what passes the filter. Vectors
/// without rows are passed by, and where few rows are left they are gathered one by one.
final class RowScanner {
    let input: ScanInput
    let compiler: ExpressionCompiler
    let selection: BlockSelection
    private let context: QueryContext
    private let rest: ExpressionNode?
    /// The nodes of conjuncts that some block could not answer.
    private var nodes: [ExpressionNode?]
    private let selected: UnsafeMutablePointer<UInt64>
    private let rows: UnsafeMutablePointer<UInt16>
    private var gathers = false
    /// Rows of the block that were read together last; none after `begin`.
    private var batch = 0..<0
    private var slices: TextSlices
    private let sliceMask: UnsafeMutablePointer<UInt64>

    init(_ context: QueryContext) throws(ServiceError) {
        self.context = context
        let scratch = context.makeScratch()
        input = try ScanInput(
            columnIDs: context.scan.columnIDs, scratch: scratch, reads: context.scan.reads,
            counters: context.counters)
        compiler = ExpressionCompiler(source: input, scratch: scratch)
        selected = try scratch.takeMask()
        sliceMask = try scratch.takeMask()
        slices = TextSlices()
        rows = try scratch.take(UInt16.self)
        selection = try BlockSelection(
            context.filter, columnIDs: context.scan.columnIDs, scratch: scratch)
        nodes = context.filter.pushed.map { _ in nil }
        if let expression = context.filter.rest {
            rest = try compiler.compile(expression)
        } else {
            rest = nil
        }
    }

    /// Whether evaluating the filter can find an error.
    var canFail: Bool { rest?.canFail ?? false }

    /// What statistics say of a block before it is begun.
    func coverage(_ morsel: ScanPlan.Morsel) -> Coverage { selection.coverage(morsel.block) }

    /// Makes a morsel the current one; false when none of its rows passes.
    func begin(_ morsel: ScanPlan.Morsel) throws(ServiceError) -> Bool {
        input.begin(morsel.block, firstTableRow: morsel.firstRow)
        batch = 0..<0
        let hasRows = try selection.select(morsel.block, rowCount: morsel.rowCount) {
            index throws(ServiceError) in
            try input.reader(index)
        }
        guard hasRows else { return false }
        gathers = selection.unanswered.isEmpty && selection.isSparse && input.canGather
        for index in selection.unanswered where nodes[index] == nil {
            nodes[index] = try compiler.compile(context.filter.pushed[index].expression)
        }
        return true
    }

    /// Rows that pass, and where the search for further ones goes on.
    struct Part {
        /// Nil when none of these rows passes after all.
        var frame: Frame?
        /// The position in the block of the frame's first row, unless rows are gathered.
        var firstRow: Int
        var endRow: Int
    }

    /// The next rows of the current morsel from `row` on; nil behind the last.
    func next(from row: Int) throws(ServiceError) -> Part? {
        try context.checkInterrupts()
        let sliceRowCount = slices.next(compiler)
        if gathers {
            let count = selection.rows(from: row, upTo: sliceRowCount, into: rows)
            guard count > 0 else { return nil }
            let frame = try filtered(input.begin(gathering: rows, count: count))
            return Part(frame: frame, firstRow: 0, endRow: Int(rows[count - 1]) + 1)
        }
        guard row < selection.rowCount else { return nil }
        var all: Frame?
        if !batch.contains(row) || row == batch.lowerBound {
            let vector = row / Limits.vectorRows * Limits.vectorRows
            guard let range = selection.next(from: vector) else { return nil }
            batch = range
            all = input.begin(
                firstRow: range.lowerBound, rowCount: range.count,
                selection: selection.mask + range.lowerBound / 64)
        }
        let first = max(row, batch.lowerBound)
        let end = min(batch.upperBound, first + sliceRowCount)
        if first > batch.lowerBound || end < batch.upperBound { all = slice(first..<end) }
        guard let all else { return Part(frame: nil, firstRow: first, endRow: end) }
        return Part(frame: try filtered(all), firstRow: batch.lowerBound, endRow: end)
    }

    /// Some rows of the current batch, without the others; nil when none of them is selected.
    private func slice(_ range: Range<Int>) -> Frame? {
        let rows = range.lowerBound - batch.lowerBound..<range.upperBound - batch.lowerBound
        let mask = selection.mask + batch.lowerBound / 64
        MaskWords.clear(sliceMask, rowCount: batch.count)
        for word in rows.lowerBound / 64...(rows.upperBound - 1) / 64 {
            var bits = mask[word]
            if word == rows.lowerBound / 64 { bits &= .max << UInt64(rows.lowerBound % 64) }
            let last = rows.upperBound - word * 64
            if last < 64 { bits &= (1 << UInt64(last)) - 1 }
            sliceMask[word] = bits
        }
        guard !MaskWords.isEmpty(sliceMask, rowCount: batch.count) else { return nil }
        return input.begin(slice: rows, selection: sliceMask)
    }

    /// What is left after the conditions that are evaluated row by row.
    private func filtered(_ all: Frame) throws(ServiceError) -> Frame? {
        var frame = all
        for index in selection.unanswered {
            guard let node = nodes[index] else { continue }
            guard let narrowed = try filtered(frame, node) else { return nil }
            frame = narrowed
        }
        guard let rest else { return frame }
        return try filtered(frame, rest)
    }

    private func filtered(
        _ frame: Frame, _ node: ExpressionNode
    ) throws(ServiceError) -> Frame? {
        let truth = try node.truth(frame)
        let rowCount = frame.rowCount
        for word in 0..<MaskWords.wordCount(rowCount) {
            selected[word] = frame.selection[word] & truth.isTrue[word]
        }
        if MaskWords.isEmpty(selected, rowCount: rowCount) { return nil }
        return input.narrowed(frame, to: selected)
    }

    /// The position in its block of a row of the current frame.
    func blockRow(_ row: Int, of part: Part) -> Int {
        gathers ? Int(rows[row]) : part.firstRow + row
    }

    /// Gives `body` the columns of a block, to read them its own way; it says whether that is all
    /// that is read of the block.
    func scanColumns(
        _ morsel: ScanPlan.Morsel, _ body: (ScanInput) throws(ServiceError) -> Bool
    ) throws(ServiceError) {
        let bytesBefore = input.bytesRead
        input.begin(morsel.block, firstTableRow: morsel.firstRow)
        guard try body(input) else { return }
        context.counters.didScan(rows: morsel.rowCount, bytes: input.bytesRead - bytesBefore)
    }

    /// All rows of a block that pass. `body` gets each frame and the row number of its first row;
    /// with `allowsGather` the frame's rows may come from anywhere in the block.
    func scan(
        _ morsel: ScanPlan.Morsel, allowsGather: Bool = false,
        _ body: (Frame, Int) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        try scanParts(morsel, allowsGather: allowsGather) { frame, part throws(ServiceError) in
            try body(frame, morsel.firstRow + part.firstRow)
        }
    }

    /// As `scan`; `body` gets what `blockRow` needs.
    func scanParts(
        _ morsel: ScanPlan.Morsel, allowsGather: Bool,
        _ body: (Frame, Part) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        let bytesBefore = input.bytesRead
        if try begin(morsel) {
            gathers = gathers && allowsGather
            var row = 0
            while let part = try next(from: row) {
                if let frame = part.frame { try body(frame, part) }
                row = part.endRow
            }
        }
        context.counters.didScan(
            rows: morsel.rowCount, bytes: input.bytesRead - bytesBefore)
    }
}
