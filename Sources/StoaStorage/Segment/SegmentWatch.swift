package import StoaBase
internal import StoaDisk

/// Notices that a segment's file is not what it was when its blocks were verified.
///
/// The file system changes a file's stamp with every write, before the write returns; pages that
/// cannot be read are counted by the mapping. Both cost a system call per query and segment. What
/// changes on the device alone shows in neither: for that a verification is believed for a limited
/// time only.
final class SegmentWatch: @unchecked Sendable {
    // SAFETY: `known`, `epoch` and `lastChange` are touched only while `lock` is held.
    /// What was seen of the file at one moment.
    struct Mark: Equatable, Sendable {
        /// Nil: the file has no name any more, or cannot be asked.
        var stamp: DiskFileStamp?
        var lostPageCount: UInt64
    }

    /// When a block was verified: before its checksum was begun.
    struct Verification: Sendable {
        var epoch: UInt32
        /// Of the monotonic clock.
        var seconds: UInt32
    }

    /// A stamp is of the clock's last tick: a file that was written so short a time ago may be
    /// written again under the same one.
    private static let unsettledNanoseconds: Int64 = 50_000_000
    /// Whoever writes through a mapping shows at the first write only, until the kernel has
    /// written the page. So for that long after a change every query verifies what it reads.
    private static let suspicionNanoseconds: Int64 = 60_000_000_000

    private let disk: any Disk
    private let path: String
    private let mapping: Bytes
    let policy: VerificationPolicy
    private let lock = Lock()
    private var known: Mark?
    private var epoch: UInt32 = 0
    /// Monotonic nanoseconds.
    private var lastChange: Int64?

    init(path: String, mapping: Bytes, policy: VerificationPolicy, disk: any Disk) {
        self.path = path
        self.mapping = mapping
        self.policy = policy
        self.disk = disk
    }

    /// Looks at the file: what was verified before a change is believed no more.
    func look() -> Mark {
        let found = current()
        let isDoubtful = found.stamp.map { !Self.isSettled($0) } ?? true
        let now = HostClock.monotonicNanoseconds()
        lock.withLock {
            let hasChanged = known.map { $0 != found } ?? false
            if hasChanged { lastChange = now }
            if hasChanged || isDoubtful || isSuspect(now) { epoch &+= 1 }
            known = found
        }
        return found
    }

    /// Whether the file is certainly what it was at `mark`.
    func isUnchanged(since mark: Mark) -> Bool {
        guard mark.stamp != nil, current() == mark else { return false }
        let now = HostClock.monotonicNanoseconds()
        return lock.withLock { known == mark && !isSuspect(now) }
    }

    /// Whether bytes may have changed since `mark`, or could not be read; a new name or new
    /// permissions change none.
    func wasWritten(since mark: Mark) -> Bool {
        let now = current()
        return now.lostPageCount != mark.lostPageCount
            || now.stamp?.modifiedNanoseconds != mark.stamp?.modifiedNanoseconds
                && now.stamp != nil && mark.stamp != nil
    }

    /// A verification that begins now.
    func begin() -> Verification {
        let seconds = UInt32(truncatingIfNeeded: HostClock.monotonicNanoseconds() / 1_000_000_000)
        return Verification(epoch: lock.withLock { epoch }, seconds: seconds)
    }

    /// Whether what was verified then needs no verification now.
    func isBelieved(_ verification: Verification) -> Bool {
        let now = begin()
        guard verification.epoch == now.epoch else { return false }
        let limit = policy.believedSeconds
        return limit == 0 || Int(now.seconds &- verification.seconds) < limit
    }

    /// Whether pages of the mapping could not be read.
    var hasLostPages: Bool { disk.lostPageCount(mapping) > 0 }

    /// Whether the file still has its name.
    var isNamed: Bool { lock.withLock { known.map { $0.stamp != nil } ?? true } }

    private func current() -> Mark {
        let status = (try? disk.status(path)) ?? nil
        return Mark(stamp: status?.stamp, lostPageCount: disk.lostPageCount(mapping))
    }

    /// Under the lock.
    private func isSuspect(_ now: Int64) -> Bool {
        lastChange.map { now - $0 < Self.suspicionNanoseconds } ?? false
    }

    private static func isSettled(_ stamp: DiskFileStamp) -> Bool {
        let last = max(stamp.modifiedNanoseconds, stamp.changedNanoseconds)
        let age = HostClock.wallMicroseconds() &* 1_000 &- last
        // A clock that was set back says nothing; then the stamp is as good as any.
        return age >= unsettledNanoseconds || age < -unsettledNanoseconds
    }
}

/// How long a verified block is believed.
package struct VerificationPolicy: Sendable {
    /// Seconds after which a block is verified again when it is read next; 0: never.
    package var believedSeconds = 3_600
    /// Where damage is told.
    package var events = EventLog.silent

    package init() {}
}
