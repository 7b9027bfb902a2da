package import StoaStorage

/// How a database is opened.
package struct DatabaseOptions: Sendable {
    package var storage: StoreOptions
    /// Threads that run queries, at least 1.
    package var workerCount: Int
    /// Most memory of all queries together, in bytes.
    package var memoryByteCountLimit: Int
    /// Most memory of one query, in bytes.
    package var queryMemoryByteCountLimit: Int
    /// Seconds after which a query fails with TIMEOUT; 0 is never.
    package var queryTimeoutSeconds: Double

    /// When GROUP BY takes which way.
    package var groupLimits = GroupLimits()

    package init(
        storage: StoreOptions, workerCount: Int = 2, memoryByteCountLimit: Int = 2 << 30,
        queryMemoryByteCountLimit: Int = 1 << 30, queryTimeoutSeconds: Double = 300
    ) {
        self.storage = storage
        self.workerCount = workerCount
        self.memoryByteCountLimit = memoryByteCountLimit
        self.queryMemoryByteCountLimit = queryMemoryByteCountLimit
        self.queryTimeoutSeconds = queryTimeoutSeconds
    }
}
