import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit

/// What was asked of a store and what it acknowledged, each with the disk's step at that moment:
/// the truth that a recovered store is held against.
final class Ledger: @unchecked Sendable {
    // SAFETY: used on one thread; completions run on it too.
    /// One batch; its rows are `number * 1_000 + row`.
    struct Batch {
        var number: Int
        var table: TableID
        var rowCount: Int
        var origin: BatchOrigin
        /// The step from which on it must be there; nil: never acknowledged.
        var acknowledged: Int?
        var isLoad = false
    }

    /// One change of tables.
    struct Change {
        var apply: (inout [TableID: String]) -> Void
        var issued: Int
        var acknowledged: Int?
        /// It was refused, so it never happened.
        var isRefused = false
    }

    var batches: [Batch] = []
    var changes: [Change] = []
    /// Whether something was acknowledged after a sync had failed in the same life.
    var violations: [String] = []

    /// The tables after the changes that were acknowledged by `step`, and with the one that was
    /// under way.
    func catalogs(at step: Int) -> [[TableID: String]] {
        var names: [TableID: String] = [:]
        for change in changes where !change.isRefused {
            if let acknowledged = change.acknowledged, acknowledged <= step {
                change.apply(&names)
            }
        }
        var results = [names]
        for change in changes
        where change.issued <= step && !(change.acknowledged.map { $0 <= step } ?? false) {
            var next = names
            change.apply(&next)
            results.append(next)
        }
        return results
    }
}
