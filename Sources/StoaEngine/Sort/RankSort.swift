internal import StoaModel

/// A row with the number that decides most comparisons.
struct RankedRow: BitwiseCopyable {
    var rank: UInt64
    var row: UInt32
}

/// Sorts rows by rank alone, stably.
enum RankSort {
    /// Rows from which on counting by bytes beats comparing.
    private static let radixCount = 2_048

    /// - Parameter check: Asked before each pass over the rows; what it throws ends the sort.
    static func sort(
        _ rows: inout [RankedRow], check: () throws(ServiceError) -> Void
    ) throws(ServiceError) {
        guard rows.count >= radixCount else {
            return rows.sort { ($0.rank, $0.row) < ($1.rank, $1.row) }
        }
        var other = rows
        for byte in 0..<8 {
            try check()
            let shift = UInt64(byte * 8)
            let isMoved = rows.withUnsafeBufferPointer { source in
                other.withUnsafeMutableBufferPointer { target in
                    scatter(source, shift: shift, into: target)
                }
            }
            if isMoved { swap(&rows, &other) }
        }
    }

    /// One pass by one byte; false when all rows have the same there.
    private static func scatter(
        _ source: UnsafeBufferPointer<RankedRow>, shift: UInt64,
        into target: UnsafeMutableBufferPointer<RankedRow>
    ) -> Bool {
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 256) { starts in
            starts.initialize(repeating: 0)
            for row in source { starts[Int(row.rank &>> shift & 0xFF)] &+= 1 }
            if starts.contains(source.count) { return false }
            var start = 0
            for digit in 0..<256 {
                let count = starts[digit]
                starts[digit] = start
                start &+= count
            }
            for row in source {
                let digit = Int(row.rank &>> shift & 0xFF)
                target[starts[digit]] = row
                starts[digit] &+= 1
            }
            return true
        }
    }
}
