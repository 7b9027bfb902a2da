internal import StoaCompute
internal import StoaModel

/// The rows that an expression is evaluated for: a batch, and which of its rows count.
struct Frame {
    var rowCount: Int
    /// Rows whose errors are errors; values of the others are never looked at.
    var selection: UnsafePointer<UInt64>
    /// Differs between frames, so that what was computed for one is not taken for another.
    var serial: UInt64
    /// Rows whose values are ever looked at. Fewer than all where texts are long, so that they are
    /// made a few at a time; all frames of a batch with one serial or narrowed from it agree.
    var slice: Range<Int>
    /// Where the rows of the batch stand in the table.
    var place = RowPlace()
}

/// Values of one batch, with what is known of them.
struct Value {
    var vector: Vector
    /// Bounds of the non-null numbers of integer-backed vectors, where known without a look.
    var bounds: ClosedRange<Int128>?

    init(_ vector: Vector, bounds: ClosedRange<Int128>? = nil) {
        self.vector = vector
        self.bounds = bounds
    }
}

/// Where the columns of expressions come from: a scan's blocks or an aggregation's groups.
class ColumnSource {
    /// Counts the frames of this source.
    private var lastSerial: UInt64 = 0
    /// Where the rows of the current batch stand.
    final var place = RowPlace()
    /// The rows of the current batch that are looked at; nil: all.
    final var slice: Range<Int>?

    /// A frame over the current batch.
    final func frame(rowCount: Int, selection: UnsafePointer<UInt64>) -> Frame {
        lastSerial &+= 1
        return Frame(
            rowCount: rowCount, selection: selection, serial: lastSerial,
            slice: slice ?? 0..<rowCount, place: place)
    }

    /// The same batch with fewer rows that count.
    final func narrowed(_ frame: Frame, to selection: UnsafePointer<UInt64>) -> Frame {
        self.frame(rowCount: frame.rowCount, selection: selection)
    }

    /// Column `index` of the current batch; the same vector for every call within the batch.
    func column(_ index: Int) throws(ServiceError) -> Value {
        throw ServiceError(.unknownColumn, "There are no columns without a table.")
    }
}
