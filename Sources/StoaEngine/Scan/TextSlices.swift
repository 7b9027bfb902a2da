internal import StoaBase

/// How many rows are handed on at a time, so that their texts together stay small: what functions
/// make of a batch of 4,096 rows may have gigabytes.
struct TextSlices {
    /// Bytes of text that are worth a slice.
    private static let byteCountTarget = 4 << 20
    /// Rows of the first slice, when nobody knows yet how long the texts are.
    private static let firstRowCount = 16

    private var rowCount = 0

    /// Rows for the next slice, by what those of the last one came to.
    mutating func next(_ compiler: ExpressionCompiler) -> Int {
        let byteCount = compiler.scratch.textByteCount
        compiler.scratch.textByteCount = 0
        if rowCount == 0 {
            rowCount = compiler.makesText ? Self.firstRowCount : Limits.batchRows
        } else if byteCount > Self.byteCountTarget {
            rowCount = max(1, rowCount * Self.byteCountTarget / byteCount)
        } else if rowCount < Limits.batchRows, byteCount < Self.byteCountTarget / 2 {
            rowCount = min(rowCount * 2, Limits.batchRows)
        }
        return rowCount
    }
}
