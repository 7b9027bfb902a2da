internal import StoaBase

/// A sum without any rounding: a fixed-point number in two's complement that covers every
/// summand.
///
///     doubles   bit 0 is 2^-1074, the smallest; 35 words leave room for 2^79 summands
///     squares   bit 0 is 2^-2148; 68 words leave room for 2^80
///
/// Source: Kulisch, "Computer Arithmetic and Validity" (2008), the long accumulator. The order of
/// the summands cannot matter, because nothing is lost. The words are the owner's.
struct LongSum {
    static let wordCount = 35
    static let squareWordCount = 68
    /// The exponent of bit 0 of a sum of doubles.
    static let lowestExponent = -1_074

    let words: UnsafeMutablePointer<UInt64>
    let count: Int
    /// The exponent of bit 0.
    let exponent: Int

    /// Adds `number × 2^exponent`; its bits are not below bit 0.
    func add(_ number: Int128, exponent: Int) {
        guard number != 0 else { return }
        WordArithmetic.add(
            number.magnitude, isNegative: number < 0, atBit: exponent - self.exponent, to: words,
            count)
    }

    /// Adds a finite double to a sum of doubles.
    func add(_ value: Double) {
        let (mantissa, exponent) = Self.parts(value)
        guard mantissa != 0 else { return }
        WordArithmetic.add(
            UInt128(mantissa), isNegative: value < 0, atBit: exponent - self.exponent, to: words,
            count)
    }

    /// Adds the square of a finite double to a sum of squares.
    func addSquare(_ value: Double) {
        let (mantissa, exponent) = Self.parts(value)
        guard mantissa != 0 else { return }
        WordArithmetic.add(
            UInt128(mantissa) * UInt128(mantissa), isNegative: false,
            atBit: 2 * exponent - self.exponent, to: words, count)
    }

    /// Adds a sum of the same kind.
    func add(_ other: LongSum) { WordArithmetic.add(other.words, to: words, count) }

    /// A finite double's magnitude as `mantissa × 2^exponent`.
    static func parts(_ value: Double) -> (mantissa: UInt64, exponent: Int) {
        let biased = Int(truncatingIfNeeded: value.bitPattern &>> 52) & 0x7FF
        let fraction = value.bitPattern & 0x000F_FFFF_FFFF_FFFF
        // Subnormals have the exponent of the smallest normals and no hidden bit.
        return biased == 0
            ? (fraction, lowestExponent) : (fraction | 1 &<< 52, biased &- 1 &+ lowestExponent)
    }
}

/// The long sums of those groups that need them: many rows, or values of very different size.
struct LongSumPool: ~Copyable {
    private var words: GrowingBuffer<UInt64>
    private let stride: Int
    private var count = 0

    /// - Parameter hasSquares: Whether each entry also has a sum of squares.
    init(hasSquares: Bool, budget: MemoryBudget) {
        stride = LongSum.wordCount + (hasSquares ? LongSum.squareWordCount : 0)
        words = GrowingBuffer(budget: budget)
    }

    /// Makes an entry of zeros if `position` is 0; positions count from 1.
    mutating func makeIfNeeded(_ position: inout UInt32) throws(MemoryLimitReached) {
        guard position == 0 else { return }
        try words.reserve((count + 1) * stride, used: count * stride)
        (words.base + count * stride).update(repeating: 0, count: stride)
        count += 1
        position = UInt32(count)
    }

    /// The sums at a position; valid until the next entry is made.
    func sums(_ position: UInt32) -> LongSums {
        let first = words.base + (Int(position) - 1) * stride
        let sum = LongSum(
            words: first, count: LongSum.wordCount, exponent: LongSum.lowestExponent)
        guard stride > LongSum.wordCount else { return LongSums(sum: sum, squares: nil) }
        return LongSums(
            sum: sum,
            squares: LongSum(
                words: first + LongSum.wordCount, count: LongSum.squareWordCount,
                exponent: 2 * LongSum.lowestExponent))
    }
}

/// The long sums of a group.
struct LongSums {
    let sum: LongSum
    /// The sum of the squares, where they are asked for.
    let squares: LongSum?

    /// Adds a finite double.
    func add(_ value: Double) {
        sum.add(value)
        squares?.addSquare(value)
    }

    /// Adds sums of the same kind.
    func add(_ other: LongSums) {
        sum.add(other.sum)
        if let squares, let others = other.squares { squares.add(others) }
    }
}
