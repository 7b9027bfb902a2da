/// How every layer tells the operator of something to know or to act on.
///
///     events.report(.error, "seal failed", ["table": name, "reason": reason])
///
/// A message is a few words that never change, so that it can be searched for and alarmed on; what
/// differs from time to time stands in the fields. Neither ever shows a data value. Events of one
/// kind are limited: of each kind so many a minute are passed on, and the rest as one line that
/// says how many there were. Debug events are for developers and not limited. Safe from any thread;
/// the handler must not block for long and must not report.
package final class EventLog: @unchecked Sendable {
    // SAFETY: `minimum` and `windows` are touched only while `lock` is held.

    /// How much an event matters; a word of the setting `log-level`.
    package enum Level: String, CaseIterable, Comparable, Sendable {
        /// For developers: every commit of a manifest, every connection.
        case debug
        /// Work done as planned: a seal, a recovery.
        case info
        /// Normal, but worth to be seen: start, stop, a slow statement, a kill.
        case notice
        /// Somebody was refused or had to wait; nothing is lost.
        case warning
        /// Something failed that should not: a file, a block, a request for a reason of ours.
        case error
        /// The daemon does not do its work until somebody acts.
        case critical

        package static func < (left: Level, right: Level) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .debug: 0
            case .info: 1
            case .notice: 2
            case .warning: 3
            case .error: 4
            case .critical: 5
            }
        }
    }

    /// One event, as it is handed over.
    package struct Entry: Sendable {
        package var level: Level
        package var message: String
        package var fields: [(name: String, text: String)]
        /// Events of one kind are limited together: the message, and what tells kinds of one
        /// message apart. Out of few: names of tables, never numbers of connections.
        package var kind: String

        /// - Parameter kind: nil: the message.
        package init(
            _ level: Level, _ message: String, _ fields: KeyValuePairs<String, String> = [:],
            kind: String? = nil
        ) {
            self.level = level
            self.message = message
            self.fields = fields.map { (name: $0.key, text: $0.value) }
            self.kind = kind ?? message
        }
    }

    /// One kind's events since a moment.
    private struct Window {
        var startNanoseconds: Int64
        var passedCount = 0
        var heldBackCount = 0
        /// The worst that was held back, and its message.
        var level = Level.info
        var message = ""
    }

    /// Drops every event.
    package static let silent = EventLog(minimum: nil) { _ in }

    private static let windowNanoseconds: Int64 = 60_000_000_000
    /// Kinds that are told apart at a time; what comes beyond them is one kind together.
    private static let kindLimit = 256
    private static let otherKind = "other"

    private let lock = Lock()
    private var minimum: Level?
    private var windows: [String: Window] = [:]
    private let limitPerMinute: Int
    private let now: @Sendable () -> Int64
    private let handler: @Sendable (Entry) -> Void

    /// - Parameters:
    ///   - minimum: The least level that is passed on; nil: none.
    ///   - limitPerMinute: Events of one kind that are passed on in a minute, at least 1.
    ///   - now: Nanoseconds of a clock that never goes back.
    ///   - handler: Takes what is passed on, on the thread that reports.
    package init(
        minimum: Level? = .info, limitPerMinute: Int = 10,
        now: @escaping @Sendable () -> Int64 = { HostClock.monotonicNanoseconds() },
        handler: @escaping @Sendable (Entry) -> Void
    ) {
        self.minimum = minimum
        self.limitPerMinute = max(1, limitPerMinute)
        self.now = now
        self.handler = handler
    }

    /// Changes the least level that is passed on.
    package func setMinimum(_ level: Level) { lock.withLock { minimum = level } }

    /// Whether events of a level are passed on at all.
    package func passes(_ level: Level) -> Bool {
        lock.withLock { minimum.map { level >= $0 } ?? false }
    }

    /// Tells of an event; its fields are made only when the level is passed on.
    package func report(
        _ level: Level, _ message: String,
        _ fields: @autoclosure () -> KeyValuePairs<String, String> = [:], kind: String? = nil
    ) {
        guard passes(level) else { return }
        report(Entry(level, message, fields(), kind: kind))
    }

    /// Tells of an event that was made elsewhere.
    package func report(_ entry: Entry) {
        guard passes(entry.level) else { return }
        guard entry.level > .debug else { return handler(entry) }
        let time = now()
        let (isPassed, summary) = lock.withLock { take(entry, at: time) }
        if let summary { handler(summary) }
        if isPassed { handler(entry) }
    }

    /// Passes on how many events were held back, of every kind whose minute is over, or of all.
    /// Called from time to time, and at the end.
    package func flush(all: Bool = false) {
        let time = now()
        let summaries = lock.withLock { () -> [Entry] in
            var summaries: [Entry] = []
            for (kind, window) in windows where all || Self.isOver(window, at: time) {
                windows[kind] = nil
                if let summary = Self.summary(of: window) { summaries.append(summary) }
            }
            return summaries
        }
        for summary in summaries.sorted(by: { $0.kind < $1.kind }) { handler(summary) }
    }

    /// Counts an event: whether it is passed on, and what the minute before held back.
    private func take(_ entry: Entry, at time: Int64) -> (isPassed: Bool, summary: Entry?) {
        var kind = entry.kind
        if windows[kind] == nil, windows.count >= Self.kindLimit { kind = Self.otherKind }
        var window = windows[kind] ?? Window(startNanoseconds: time)
        var summary: Entry?
        if Self.isOver(window, at: time) {
            summary = Self.summary(of: window)
            window = Window(startNanoseconds: time)
        }
        let isPassed = window.passedCount < limitPerMinute
        if isPassed {
            window.passedCount += 1
        } else {
            window.heldBackCount += 1
            if window.heldBackCount == 1 || entry.level > window.level {
                (window.level, window.message) = (entry.level, entry.message)
            }
        }
        windows[kind] = window
        return (isPassed, summary)
    }

    private static func isOver(_ window: Window, at time: Int64) -> Bool {
        time - window.startNanoseconds >= windowNanoseconds
    }

    private static func summary(of window: Window) -> Entry? {
        guard window.heldBackCount > 0 else { return nil }
        return Entry(
            window.level, "\(window.heldBackCount) more like this",
            ["event": window.message], kind: window.message)
    }
}
