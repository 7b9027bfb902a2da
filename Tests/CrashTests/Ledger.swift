import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit

/// What was asked of a store and what it acknowledged, each with the disk's step at that moment:
/// the truth that a recovered store is held against.
final class Ledger: @unchecked Sendable {
    // SAFETY: used on one thread; completions run on it too.
    /// One batch; its rows are `number * 1_000 + row`, in every column.
    struct Batch {
        var number: Int
        var table: TableID
        var rowCount: Int
        var origin: BatchOrigin
        /// The columns behind the first when it was made.
        var extras: [ColumnDefinition] = []
        /// The step from which on it must be there; nil: never acknowledged.
        var acknowledged: Int?
        var isLoad = false
    }

    /// One table as it should be.
    struct Table: Equatable {
        var name: String
        /// Columns behind the first: id and name.
        var extras: [UInt32: String] = [:]
        /// Batches with smaller numbers that were acknowledged before are gone.
        var truncation: Truncation?
    }

    struct Truncation: Equatable {
        var batchCount: Int
        var issued: Int
    }

    /// One change of tables.
    struct Change {
        var apply: (inout [TableID: Table]) -> Void
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
    func catalogs(at step: Int) -> [[TableID: Table]] {
        let open = changes.indices.filter {
            changes[$0].issued <= step && !isAcknowledged(changes[$0], by: step)
        }
        return ([nil] + open.map { $0 }).map { chosen in
            var tables: [TableID: Table] = [:]
            for (index, change) in changes.enumerated()
            where index == chosen || isAcknowledged(change, by: step) {
                change.apply(&tables)
            }
            return tables
        }
    }

    private func isAcknowledged(_ change: Change, by step: Int) -> Bool {
        !change.isRefused && change.acknowledged.map { $0 <= step } ?? false
    }
}
