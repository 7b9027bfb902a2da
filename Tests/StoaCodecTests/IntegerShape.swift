import StoaBase

/// Columns of integers, each named after a way in which a codec has broken or could.
enum IntegerShape: String, CaseIterable {
    case oneValue, extremesSideBySide, allTheSame, twoValues, rising, risingWithGaps, falling
    case randomBytes, randomNarrow, randomWide, outliers, lowOutlier, clustered, multiples
    case longRuns, shortRuns, vectorLess, vectorExactly, vectorAndOne, blockLess, fullBlock
    case negative, skewed, randomWalk, timestamps, unsignedEdge, alternatingWidths
    case aroundTheClock, zigzag

    var rowCount: Int {
        switch self {
        case .oneValue: 1
        case .extremesSideBySide: 6
        case .vectorLess: 1_023
        case .vectorExactly: 1_024
        case .vectorAndOne: 1_025
        case .blockLess: 65_535
        case .fullBlock, .timestamps, .outliers: 65_536
        default: 9_000
        }
    }

    func values(seed: UInt64 = 1) -> [Int64] {
        var random = SeededRandom(seed: seed)
        var state: Int64 = 1_700_000_000_000_000
        return (0..<rowCount).map { row in value(row, &random, &state) }
    }

    private func value(_ row: Int, _ random: inout SeededRandom, _ state: inout Int64) -> Int64 {
        let bits = random.next()
        let small = Int64(bits & 0xFF), rare = bits >> 40 & 0x3F == 0
        switch self {
        case .oneValue: return -7
        case .extremesSideBySide: return row % 2 == 0 ? .min : .max
        case .allTheSame: return 42
        case .twoValues: return Int64(bits & 1) * 1_000
        case .rising: return Int64(row)
        case .risingWithGaps, .timestamps:
            state += (Int64(bits & 15) + 1) * (self == .timestamps ? 1_000 : 1)
            return state
        case .falling: return -3 * Int64(row)
        case .randomBytes: return small
        case .randomNarrow, .vectorLess, .vectorExactly, .vectorAndOne, .blockLess, .fullBlock:
            return Int64(bits % 1_000) - 500
        case .randomWide: return Int64(bitPattern: bits)
        case .outliers: return rare ? Int64(bits >> 20) : small
        case .lowOutlier: return rare ? -999_999_999 : small + 1_000
        case .clustered: return Int64(row / 1_024) * 1_000_000 + small
        case .multiples: return Int64(bits % 5_000) * 1_000_000 - 77
        case .longRuns: return Int64(row / 700) * 31 % 17
        case .shortRuns: return Int64(row / 3) * 7_919 % 1_001
        case .aroundTheClock: return Int64(truncatingIfNeeded: row) &* (1 << 62)
        case .zigzag:
            state += row % 2 == 0 ? 100_003 : -100_000
            return state
        case .negative: return -small - 1
        case .skewed: return Int64(bits >> (1 + bits % 60))
        case .randomWalk:
            state += Int64(bits % 2_001) - 1_000
            return state
        case .unsignedEdge: return Int64.max &+ small &- 100
        case .alternatingWidths: return row / 1_024 % 2 == 0 ? small : Int64(bits & 0xFFFFF)
        }
    }
}

/// Which rows of a test column are null.
enum NullShape: String, CaseIterable {
    case none, first, last, alternating, fewScattered, mostly, longStretch, wholeVectors

    func isNull(_ row: Int, of rowCount: Int) -> Bool {
        switch self {
        case .none: false
        case .first: row == 0
        case .last: row == rowCount - 1
        case .alternating: row % 2 == 0
        case .fewScattered: row % 97 == 13
        case .mostly: row % 50 != 7
        case .longStretch: row >= rowCount / 4 && row < rowCount / 2
        case .wholeVectors: row / 1_024 % 2 == 1
        }
    }

    /// Words of validity; nil without nulls.
    func validity(rowCount: Int) -> [UInt64]? {
        guard self != .none else { return nil }
        var words = [UInt64](repeating: 0, count: (rowCount + 63) / 64)
        for row in 0..<rowCount where !isNull(row, of: rowCount) {
            words[row / 64] |= 1 << UInt64(row % 64)
        }
        return words
    }
}
