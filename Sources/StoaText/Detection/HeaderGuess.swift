internal import StoaModel

/// Decides whether the first record names the columns.
enum HeaderGuess {
    /// - Parameters:
    ///   - first: the cells of the first record.
    ///   - body: what the records behind it show.
    ///   - repeats: for each column, whether the first record's text comes again below it.
    static func isHeader(
        first: [[UInt8]], body: [ColumnProfile], repeats: [Bool]
    ) -> Bool {
        var votesFor = 0
        var votesAgainst = 0
        var hasTypedCell = false
        for (position, cell) in first.enumerated() where position < body.count {
            let cellType = type(of: cell)
            if let cellType, cellType != .string { hasTypedCell = true }
            guard body[position].valueCount > 0, body[position].type != .string else { continue }
            switch cellType {
            case nil: continue  // An empty cell may be a missing value as well as a missing name.
            case .string: votesFor += 1
            default: votesAgainst += 1
            }
        }
        if votesFor != votesAgainst { return votesFor > votesAgainst }
        // Only text below, or nothing: names are distinct, not numbers, and do not come again.
        let names = first.map { Names.folded(String(decoding: $0, as: UTF8.self)) }
        let filled = names.filter { !$0.isEmpty }
        return !hasTypedCell && filled.count == Set(filled).count && !filled.isEmpty
            && !repeats.contains(true)
    }

    /// The type a single cell would give its column; nil for an empty one.
    private static func type(of cell: [UInt8]) -> ColumnType? {
        guard !cell.isEmpty else { return nil }
        var profile = ColumnProfile()
        let padded = cell + [UInt8](repeating: 0, count: 16)
        padded.withUnsafeBytes { bytes in
            if let address = bytes.baseAddress { profile.add(address, cell.count) }
        }
        return profile.valueCount == 0 ? nil : profile.type
    }
}
