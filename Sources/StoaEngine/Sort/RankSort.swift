internal import StoaBase
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
            let shift = UInt64(byte * 8)
            let isMoved = try rows.withUnsafeBufferPointer { source throws(ServiceError) in
                try other.withUnsafeMutableBufferPointer { target throws(ServiceError) in
                    try scatter(source, shift: shift, into: target, check: check)
                }
            }
            if isMoved { swap(&rows, &other) }
        }
    }

    /// Rows between two checks, about a millisecond.
    private static let rowsPerCheck = 1 << 18

    /// One pass by one byte; false when all rows have the same there.
    private static func scatter(
        _ source: UnsafeBufferPointer<RankedRow>, shift: UInt64,
        into target: UnsafeMutableBufferPointer<RankedRow>, check: () throws(ServiceError) -> Void
    ) throws(ServiceError) -> Bool {
        var starts = [Int](repeating: 0, count: 256)
        try forEachPart(source, check) { part in
            for row in part { starts[Int(row.rank &>> shift & 0xFF)] &+= 1 }
        }
        if starts.contains(source.count) { return false }
        var start = 0
        for digit in 0..<256 {
            let count = starts[digit]
            starts[digit] = start
            start &+= count
        }
        try forEachPart(source, check) { part in
            starts.withUnsafeMutableBufferPointer { starts in
                for row in part {
                    let digit = Int(row.rank &>> shift & 0xFF)
                    target[starts[digit]] = row
                    starts[digit] &+= 1
                }
            }
        }
        return true
    }

    /// Hands on the rows in parts, with a check before each.
    private static func forEachPart(
        _ rows: UnsafeBufferPointer<RankedRow>, _ check: () throws(ServiceError) -> Void,
        _ body: (UnsafeBufferPointer<RankedRow>) -> Void
    ) throws(ServiceError) {
        for first in stride(from: 0, to: rows.count, by: rowsPerCheck) {
            try check()
            let end = min(first + rowsPerCheck, rows.count)
            body(UnsafeBufferPointer(rebasing: rows[first..<end]))
        }
    }
}
