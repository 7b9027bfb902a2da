package import StoaModel

/// What recovery hands to the core: the state that is durable now, and the log to go on with.
package struct RecoveredState {
    package var manifest: Manifest
    package var manifestChecksum: UInt32
    package var log: LogWriter
    package var liveFiles: [LiveLogFile]
    package var tables: [RecoveredTable]
    package var report: OpenReport
}

/// One table with its opened segments and the rows that were replayed.
package struct RecoveredTable {
    package var definition: TableDefinition
    package var segments: [Segment]
    /// Oldest first; the last one may grow.
    package var memtables: [Memtable]
}

/// A log file that is not removed yet.
package struct LiveLogFile: Equatable, Sendable {
    package var name: LogFileName
    /// Before its first record.
    package var chain: LogChain
    /// The last batch in it; 0: none.
    package var lastLSN: UInt64 = 0

    package init(name: LogFileName, chain: LogChain) {
        self.name = name
        self.chain = chain
    }
}

/// What opening a store found and did.
package struct OpenReport: Equatable, Sendable {
    /// Whether the directory was empty.
    package var isNew = false
    /// Which database it is, and which of its histories.
    package var databaseID = DatabaseID(high: 0, low: 0)
    package var incarnation: UInt64 = 0
    package var manifestGeneration: UInt64 = 0
    /// Everything up to here is there.
    package var lsn: UInt64 = 0
    /// Batches read from the log, and the numbers of the first and last.
    package var replayedBatchCount = 0
    package var firstReplayedLSN: UInt64 = 0
    package var lastReplayedLSN: UInt64 = 0
    /// Bytes of records at the end of the log that were never acknowledged.
    package var droppedByteCount = 0
    /// Whether the store was closed in order.
    package var wasClosed = false
    package var tableCount = 0
    package var segmentCount = 0
    /// Segments of which nothing can be read.
    package var setAsideCount = 0
    package var seconds = 0.0

    package init() {}
}
