package import StoaBase
package import StoaStorage

/// How a database is opened.
package struct DatabaseOptions: Sendable {
    package var storage: StoreOptions
    /// Threads that run queries, at least 1.
    package var workerCount: Int
    /// Most memory of all queries and of the rows that are in no segment, which take half of it
    /// at most, in bytes.
    package var memoryByteCountLimit: Int
    /// Most memory of one query, in bytes.
    package var queryMemoryByteCountLimit: Int
    /// Seconds after which a query fails with TIMEOUT; 0 is never.
    package var queryTimeoutSeconds: Double
    /// Queries that read tables at the same time; more of them wait in the order they came.
    package var concurrentQueryLimit = 128
    /// Queries that may wait; more of them are refused as overloaded.
    package var queuedQueryLimit = 1_024
    /// What `version()` says.
    package var version = "Stoa"
    /// What `system.settings` shows.
    package var settings: [SettingDescription] = []
    /// Seconds from which on a statement is told of as slow; 0: none is.
    package var slowStatementSeconds = 0.0
    /// What others of the process count, for `system.metrics`.
    package var metrics: @Sendable () -> [Metric] = { [] }
    /// Where the database tells the operator what happens; its storage too.
    package var events = EventLog.silent {
        didSet { storage.events = events }
    }

    /// When GROUP BY takes which way.
    package var groupLimits = GroupLimits()

    /// Bytes from which on a batch of a result is full: a thousandth of all memory, because each
    /// running query may have a few batches at once, and 1 MiB at most.
    var batchByteCount: Int { min(1 << 20, max(64 << 10, memoryByteCountLimit >> 10)) }

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

/// One setting of the daemon, as `system.settings` shows it.
package struct SettingDescription: Sendable {
    package var name: String
    package var value: String
    package var defaultValue: String
    /// Unit and range in words.
    package var range: String
    package var summary: String
    /// Where the value comes from: flag, environment, file or default.
    package var origin: String

    package init(
        name: String, value: String, defaultValue: String, range: String, summary: String,
        origin: String
    ) {
        self.name = name
        self.value = value
        self.defaultValue = defaultValue
        self.range = range
        self.summary = summary
        self.origin = origin
    }
}
