internal import StoaBase

/// Decides when logged bytes are synced and which batches may be acknowledged.
///
///     durable ≤ syncing ≤ appended          positions in the log; none ever shrinks
///
/// There is no timer: what is appended while a sync runs is the next group. Pure: it holds no
/// file, clock or lock, so every interleaving is a three-line test.
package struct GroupCommit: Equatable, Sendable {
    /// What is to be done next.
    package enum Action: Equatable, Sendable {
        case wait
        /// Start one sync; everything before `upTo` is in the file.
        case sync(upTo: UInt64)
        /// Everything before `upTo` is durable; start another sync if there is more.
        case acknowledge(upTo: UInt64, thenSync: UInt64?)
        /// Trust nothing that is not durable, and never sync again.
        case poison
    }

    /// Bytes before this are in the file.
    package private(set) var appended: UInt64 = 0
    /// Bytes before this are on the disk.
    package private(set) var durable: UInt64 = 0
    /// The end of the running sync.
    package private(set) var syncing: UInt64?
    package private(set) var isPoisoned = false

    package init() {}

    /// Whether all that was appended is durable and no sync runs.
    package var isIdle: Bool { syncing == nil && durable == appended }

    /// Bytes before `end` are in the file, not yet on the disk.
    package mutating func didAppend(upTo end: UInt64) -> Action {
        guard !isPoisoned else { return .poison }
        invariant(end > appended, "the log only grows")
        appended = end
        guard syncing == nil else { return .wait }
        syncing = end
        return .sync(upTo: end)
    }

    /// The running sync ended. A failed one may have dropped dirty pages, so a second one would
    /// report a lie.
    package mutating func didSync(succeeded: Bool) -> Action {
        invariant(syncing != nil, "a sync ends that was begun")
        guard let end = syncing else { return .poison }
        syncing = nil
        guard succeeded, !isPoisoned else {
            isPoisoned = true
            return .poison
        }
        invariant(durable < end && end <= appended, "only appended bytes become durable")
        durable = end
        if appended > end { syncing = appended }
        return .acknowledge(upTo: end, thenSync: syncing)
    }

    /// The store lost its trust in the disk for another reason.
    package mutating func poison() { isPoisoned = true }
}
