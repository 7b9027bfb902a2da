internal import StoaBase
internal import StoaModel

/// How strings will stand as numbers in templates, with the exact size of that.
final class NumericStringPlan {
    struct Template {
        let prefix: [UInt8]
        let digitCount: Int
    }

    let templates: [Template]
    let prefixByteCount: Int
    let numbers: NumberInput
    let numbersPlan: NumberPlan
    /// Positions of templates, when there are several.
    let indexes: (input: NumberInput, plan: NumberPlan)?
    let exceptionRows: [UInt32]
    let exceptions: (input: TextInput, plan: TextPlan)?
    /// Bytes without the children.
    let ownByteCount: Int
    let byteCount: Int

    /// The smallest plan; nil when too few strings end with digits, or have too many templates.
    static func choose(_ input: TextInput, depth: Int) -> NumericStringPlan? {
        guard let split = NumericStringSplit(input) else { return nil }
        let all = [Bool](repeating: true, count: split.templates.count)
        let whole = NumericStringPlan(input, split, keeping: all, depth: depth)
        // Rare templates may be cheaper as exceptions: the others need fewer bits, or none.
        let frequent = split.rowCounts.map { $0 * 64 >= input.rowCount }
        let rareRowCount = zip(split.rowCounts, frequent).reduce(0) { $0 + ($1.1 ? 0 : $1.0) }
        guard rareRowCount > 0, rareRowCount * 16 <= input.rowCount,
            let reduced = NumericStringPlan(input, split, keeping: frequent, depth: depth)
        else { return whole }
        guard let whole else { return reduced }
        return reduced.byteCount < whole.byteCount ? reduced : whole
    }

    /// Nil when there are exceptions and no level is left for them, or nothing else.
    private init?(
        _ input: TextInput, _ split: NumericStringSplit, keeping isKept: [Bool], depth: Int
    ) {
        var places = [UInt64?](repeating: nil, count: split.templates.count)
        var templates: [Template] = []
        for (index, template) in split.templates.enumerated() where isKept[index] {
            places[index] = UInt64(templates.count)
            templates.append(template)
        }
        let rows = split.rows(places, rowCount: input.rowCount)
        guard !templates.isEmpty, rows.exceptionRows.isEmpty || depth >= 2 else { return nil }
        self.templates = templates
        prefixByteCount = templates.reduce(0) { $0 + $1.prefix.count }
        numbers = rows.numbers
        exceptionRows = rows.exceptionRows
        let rules = EncodingChooser.Rules(allowsLZ4: false)
        numbersPlan = EncodingChooser.choose(numbers, NumberProfile(numbers), rules)
        indexes =
            templates.count == 1
            ? nil
            : (
                rows.indexes,
                EncodingChooser.choose(rows.indexes, NumberProfile(rows.indexes), rules)
            )
        if exceptionRows.isEmpty {
            exceptions = nil
        } else {
            let strings = input.selected(exceptionRows)
            exceptions = (strings, TextPlan.chooseBytes(strings, depth: depth - 1))
        }
        ownByteCount = NumericStringCodec.ownByteCount(
            templateCount: templates.count, prefixByteCount: prefixByteCount,
            exceptionCount: exceptionRows.count)
        byteCount =
            ownByteCount + numbersPlan.byteCount(rowCount: input.rowCount)
            + (indexes?.plan.byteCount(rowCount: input.rowCount) ?? 0)
            + (exceptions.map { $0.plan.byteCount($0.input) } ?? 0)
    }

    var text: String {
        var parts = [numbersPlan.text]
        if let indexes { parts.append(indexes.plan.text) }
        if let exceptions { parts.append(exceptions.plan.text) }
        return "NUMERIC_STRING(\(parts.joined(separator: ", ")))"
    }
}
