package import StoaModel

/// How the cells of one column are read: as which type, how its values are written, and what of
/// a text a value may leave out.
package struct Reading: Hashable, Sendable {
    package var type: ColumnType
    /// How numbers are written.
    package var numbers = NumberStyle.plain
    /// How dates are written besides `YYYY-MM-DD`.
    package var dates: DateFormat?
    package var care: Care

    /// What a value may leave out of its text.
    package enum Care: Hashable, Sendable {
        /// As a table's own type takes it: `007` is 7, `+1` is 1, `1` is true, and `1.5` fits two
        /// digits after the point.
        case asTyped
        /// Nothing that detection would have called another type: no leading zeros, no plus
        /// signs, as many digits after the point as the type has, no digit beyond a double.
        case exact
        /// As `exact`, but decimals may have fewer digits after the point.
        case exactUpToScale
    }

    package init(
        _ type: ColumnType, numbers: NumberStyle = .plain, dates: DateFormat? = nil,
        care: Care = .asTyped
    ) {
        self.type = type
        self.numbers = numbers
        self.dates = dates
        self.care = care
    }

    /// The same way of writing, read as a type that somebody else chose.
    package func `as`(_ type: ColumnType) -> Reading {
        Reading(type, numbers: numbers, dates: dates)
    }
}
