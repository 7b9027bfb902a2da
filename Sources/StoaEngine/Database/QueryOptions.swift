package import StoaModel
package import StoaQuery

/// What one query may use and how its result comes.
package struct QueryOptions: Sendable {
    /// Bytes of result that may be sent before the first `addCredit`.
    package var initialCredit: Int
    /// Most memory of this query, in bytes; nil: the database's `queryMemoryByteCountLimit`.
    package var memoryByteCountLimit: Int?
    /// Seconds after which the query fails with TIMEOUT; nil: the database's
    /// `queryTimeoutSeconds`.
    package var timeoutSeconds: Double?
    /// Answers see at least this generation, or the query fails with INVALID_VALUE when it is
    /// beyond the newest.
    package var minimumGeneration: UInt64
    /// Values for the statement's parameters.
    package var parameters: [QueryParameter] = []
    /// Most worker threads at once; nil: all.
    package var workerCountLimit: Int?
    /// What SET changes and what holds where this statement says nothing; nil: SET is refused.
    package var session: QuerySession?

    package init(
        initialCredit: Int = 4 << 20, memoryByteCountLimit: Int? = nil,
        timeoutSeconds: Double? = nil, minimumGeneration: UInt64 = 0,
        session: QuerySession? = nil
    ) {
        self.session = session
        self.initialCredit = initialCredit
        self.memoryByteCountLimit = memoryByteCountLimit
        self.timeoutSeconds = timeoutSeconds
        self.minimumGeneration = minimumGeneration
    }

    /// Takes settings that are this statement's own; what they leave open stays.
    package mutating func apply(_ settings: QuerySettings) {
        memoryByteCountLimit = settings.memoryByteCount ?? memoryByteCountLimit
        timeoutSeconds = settings.timeoutSeconds ?? timeoutSeconds
        workerCountLimit = settings.threadCount ?? workerCountLimit
    }

    /// With the session's settings where the statement has none of its own.
    var inSession: QueryOptions {
        guard let settings = session?.current else { return self }
        var options = self
        options.memoryByteCountLimit = memoryByteCountLimit ?? settings.memoryByteCount
        options.timeoutSeconds = timeoutSeconds ?? settings.timeoutSeconds
        options.workerCountLimit = workerCountLimit ?? settings.threadCount
        return options
    }

    /// Bytes of the parameters' texts.
    var parameterByteCount: Int {
        parameters.reduce(0) { total, parameter in
            guard case .string(let text) = parameter.value else { return total }
            return total + text.count
        }
    }

    /// Adds the value of a parameter; an empty name is the next position.
    package mutating func addParameter(name: String, _ value: Literal, type: ColumnType) {
        parameters.append(QueryParameter(name: name, value: value, type: type))
    }
}

/// Where a query's answer goes. Both closures are called on worker threads, never two at once for
/// one query, and must not block; `onEnd` comes exactly once, last.
package struct ResultSink: Sendable {
    /// An encoded `RowBatch`: at most 65,536 rows and about 1 MiB. At least one comes before a
    /// success, with no rows when there are none, and each carries the schema.
    package var onBatch: @Sendable ([UInt8]) -> Void
    package var onEnd: @Sendable (Result<QuerySummary, ServiceError>) -> Void

    package init(
        onBatch: @escaping @Sendable ([UInt8]) -> Void,
        onEnd: @escaping @Sendable (Result<QuerySummary, ServiceError>) -> Void
    ) {
        self.onBatch = onBatch
        self.onEnd = onEnd
    }
}

/// What the last frame of a result says.
package struct QuerySummary: Equatable, Sendable {
    /// How far the answer is to be trusted; nothing approximate is built yet.
    package enum Exactness: UInt8, Sendable {
        case exact = 0, approximate = 1, partial = 2
    }

    /// Rows of the result.
    package var rowCount = 0
    /// Rows that the statement wrote.
    package var affectedRowCount = 0
    package var elapsedNanoseconds: Int64 = 0
    /// Rows of blocks that were read.
    package var rowsScanned = 0
    /// Rows of blocks that statistics answered or ruled out.
    package var rowsSkipped = 0
    package var blocksScanned = 0
    package var blocksSkipped = 0
    /// Encoded bytes of the blocks that were read.
    package var bytesRead = 0
    /// The LSN up to which the answer saw everything.
    package var generation: UInt64 = 0
    package var exactness = Exactness.exact

    package init() {}
}

/// What an acknowledged batch was given.
package struct IngestReceipt: Equatable, Sendable {
    package var lsn: UInt64
    /// A query with this as its `minimumGeneration` sees the rows.
    package var generation: UInt64
    package var rowCount: Int
    /// The batch was stored before and nothing was added.
    package var isDuplicate: Bool

    package init(lsn: UInt64, generation: UInt64, rowCount: Int, isDuplicate: Bool) {
        self.lsn = lsn
        self.generation = generation
        self.rowCount = rowCount
        self.isDuplicate = isDuplicate
    }
}
