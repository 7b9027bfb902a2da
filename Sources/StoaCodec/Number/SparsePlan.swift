internal import StoaBase
internal import StoaModel

/// The frequent value and the exceptions of a SPARSE node to write.
struct SparsePlan {
    let top: UInt64
    let rowCount: Int
    let exceptionRows: [UInt16]
    let exceptions: NumberInput
    /// Where the exceptions stand.
    let storage: Storage

    enum Storage {
        /// In the node itself, above a base.
        case inline(base: UInt64, lane: Lane)
        case child(NumberPlan)
    }

    /// Nil when all rows, or more than `limit`, differ from `top`; or when none does.
    init?(_ input: NumberInput, top: UInt64, _ rules: EncodingChooser.Rules, limit: Int) {
        guard input.rowCount <= Limits.blockRowsLimit else { return nil }
        self.top = top
        rowCount = input.rowCount
        var rows: [UInt16] = []
        for row in 0..<input.rowCount where input.values[row] != top {
            rows.append(UInt16(row))
            if rows.count > limit { return nil }
        }
        guard !rows.isEmpty, rows.count < input.rowCount else { return nil }
        let buffer = NumberBuffer(capacity: rows.count)
        for (index, row) in rows.enumerated() { buffer.pointer[index] = input.values[Int(row)] }
        exceptionRows = rows
        exceptions = NumberInput(buffer, rowCount: rows.count, isUnsigned: input.isUnsigned)
        let profile = NumberProfile(exceptions)
        let lane = Lane(width: max(1, (profile.max &- profile.min).width))
        let inline = Storage.inline(base: profile.min, lane: lane)
        guard rules.depth >= 2, rows.count * lane.byteCount > 128 else {
            storage = inline
            return
        }
        let childRules = EncodingChooser.Rules(
            depth: rules.depth - 1, allowsLZ4: false, float: rules.float)
        let plan = EncodingChooser.choose(exceptions, profile, childRules)
        let isSmaller = plan.byteCount(rowCount: rows.count) + 64 < rows.count * lane.byteCount
        storage = isSmaller ? .child(plan) : inline
    }

    var isBitmap: Bool {
        SparseCodec.bitmapByteCount(rowCount) < ExceptionRows.byteCount(exceptionRows.count)
    }

    var byteCount: Int {
        let count = exceptionRows.count
        let rows =
            isBitmap ? SparseCodec.bitmapByteCount(rowCount) : ExceptionRows.byteCount(count)
        switch storage {
        case .inline(_, let lane):
            return SparseCodec.byteCount(rows: rows, inline: count * lane.byteCount)
        case .child(let plan):
            return SparseCodec.byteCount(rows: rows, inline: 0) + plan.byteCount(rowCount: count)
        }
    }

    var text: String {
        switch storage {
        case .inline(_, let lane):
            SparseCodec.text(exceptionCount: exceptionRows.count, lane.name)
        case .child(let plan):
            SparseCodec.text(exceptionCount: exceptionRows.count, plan.text)
        }
    }
}
