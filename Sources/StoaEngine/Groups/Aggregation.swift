internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// What the workers of one aggregation share.
final class Aggregation: Sendable {
    let keys: [BoundExpression]
    let aggregates: [AggregateCall]
    let layout: KeyLayout
    /// Of each key.
    let tokens: [StringTokens]
    /// The strings that aggregates tell apart.
    let intern: InternTable
    /// For each aggregate what its states agree on.
    let floatGrids: [FloatGridChoice]
    /// The keys as digits of one number, where they can be that.
    let slots: SlotPlan?
    /// Whether slots are group numbers, so that no table is asked.
    let isDense: Bool
    let limits: GroupLimits
    private let carried: Set<Int>

    /// - Parameter carried: Keys whose strings are too many for tokens.
    init(
        keys: [BoundExpression], aggregates: [AggregateCall], context: QueryContext,
        slots: SlotPlan?, carried: Set<Int> = []
    ) {
        self.carried = carried
        self.keys = keys
        self.aggregates = aggregates
        self.slots = slots
        let limits = context.groupLimits
        self.limits = limits
        layout = KeyLayout(keys, carried: carried)
        // Long strings are carried before they fill the memory.
        let share = MemoryBudget(
            byteCountLimit: context.budget.byteCountLimit / 8, parent: context.budget)
        tokens = keys.map { _ in
            StringTokens(budget: share, weightLimit: limits.tokenCountLimit)
        }
        intern = InternTable(budget: context.budget)
        floatGrids = aggregates.map { _ in FloatGridChoice() }
        let rowCount = context.scan.morsels.reduce(0) { $0 + $1.rowCount }
        isDense = slots.map { limits.isDense($0.slotCount, rowCount: rowCount) } ?? false
    }

    /// The same aggregation for when a worker met a value that this one cannot take: without
    /// slots, and with strings carried of which there were too many.
    func widened(_ context: QueryContext) -> Aggregation {
        let full = tokens.indices.filter { tokens[$0].isFull }
        return Aggregation(
            keys: keys, aggregates: aggregates, context: context, slots: nil,
            carried: carried.union(full))
    }

    /// Whether rows can be put aside with their arguments evaluated: not where a FILTER keeps
    /// rows from an argument that could fail for them.
    var canPutAside: Bool {
        aggregates.allSatisfy { call in
            call.filter == nil
                || [call.argument, call.by].allSatisfy { argument in
                    switch argument?.node {
                    case nil, .column, .literal: true
                    default: false
                    }
                }
        }
    }

    /// The keys as columns of the finished groups.
    var keyColumns: [BoundExpression] {
        keys.enumerated().map { index, key in
            BoundExpression(
                node: .column(index), type: key.type, isNullable: key.isNullable,
                position: key.position)
        }
    }

    /// 64-bit words of a group's key.
    var wordCount: Int { slots == nil ? layout.wordCount : 1 }
    /// Strings at the end of a group's key.
    var stringCount: Int { slots == nil ? layout.stringCount : 0 }
}

/// From how many groups on they are found in another way; smaller ones let tests reach all ways
/// with few rows.
package struct GroupLimits: Sendable {
    /// Most slots of an array over all combinations of keys.
    package var slotCountLimit = 1 << 18
    /// Slots that an array may have for each row to be grouped.
    package var slotsPerRow = 2

    /// Strings of a key that are numbered for all workers, those that stand in rows counted
    /// fourfold; more are carried with their rows.
    package var tokenCountLimit = 1 << 16
    /// Groups of a table after which it is asked whether it still finds rows of known groups.
    package var sampleGroupCount = 1 << 14
    /// Most groups of a worker's table; rows of further ones are put aside.
    package var tableGroupCount = 1 << 18
    /// Rows that each group of a full table must have had, so that it is asked for further rows.
    package var tableRowsPerGroup = 2
    /// Groups of all workers up to which one worker merges them.
    package var smallGroupCount = 1 << 14
    /// Bits of the hash that choose a partition of the rows put aside.
    package var partitionBits = 8

    /// Most sorted runs that are merged at once.
    package var runCountLimit = 1_024

    package init() {}

    /// Whether rows are worth a look into a table of so many groups, by what it has seen.
    func reduces(groupCount: Int, rowCount: Int) -> Bool {
        // Drawn from G values, n rows have G × (1 - e^(-n / G)) of them: with 2^14 found, 4 % more
        // rows than groups say that G is about the most that a table takes.
        groupCount >= tableGroupCount
            ? rowCount / max(1, groupCount) >= tableRowsPerGroup : rowCount * 25 >= groupCount * 26
    }

    func isDense(_ slotCount: Int, rowCount: Int) -> Bool {
        slotCount <= slotCountLimit && slotCount <= max(4_096, rowCount * slotsPerRow)
    }
}
