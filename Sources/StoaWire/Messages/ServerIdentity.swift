/// Which program answers, and for which database.
package struct ServerIdentity: Hashable, Sendable {
    /// Program and version: `stoad/0.1`.
    package var name: String
    /// 128 random bits of the database, high and low half.
    package var databaseHigh: UInt64
    package var databaseLow: UInt64
    /// Grows when the database's history is replaced, by a restore.
    package var incarnation: UInt64

    package init(
        name: String, databaseHigh: UInt64 = 0, databaseLow: UInt64 = 0, incarnation: UInt64 = 1
    ) {
        self.name = name
        self.databaseHigh = databaseHigh
        self.databaseLow = databaseLow
        self.incarnation = incarnation
    }
}
