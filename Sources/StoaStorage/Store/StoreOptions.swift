package import StoaBase
internal import StoaModel

/// How a store is opened.
package struct StoreOptions: Sendable {
    package var limits = Limits()
    /// Makes a database in an empty directory; otherwise an empty directory is refused.
    package var createsIfEmpty = true
    /// Written into `LOCK`, for the message of a second daemon.
    package var processID: Int32
    /// The id of a new database; nil: random.
    package var databaseID: DatabaseID?
    /// Microseconds since 1970 UTC, for the times in log records.
    package var wallClock: @Sendable () -> Int64
    /// Queued batch bytes from which on ingest is refused as overloaded.
    package var queuedByteCountLimit = 128 << 20

    /// What rows that are in no segment may hold, loads included; nil: not counted. Beyond it
    /// ingest is refused as overloaded, and loads make segments earlier.
    package var memory: MemoryBudget?
    /// The part of `memory` for the rows of bulk loads; nil: all of it.
    package var loadMemory: MemoryBudget?
    /// Where the store tells the operator what happens.
    package var events = EventLog.silent

    /// How long a verified block is believed.
    package var verifiedSeconds = 3_600
    /// In how many seconds the scrubber verifies everything once; 0: it does not run.
    package var scrubSeconds = 7 * 86_400

    /// What segments need of this.
    package var verification: VerificationPolicy {
        var policy = VerificationPolicy()
        policy.believedSeconds = verifiedSeconds
        policy.events = events
        return policy
    }

    func report(_ removal: DamageRemoval, _ definition: TableDefinition) {
        events.report(
            .notice, "damaged rows were dropped",
            [
                "table": definition.name, "lost_rows": "\(removal.lostRowCount)",
                "kept_rows": "\(removal.keptRowCount)",
            ])
    }

    package init() {
        processID = HostProcess.id
        wallClock = { HostClock.wallMicroseconds() }
    }
}

/// 128 random bits that tell one database from every other.
package struct DatabaseID: Hashable, Sendable {
    package var high: UInt64
    package var low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }
}
