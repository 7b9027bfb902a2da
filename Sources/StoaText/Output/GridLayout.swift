/// Which columns of a drawn table are shown, and how wide.
///
/// When the table is too wide, the widest columns give up first, down to ten; then columns in
/// the middle are left out, so that the first (what a row is about) and the last ones stay.
struct GridLayout {
    struct Shown {
        let column: Int
        var width: Int
    }

    private(set) var shown: [Shown]
    /// The place among the shown columns before which others were left out.
    private(set) var gap: Int?

    private static let leastWidth = 10

    init(_ widths: [Int], limit: Int?) {
        shown = widths.enumerated().map { Shown(column: $0, width: max(1, $1)) }
        guard let limit, total > limit else { return }
        shrink(to: limit)
        while total > limit, shown.count > 1 {
            let place = gap ?? (shown.count + 1) / 2
            // Alternately behind and before the gap, so that it stays in the middle.
            let isBehind = place < shown.count && shown.count - place >= place
            let removed = isBehind ? place : place - 1
            shown.remove(at: removed)
            gap = isBehind ? place : place - 1
        }
        if total > limit, shown.count == 1 { shown[0].width = max(1, limit - 4) }
    }

    /// Columns of the terminal that the drawn table takes.
    private var total: Int {
        shown.reduce(1 + (gap == nil ? 0 : 4)) { $0 + $1.width + 3 }
    }

    /// Lowers one cap for all columns until the table fits or the cap is at its least.
    private mutating func shrink(to limit: Int) {
        var low = Self.leastWidth
        var high = shown.reduce(low) { max($0, $1.width) }
        let natural = shown
        while low < high {
            let cap = (low + high + 1) / 2
            shown = natural.map { Shown(column: $0.column, width: min($0.width, cap)) }
            if total <= limit { low = cap } else { high = cap - 1 }
        }
        shown = natural.map { Shown(column: $0.column, width: min($0.width, low)) }
    }
}
