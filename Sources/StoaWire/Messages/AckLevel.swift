/// How much has happened to a batch when it is acknowledged; each level includes the ones before.
package enum AckLevel: UInt8, CaseIterable, Sendable {
    /// Checked and taken in; a crash may still lose it.
    case received = 1
    /// On stable storage.
    case durable = 2
    /// In the answers of every query that starts now.
    case visible = 3
}
