/// How the memory of the process is divided: one budget of everything, and a share for each kind
/// of holder, so that none of them can starve the others.
///
///     share      guaranteed         at most  who reserves from it
///     requests   1/4, ≤ 512 MiB     3/8      connections, frames as they arrive, statements
///     results    1/8, ≤ 256 MiB     1/4      answers that the socket has not taken
///     ingest     1/8, ≤ 256 MiB     1/2      batches that wait, memtables, bulk loads
///     small      1/8, ≤ 192 MiB     the same queries as long as each has at most 1.25 MiB
///     queries    nothing            the rest everything that the others are not guaranteed
///
/// What lies between `guaranteed` and `at most` goes to whoever comes first.
package struct ProcessMemory: Sendable {
    /// Everything that is counted.
    package let all: MemoryBudget
    package let requests: MemoryBudget
    package let results: MemoryBudget
    package let ingest: MemoryBudget
    /// The half of `ingest` that bulk loads may have, so that batches always go on.
    package let loads: MemoryBudget
    package let small: MemoryBudget
    package let queries: MemoryBudget

    package init(byteCountLimit limit: Int) {
        all = MemoryBudget(byteCountLimit: limit)
        let guarantees = [
            min(limit / 4, 512 << 20), min(limit / 8, 256 << 20), min(limit / 8, 256 << 20),
            min(limit / 8, 192 << 20),
        ]
        requests = Self.share(of: all, guaranteed: guarantees[0], limit: limit / 8 * 3)
        results = Self.share(of: all, guaranteed: guarantees[1], limit: limit / 4)
        ingest = Self.share(of: all, guaranteed: guarantees[2], limit: limit / 2)
        loads = MemoryBudget(byteCountLimit: limit / 4, parent: ingest)
        small = Self.share(of: all, guaranteed: guarantees[3], limit: guarantees[3])
        queries = MemoryBudget(
            byteCountLimit: limit - guarantees.reduce(0, +), parent: all)
    }

    /// Every share by its name, in the order of the table above.
    package var shares: [(name: String, budget: MemoryBudget)] {
        [
            ("requests", requests), ("results", results), ("ingest", ingest),
            ("small", small), ("queries", queries),
        ]
    }

    /// A budget for one query: from `small` while it needs little, so that it finds memory beside
    /// queries that have taken all of `queries`. `stop` ends its giving.
    package func queryBudget(byteCountLimit: Int, stop: StopSignal? = nil) -> MemoryBudget {
        MemoryBudget(
            byteCountLimit: byteCountLimit, parent: queries,
            nursery: (budget: small, byteCountLimit: Self.smallByteCount), stop: stop)
    }

    /// The most that a query may have of `small`; a sum over one column takes 1 MiB.
    private static let smallByteCount = 5 << 18

    /// Bytes that are held, without what is only guaranteed.
    package var heldByteCount: Int { shares.reduce(0) { $0 + $1.budget.reservedByteCount } }

    private static func share(
        of all: MemoryBudget, guaranteed: Int, limit: Int
    ) -> MemoryBudget {
        do {
            return try MemoryBudget(byteCountLimit: limit, guaranteed: guaranteed, parent: all)
        } catch {
            invariant(false, "the guarantees together are less than everything")
            return MemoryBudget(byteCountLimit: limit, parent: all)
        }
    }
}
