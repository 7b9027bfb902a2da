internal import StoaModel

/// Finds rows that equal the one before them, among rows in an order of all their columns.
final class DistinctRows {
    private let readers: [CellReader]
    private var last: [Literal] = []

    init(types: [ColumnType], scratch: Scratch) {
        readers = types.map { CellReader(type: $0, scratch: scratch) }
    }

    /// Writes the numbers of the rows that differ from the one before and gives their count.
    func select(
        _ vectors: [Vector], count: Int, into rows: UnsafeMutablePointer<UInt16>
    ) throws(ServiceError) -> Int {
        for (reader, vector) in zip(readers, vectors) { try reader.begin(vector) }
        var kept = 0
        for row in 0..<count {
            let cells = readers.map { $0.literal(row) }
            if last.count == cells.count, zip(last, cells).allSatisfy(Self.isSame) { continue }
            last = cells
            rows[kept] = UInt16(row)
            kept += 1
        }
        return kept
    }

    /// All NaN are one value, as in groups.
    private static func isSame(_ left: Literal, _ right: Literal) -> Bool {
        if case .float(let first) = left, case .float(let second) = right {
            return first == second || (first.isNaN && second.isNaN)
        }
        return left == right
    }
}
