internal import StoaModel

/// Decides whether a record names the columns.
enum HeaderGuess {
    /// What speaks for a header or against it.
    enum Verdict {
        case header, row
        /// Names by what they are, with no values below to tell.
        case names
        /// A row of years or days above numbers: a header by its form alone.
        case series
    }

    /// - Parameters:
    ///   - first: the cells of the record.
    ///   - body: the types of what stands below it; nil for columns without a value.
    ///   - repeats: for each column, whether the record's text comes again below it.
    static func verdict(
        first: [[UInt8]], second: [[UInt8]], body: [ColumnType?], repeats: [Bool],
        rules: ProfileRules
    ) -> Verdict {
        var votesFor = 0
        var votesAgainst = 0
        var hasTypedCell = false
        for (position, cell) in first.enumerated() where position < body.count {
            let cellType = type(of: cell, rules)
            if let cellType, cellType != .string { hasTypedCell = true }
            guard let below = body[position], below != .string else { continue }
            // An empty cell may be a missing value as well as a missing name.
            guard let cellType else { continue }
            if isSameKind(cellType, below) { votesAgainst += 1 } else { votesFor += 1 }
        }
        if isSeries(first, body, rules), !isSeries(second, body, rules) { return .series }
        if votesFor != votesAgainst { return votesFor > votesAgainst ? .header : .row }
        // Only text below, or nothing: names are distinct, not numbers, and do not come again.
        let names = first.map { Names.folded(String(decoding: $0, as: UTF8.self)) }
        let filled = names.filter { !$0.isEmpty }
        return !hasTypedCell && filled.count == Set(filled).count && !filled.isEmpty
            && !repeats.contains(true) ? .names : .row
    }

    private static func isSameKind(_ left: ColumnType, _ right: ColumnType) -> Bool {
        left == right || (left.isNumeric && right.isNumeric) || (left.isTime && right.isTime)
    }

    /// Years that rise by one or days that rise, over numbers, with a name or nothing for the
    /// rest.
    private static func isSeries(
        _ cells: [[UInt8]], _ body: [ColumnType?], _ rules: ProfileRules
    ) -> Bool {
        var years: [Int] = []
        var nameCount = 0
        for (position, cell) in cells.enumerated() where position < body.count {
            let text = String(decoding: cell, as: UTF8.self)
            if let year = Int(text), (1800...2200).contains(year), text.utf8.count == 4 {
                guard body[position]?.isNumeric ?? true else { return false }
                years.append(year)
            } else {
                guard type(of: cell, rules) ?? .string == .string else { return false }
                nameCount += 1
            }
        }
        guard years.count >= 2, nameCount > 0 else { return false }
        return zip(years, years.dropFirst()).allSatisfy { $1 - $0 == years[1] - years[0] }
            && years[0] != years[1]
    }

    /// The type a single cell would give its column; nil for an empty one.
    static func type(of cell: [UInt8], _ rules: ProfileRules) -> ColumnType? {
        guard !cell.isEmpty else { return nil }
        var profile = ColumnProfile()
        let padded = cell + [UInt8](repeating: 0, count: 32)
        padded.withUnsafeBytes { bytes in
            if let address = bytes.baseAddress { profile.add(address, cell.count, rules) { 1 } }
        }
        return profile.valueCount == 0 ? nil : ColumnChoice(profile, rules).reading.type
    }
}
