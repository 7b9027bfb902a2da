/// What a column's values are looked at for.
package struct ProfileRules: Hashable, Sendable {
    /// The ways of writing numbers that may be.
    package var families = NumberFamilies.all
    /// The formats of dates that may be, besides `YYYY-MM-DD`; those from `shortStart` on leave
    /// the century open.
    var formats = DateFormat.known + DateFormat.short
    var shortStart = DateFormat.known.count
    /// The caller's own format; it comes before all that is guessed.
    package var givenFormat: DateFormat?

    package init() {}

    /// Words that mean "no value" in many files; they are named, not taken away.
    static let nullWords = [
        "NA", "N/A", "n/a", "#N/A", "NULL", "null", "Null", "None", "none", "\\N", "nil", "-",
        "--", ".", "?", "*", "missing", "<NA>", "(null)", "[NULL]",
    ].map { Array($0.utf8) }
}
