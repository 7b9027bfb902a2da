/// Where the rows of a batch stand among all rows of a table.
@usableFromInline
package struct RowPlace {
    /// The place of the batch's first row; of gathered rows, of their block's first.
    @usableFromInline package var firstRow: Int
    /// For each row its distance from `firstRow`; nil: rows follow each other.
    @usableFromInline package var gathered: UnsafePointer<UInt16>?

    /// The places of rows that come from anywhere.
    @usableFromInline package var places: UnsafePointer<UInt64>?

    package init(places: UnsafePointer<UInt64>) {
        firstRow = 0
        self.places = places
    }

    package init(firstRow: Int = 0, gathered: UnsafePointer<UInt16>? = nil) {
        self.firstRow = firstRow
        self.gathered = gathered
    }

    /// The place of a row of the batch.
    @inlinable
    package subscript(row: Int) -> Int {
        if let places { return Int(truncatingIfNeeded: places[row]) }
        return firstRow &+ (gathered.map { Int($0[row]) } ?? row)
    }
}
