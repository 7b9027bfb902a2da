internal import StoaModel

/// How a column should be read, and why.
struct ColumnChoice: Hashable, Sendable {
    var reading: Reading
    /// One clause.
    var reason: String
    /// What the caller should know or could say.
    var note: String?

    /// What the other columns of a file show about its marks.
    struct Evidence: Hashable, Sendable {
        /// The decimal mark of every column that shows one.
        var decimalMark: UInt8?
        /// Bits of formats that some column fits without its swapped partner.
        var formats: UInt32 = 0
    }

    /// Gathers what the columns show without doubt.
    static func evidence(_ profiles: [ColumnProfile], _ rules: ProfileRules) -> Evidence {
        var evidence = Evidence()
        var hasPoint = false
        var hasComma = false
        for profile in profiles where profile.kinds.isSubset(of: numberKinds) {
            guard !profile.families.isEmpty, profile.kinds != [] else { continue }
            if profile.families.isDisjoint(with: .withPoint) { hasComma = true }
            if profile.families.isDisjoint(with: .withComma) { hasPoint = true }
        }
        if hasPoint != hasComma {
            evidence.decimalMark = hasPoint ? NumberStyle.point : NumberStyle.comma
        }
        for profile in profiles where !profile.kinds.isDisjoint(with: .moments) {
            guard profile.kinds.isDisjoint(with: .onlyStrings) else { continue }
            let candidates = candidates(profile, rules)
            if candidates.count == 1 { evidence.formats |= 1 << UInt32(candidates[0]) }
        }
        return evidence
    }

    private static let numberKinds: ValueKinds = [
        .numbers, .negative, .negativeZero, .inexact, .special, .unit, .bare,
    ]

    private static func candidates(_ profile: ColumnProfile, _ rules: ProfileRules) -> [Int] {
        rules.formats.indices.filter { profile.formats & (1 << UInt32($0)) != 0 }
    }

    /// The type the column should have.
    ///
    /// INT64, or UINT64, for integers; DECIMAL(18,s) when every value has the same 1 … 9 digits
    /// after the point; otherwise FLOAT64 for numbers whose digits it holds, else DECIMAL(18,s)
    /// if that holds them; DATE, TIMESTAMP (dates among timestamps are midnights), BOOL; STRING
    /// for all else and for nothing.
    init(_ profile: ColumnProfile, _ rules: ProfileRules, _ evidence: Evidence = Evidence()) {
        let kinds = profile.kinds
        if kinds.isEmpty {
            self.init("no values")
        } else if let given = rules.givenFormat, profile.fitsGivenFormat {
            let type: ColumnType = kinds.contains(.timestamp) ? .timestamp : .date
            self.init(
                reading: Reading(type, dates: given, care: .exact), reason: "\(given) as given")
        } else if !kinds.isDisjoint(with: .onlyStrings) {
            self.init(asString: profile, rules, evidence)
        } else if kinds.isSubset(of: Self.numberKinds) {
            self.init(numbers: profile, evidence)
        } else if kinds == .bool {
            self.init(reading: Reading(.bool, care: .exact), reason: "true and false")
        } else if kinds.isSubset(of: [.moments, .zoned, .local]) {
            self.init(moments: profile, rules, evidence)
        } else {
            self.init(asString: profile, rules, evidence)
        }
    }

    private init(reading: Reading, reason: String, note: String? = nil) {
        self.reading = reading
        self.reason = reason
        self.note = note
    }

    private init(_ reason: String, note: String? = nil) {
        self.init(reading: Reading(.string, care: .exact), reason: reason, note: note)
    }

    private init(numbers profile: ColumnProfile, _ evidence: Evidence) {
        let hasMixedUnits = profile.kinds.isSuperset(of: [.unit, .bare])
        guard !hasMixedUnits else {
            self.init(
                Self.at(profile.laterRow(of: .unit, .bare), "is the first with or without a sign"))
            return
        }
        let families = profile.families
        var style = families.style ?? .plain
        var facts =
            style.decimalMark == NumberStyle.comma ? profile.comma ?? profile.point : profile.point
        let isOpen =
            !families.isDisjoint(with: .withPoint) && !families.isDisjoint(with: .withComma)
            && profile.comma != nil && profile.comma != profile.point
        if isOpen {
            let isPlain = families.contains(.plain)
            let mark = evidence.decimalMark ?? (isPlain ? NumberStyle.point : nil)
            guard let mark, !(isPlain && mark == NumberStyle.comma) else {
                self.init(
                    isPlain
                        ? "points that may be decimal marks or stand between thousands"
                        : "commas that may be decimal marks or stand between thousands",
                    note: isPlain
                        ? "say --thousands . where 1.234 is 1234"
                        : "say --decimal-comma where 1,234 is 1.234, --thousands , where it is 1234"
                )
                return
            }
            let side = families.intersection(
                mark == NumberStyle.point ? .withPoint : .withComma)
            style = side.style ?? style
            facts = mark == NumberStyle.point ? profile.point : profile.comma ?? profile.point
        }
        style.unit = profile.unit
        guard let found = facts.type else {
            self.init(asString: profile, ProfileRules(), evidence)
            return
        }
        self.init(
            reading: Reading(found.type, numbers: style, care: found.care),
            reason: Self.reason(found.reason, style),
            note: profile.unit.map { "every value has \($0.rawValue), which is left out" })
    }

    private static func reason(_ reason: String, _ style: NumberStyle) -> String {
        var words = [reason]
        if style.decimalMark == NumberStyle.comma { words.append("decimal commas") }
        switch style.groupMark {
        case nil: break
        case UInt8(ascii: ","): words.append("commas between thousands")
        case UInt8(ascii: "."): words.append("points between thousands")
        case UInt8(ascii: " "): words.append("spaces between thousands")
        default: words.append("apostrophes between thousands")
        }
        return words.joined(separator: ", ")
    }

    private init(moments profile: ColumnProfile, _ rules: ProfileRules, _ evidence: Evidence) {
        let type: ColumnType = profile.kinds.contains(.timestamp) ? .timestamp : .date
        let note =
            profile.kinds.isSuperset(of: [.zoned, .local])
            ? "times without a zone are taken as UTC, beside others with a zone" : nil
        if profile.formats & ColumnProfile.standardFormat != 0 {
            self.init(reading: Reading(type, care: .exact), reason: "YYYY-MM-DD", note: note)
            return
        }
        var candidates = Self.candidates(profile, rules)
        if candidates.count > 1 {
            let told = candidates.filter { evidence.formats & (1 << UInt32($0)) != 0 }
            if told.count == 1 { candidates = told }
        }
        guard let only = candidates.first else {
            self.init("dates in several formats")
            return
        }
        guard candidates.count == 1, only < rules.shortStart else {
            let names = candidates.map { rules.formats[$0].description }
            self.init(
                "dates that may be \(names.joined(separator: " or "))",
                note: "say --date-format \(names.joined(separator: " or "))")
            return
        }
        self.init(
            reading: Reading(type, dates: rules.formats[only], care: .exact),
            reason: rules.formats[only].description, note: note)
    }

    /// A column that no other type holds.
    private init(
        asString profile: ColumnProfile, _ rules: ProfileRules, _ evidence: Evidence
    ) {
        let found = profile.misfits.min { ($0.row ?? .max) < ($1.row ?? .max) }
        guard let found else {
            self.init("text")
            return
        }
        var note: String?
        if profile.kinds.contains(.nullWord), !profile.kinds.contains(.text),
            !profile.hasManyNullWords, let word = profile.nullWord
        {
            let name = String(decoding: ProfileRules.nullWords[word], as: UTF8.self)
            let rest = ColumnChoice(profile.withoutNullWords, rules, evidence)
            if rest.reading.type != .string {
                note = "with --null '\(name)' it would be \(rest.reading.type)"
            }
        }
        self.init(Self.at(found.row, found.clause), note: note)
        // How its values are written matters all the same where somebody gives the type.
        if !profile.families.contains(.plain), let style = profile.families.style {
            reading.numbers = style
            reading.numbers.unit = profile.kinds.contains(.bare) ? nil : profile.unit
        }
        let candidates = Self.candidates(profile, rules)
        if candidates.count == 1 { reading.dates = rules.formats[candidates[0]] }
    }

    private static func at(_ row: Int?, _ clause: String) -> String {
        (row.map { "row \($0) " } ?? "a row further down ") + clause
    }
}

extension ColumnProfile {
    /// What keeps the column from another type than STRING, each with its first row.
    fileprivate var misfits: [(row: Int?, clause: String)] {
        var found: [(row: Int?, clause: String)] = []
        let hasNumbers = !kinds.isDisjoint(with: [.numbers, .special])
        let hasMoments = !kinds.isDisjoint(with: .moments)
        let hasBools = kinds.contains(.bool)
        let isPlainText = !hasNumbers && !hasMoments && !hasBools
        let other = hasNumbers ? "is no number" : hasMoments ? "is no date" : "is not true or false"
        if kinds.contains(.text), !isPlainText || !kinds.isDisjoint(with: .codes) {
            found.append((firstRow(of: .text), isPlainText ? "is text" : other))
        }
        for (kind, clause) in Self.clauses where kinds.contains(kind) {
            if kind == .nullWord, isPlainText, kinds.isDisjoint(with: .codes) { continue }
            found.append((firstRow(of: kind), clause))
        }
        if hasNumbers, hasMoments {
            found.append((laterRow(of: anyNumber, .moments), "is of another kind"))
        }
        if hasNumbers, hasBools {
            found.append((laterRow(of: anyNumber, .bool), "mixes true or false and numbers"))
        }
        if hasMoments, hasBools {
            found.append((laterRow(of: .moments, .bool), "is of another kind"))
        }
        return found
    }

    private var anyNumber: ValueKinds { [.numbers, .special] }

    private static let clauses: [(ValueKinds, String)] = [
        (.leadingZero, "has a leading zero"), (.plusSign, "has a plus sign"),
        (.nullWord, "has a word instead of a value"),
        (.beyondMicrosecond, "has digits beyond microseconds"),
        (.otherMarks, "writes its number in another way"),
        (.otherUnit, "has another sign at its number"),
        (.otherDates, "writes its date in another format"),
        (.negativeZero, "has a negative zero"), (.inexact, "has more digits than a number holds"),
    ]

    /// The first row at which kinds of both sets had come.
    func laterRow(of left: ValueKinds, _ right: ValueKinds) -> Int? {
        func first(_ kinds: ValueKinds) -> Int? {
            let rows = ValueKinds.each.filter { kinds.contains($0) && self.kinds.contains($0) }
                .map { firstRow(of: $0) }
            return rows.contains(nil) ? nil : rows.compactMap { $0 }.min()
        }
        guard let left = first(left), let right = first(right) else { return nil }
        return max(left, right)
    }
}
