/// What a block took, for the next block of the same column: planning one encoding instead of
/// all of them makes sealing several times as fast.
package struct ChoiceHint: Sendable {
    /// The encoding of the values, below the validity.
    let encoding: Encoding
    /// Whether the values stood without the null rows; nil without null rows.
    let isCompact: Bool?
    /// Bytes and rows of the values' node.
    let byteCount: Int
    let rowCount: Int
    /// Null rows in a thousand.
    let nullShare: Int

    /// Whether a node of this size is at most 2 % larger per row.
    func accepts(_ byteCount: Int, rowCount: Int) -> Bool {
        byteCount * self.rowCount * 50 <= (self.byteCount * 51 + 64) * rowCount
    }

    /// Whether a block has about as many null rows as the one before.
    func fits(nullCount: Int, of rowCount: Int) -> Bool {
        abs(nullCount * 1_000 / rowCount - nullShare) <= 20
    }
}
