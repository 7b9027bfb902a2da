/// What a side can do, one bit each. The server's set tells what it answers otherwise than
/// NOT_SUPPORTED. Append; never reuse a bit.
///
///     bit  name
///       0  sql                 QUERY
///       1  ingest              INGEST
///       2  bulk                BULK_*
///       3  aggregate           AGGREGATE
///       4  parameters          PARAMETER options
///       5  progress            PROGRESS frames
///       6  minimumGeneration   minimumGeneration of QUERY is waited for
///       7  throttle            THROTTLE frames
///       8  earlyAcknowledgement  ack levels below visible come earlier than visible
package struct Features: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) { self.rawValue = rawValue }

    package static let sql = Features(rawValue: 1 << 0)
    package static let ingest = Features(rawValue: 1 << 1)
    package static let bulk = Features(rawValue: 1 << 2)
    package static let aggregate = Features(rawValue: 1 << 3)
    package static let parameters = Features(rawValue: 1 << 4)
    package static let progress = Features(rawValue: 1 << 5)
    package static let minimumGeneration = Features(rawValue: 1 << 6)
    package static let throttle = Features(rawValue: 1 << 7)
    package static let earlyAcknowledgement = Features(rawValue: 1 << 8)

    /// What this build does.
    package static let version1: Features = [.sql, .ingest, .bulk]
}
