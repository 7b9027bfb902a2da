/// A block does not decode to the rows it was made of: a fault of this program or of the
/// machine's memory.
package struct BlockMismatch: Error, Equatable {
    /// A row of the block at or before the first that differs.
    package var blockRow: Int
}
