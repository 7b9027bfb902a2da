internal import StoaCompute
internal import StoaModel

/// CASE. Each condition is evaluated only for the rows that the ones before left open, and each
/// result only for the rows that take it: a branch that is not taken cannot fail.
///
/// What it gives for rows that are not selected is unspecified, so the node is never shared.
final class ChooseNode: ValueNode {
    private let conditions: [ExpressionNode]
    /// One more than there are conditions.
    private let results: [ExpressionNode]
    private unowned let source: ColumnSource
    private let open: UnsafeMutablePointer<UInt64>
    private let taken: UnsafeMutablePointer<UInt64>
    private let validity: UnsafeMutablePointer<UInt64>
    private let loader: NumberLoader
    private let output: ChosenValues

    init(
        conditions: [ExpressionNode], results: [ExpressionNode], type: ColumnType,
        position: Range<Int>, source: ColumnSource, scratch: Scratch
    ) throws(ServiceError) {
        self.conditions = conditions
        self.results = results
        self.source = source
        open = try scratch.takeMask()
        taken = try scratch.takeMask()
        validity = try scratch.takeMask()
        loader = NumberLoader(scratch: scratch)
        output = try ChosenValues(type: type, results: results, scratch: scratch)
        try super.init(type: type, position: position, scratch: scratch)
    }

    override var cost: Int {
        (conditions + results).reduce(4) { $0 + $1.cost }
    }
    override var canFail: Bool {
        conditions.contains(where: \.canFail) || results.contains(where: \.canFail)
    }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let rowCount = frame.rowCount
        MaskWords.copy(frame.selection, rowCount: rowCount, into: open)
        MaskWords.clear(validity, rowCount: rowCount)
        output.begin(rowCount: rowCount)
        for (index, result) in results.enumerated() {
            if MaskWords.isEmpty(open, rowCount: rowCount) { break }
            MaskWords.copy(open, rowCount: rowCount, into: taken)
            if index < conditions.count {
                let truth = try conditions[index].truth(source.narrowed(frame, to: open))
                MaskWords.and(taken, truth.isTrue, rowCount: rowCount)
                if MaskWords.isEmpty(taken, rowCount: rowCount) { continue }
                MaskWords.andNot(open, taken, rowCount: rowCount)
            }
            let value = try result.value(source.narrowed(frame, to: taken))
            for word in 0..<MaskWords.wordCount(rowCount) {
                validity[word] |= taken[word] & (value.vector.validity?[word] ?? .max)
            }
            try output.take(
                value, of: result, index: index, rows: taken, loader: loader)
        }
        return try output.finish(validity: validity, rowCount: rowCount)
    }
}
