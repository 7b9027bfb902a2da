internal import StoaBase

/// One group of an exact sum of floats: integers over the state's grids, and where the rest is.
protocol FloatCell: BitwiseCopyable {
    /// Rows summed.
    var count: Int64 { get set }
    /// The position of the long sums in the pool; 0: none yet.
    var long: UInt32 { get set }
    var special: FloatSpecials { get set }
    /// Whether any integer is not zero.
    var hasIntegers: Bool { get }

    mutating func clearIntegers()
    /// Adds the integers of a cell over the same grids; does nothing and is false when they
    /// would leave too little room.
    mutating func takeIntegers(of other: Self) -> Bool
    /// Adds the integers, which are over `grid`, to long sums.
    func addIntegers(_ grid: FloatGrid, to sums: LongSums)
}
