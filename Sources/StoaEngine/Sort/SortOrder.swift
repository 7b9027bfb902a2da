internal import StoaModel

/// By which columns rows are sorted, most important first.
struct SortOrder: Sendable {
    struct Key: Sendable {
        /// Position among the stored columns.
        var column: Int
        var isDescending: Bool
        var isNullsFirst: Bool
    }

    var keys: [Key]
}
