/// What `+ - * // %` do to two numbers. Division to FLOAT64 is apart: it has its own result type.
package enum NumberOperator: UInt8, CaseIterable, Sendable {
    case add, subtract, multiply, integerDivide, modulo
}

/// The rows whose errors count: selected, and not null on either side.
@usableFromInline
package struct RowScope {
    package var rowCount: Int
    @usableFromInline package var selection: UnsafePointer<UInt64>
    @usableFromInline package var validity: UnsafePointer<UInt64>?

    package init(
        rowCount: Int, selection: UnsafePointer<UInt64>, validity: UnsafePointer<UInt64>?
    ) {
        self.rowCount = rowCount
        self.selection = selection
        self.validity = validity
    }

    /// Whether an error in this row is an error of the query.
    @inlinable
    package func counts(_ row: Int) -> Bool {
        guard MaskWords.isSet(selection, row) else { return false }
        guard let validity else { return true }
        return MaskWords.isSet(validity, row)
    }
}
