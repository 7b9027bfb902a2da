package import StoaBase

/// The state of an aggregate that another one's state answers.
package final class NoState: AggregateState {
    package override init(budget: MemoryBudget) { super.init(budget: budget) }

    package override var canClear: Bool { true }

    /// Does nothing: there is nothing to add.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {}
}
