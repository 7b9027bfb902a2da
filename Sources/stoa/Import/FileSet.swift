internal import StoaModel
internal import StoaText

/// The files of one load with what each seems to hold, and the columns that all of them fill.
struct FileSet {
    struct Part {
        let file: InputFile
        var proposal: FileProposal
    }

    private(set) var parts: [Part]

    /// Looks at every file.
    ///
    /// - Throws: `Failure` when one is no table, or their columns are not the same.
    init(_ files: [InputFile], options: ImportOptions) throws {
        parts = []
        for file in files {
            var wishes = options.wishes(for: file)
            if let first = parts.first, wishes.hasHeader == nil, first.proposal.dialect.hasHeader {
                wishes.hasHeader = try Self.hasSameHeader(file, wishes, as: first) ? true : nil
            }
            let proposal = try FileSampler.propose(file, wishes: wishes)
            let part = Part(file: file, proposal: proposal)
            if let first = parts.first { try Self.check(part, against: first) }
            parts.append(part)
        }
        for part in parts.dropFirst() {
            var shown = ChunkProfiler.Result(cellCount: parts[0].proposal.profiles.count)
            shown.columns = Self.profiles(part.proposal.profiles, of: part, as: parts[0])
            parts[0].proposal.merge(shown)
        }
    }

    var files: [InputFile] { parts.map(\.file) }

    /// The columns of a new table: those of the first file, in its order, with types that all
    /// files fit as far as they were looked at.
    var columns: [ParseColumn] { parts[0].proposal.columns }

    /// The plan that reads a file into a table of `columns`.
    func creatingPlan(_ part: Part) -> ParsePlan {
        var plan = part.proposal.creatingPlan
        plan.columns = columns.enumerated().map { index, column in
            var column = column
            column.position = Self.position(of: index, in: part, as: parts[0])
            return column
        }
        return plan
    }

    /// Takes in what every value of all files showed, one result per file. Returns the positions
    /// of the columns whose type is another one now.
    mutating func widen(by results: [ChunkProfiler.Result]) -> [Int] {
        let before = columns.map(\.type)
        for (index, result) in results.enumerated() {
            if index == 0 {
                parts[0].proposal.settle(result)
            } else {
                var shown = result
                shown.columns = Self.profiles(result.columns, of: parts[index], as: parts[0])
                parts[0].proposal.merge(shown)
            }
        }
        return columns.indices.filter { columns[$0].type != before[$0] }
    }

    /// Where a column of the first file stands in the records of another.
    private static func position(of index: Int, in part: Part, as first: Part) -> Int {
        let column = first.proposal.columns[index]
        guard part.proposal.dialect.hasHeader else { return part.proposal.columns[index].position }
        let found = part.proposal.columns.first { Names.isEqual($0.name, column.name) }
        return found?.position ?? column.position
    }

    /// A file's profiles in the order of the first file's cells.
    private static func profiles(
        _ profiles: [ColumnProfile], of part: Part, as first: Part
    ) -> [ColumnProfile] {
        var ordered = first.proposal.profiles.map { _ in ColumnProfile() }
        for (index, column) in first.proposal.columns.enumerated() {
            let position = position(of: index, in: part, as: first)
            if position < profiles.count { ordered[column.position] = profiles[position] }
        }
        return ordered
    }

    /// Whether a file begins with the names of the first, in any order: then they are its header,
    /// whatever stands below them.
    private static func hasSameHeader(
        _ file: InputFile, _ wishes: FileProposal.Wishes, as first: Part
    ) throws -> Bool {
        var wishes = wishes
        wishes.hasHeader = true
        let names = try FileSampler.propose(file, wishes: wishes).columns.map(\.name)
        return folded(names) == folded(first.proposal.columns.map(\.name))
    }

    private static func folded(_ names: [String]) -> Set<String> {
        Set(names.map { Names.folded($0) })
    }

    /// - Throws: `Failure` when the files do not have the same columns.
    private static func check(_ part: Part, against first: Part) throws {
        let (name, firstName) = (part.file.path, first.file.path)
        let (found, wanted) = (part.proposal, first.proposal)
        guard found.dialect.hasHeader == wanted.dialect.hasHeader else {
            let (with, without) =
                wanted.dialect.hasHeader ? (firstName, name) : (name, firstName)
            throw Failure.local(
                "\(with) has a header, \(without) seems to have none",
                hint: "Say --header or --no-header if all have the same, or import them apart.")
        }
        guard wanted.dialect.hasHeader else {
            guard found.columns.count == wanted.columns.count else {
                throw Failure.local(
                    "\(firstName) has \(wanted.columns.count) columns, \(name) has "
                        + "\(found.columns.count)")
            }
            return
        }
        let names = folded(found.columns.map(\.name))
        if let missing = wanted.columns.first(where: { !names.contains(Names.folded($0.name)) }) {
            throw Failure.local(
                "\(name) lacks the column \"\(missing.name)\" of \(firstName)",
                hint: "Files of one load have the same columns; import them apart.")
        }
        let known = folded(wanted.columns.map(\.name))
        if let further = found.columns.first(where: { !known.contains(Names.folded($0.name)) }) {
            throw Failure.local(
                "\(name) has a column \"\(further.name)\" that \(firstName) lacks",
                hint: "Files of one load have the same columns; import them apart.")
        }
    }
}
