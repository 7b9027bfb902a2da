internal import StoaBase
package import StoaModel

/// What is known of the values of one column: enough to choose its type, and two profiles of two
/// parts of a file add up to the profile of both.
///
/// A value counts as a number, date or boolean exactly when the parser reads it as one without
/// leaving anything out, because both ask the same functions.
package struct ColumnProfile: Hashable, Sendable {
    private(set) var kinds: ValueKinds = []
    /// Values that are not NULL.
    package private(set) var valueCount = 0
    /// How numbers may be written so that all fit.
    private(set) var families = NumberFamilies.all
    /// The numbers with a point as the decimal mark, and with a comma. They are told apart from
    /// the first value on that is another number under each.
    private(set) var point = NumberFacts()
    private(set) var comma: NumberFacts?
    /// What stands at the numbers.
    private(set) var unit: NumberUnit?
    /// Bit i: all dates fit format i of the rules; bit 31: they are `YYYY-MM-DD`.
    private(set) var formats = UInt32.max
    /// Whether all values fit the caller's format of dates.
    private(set) var fitsGivenFormat = true
    /// The first word that means "no value"; whether it is the only one.
    private(set) var nullWord: Int?
    private(set) var hasManyNullWords = false
    /// Where each kind was seen first.
    private var firsts: [First] = []

    private struct First: Hashable, Sendable {
        var kind: ValueKinds
        var row: Int
    }

    static let standardFormat: UInt32 = 1 << 31
    /// The row of what was seen in a part of the file whose rows are not numbered.
    static let unknownRow = 0

    package init() {}

    /// The type of a column that is the whole file.
    package var type: ColumnType { ColumnChoice(self, ProfileRules()).reading.type }

    /// The row, counted from 1, of the first value of a kind; nil when it is not known.
    func firstRow(of kind: ValueKinds) -> Int? {
        firsts.first { $0.kind == kind }.flatMap { $0.row == Self.unknownRow ? nil : $0.row }
    }

    /// The profile that the column would have if its null words were NULL.
    var withoutNullWords: ColumnProfile {
        var rest = self
        rest.kinds.remove(.nullWord)
        return rest
    }

    /// Takes in what another part of the column showed.
    ///
    /// - Parameter rowOffset: rows before that part; nil when that is not known.
    package mutating func merge(_ other: ColumnProfile, rowOffset: Int? = nil) {
        let hadNumbers = !families.isEmpty && other.families.isDisjoint(with: families)
        let hadDates = formats != 0 && other.formats != 0 && formats & other.formats == 0
        if comma != nil || other.comma != nil {
            var merged = comma ?? point
            merged.merge(other.comma ?? other.point)
            comma = merged
        }
        point.merge(other.point)
        families.formIntersection(other.families)
        formats &= other.formats
        fitsGivenFormat = fitsGivenFormat && other.fitsGivenFormat
        if let otherWord = other.nullWord {
            hasManyNullWords =
                hasManyNullWords || other.hasManyNullWords || (nullWord ?? otherWord) != otherWord
            nullWord = nullWord ?? otherWord
        }
        var found = other.kinds
        if hadNumbers { found.insert(.otherMarks) }
        if hadDates { found.insert(.otherDates) }
        if let unit, let otherUnit = other.unit, unit != otherUnit { found.insert(.otherUnit) }
        unit = unit ?? other.unit
        for first in other.firsts {
            let row = rowOffset.map { first.row == Self.unknownRow ? first.row : first.row + $0 }
            note(first.kind, row ?? Self.unknownRow)
        }
        note(found, Self.unknownRow)
        valueCount += other.valueCount
    }

    /// Takes in one value. At least eight bytes behind it must be readable.
    ///
    /// - Parameter row: the number of its row, from 1; asked for when the value shows
    ///   something new.
    mutating func add(
        _ text: UnsafeRawPointer, _ count: Int, _ rules: ProfileRules, row: () -> Int
    ) {
        valueCount += 1
        guard !kinds.contains(.text) else { return }
        let inner = trimmed(text, count)
        guard inner.count > 0 else {
            // Only blanks: NULL where the column is typed, kept as it is where it is STRING.
            valueCount -= 1
            return
        }
        if let given = rules.givenFormat {
            takeGiven(inner.start, inner.count, given, row: row)
        }
        let found = look(inner.start, inner.count, rules)
        if !found.isSubset(of: kinds) { note(found, row()) }
    }

    private mutating func note(_ found: ValueKinds, _ row: Int) {
        for kind in ValueKinds.each where found.contains(kind) {
            if let known = firsts.firstIndex(where: { $0.kind == kind }) {
                if firsts[known].row == Self.unknownRow { firsts[known].row = row }
            } else {
                firsts.append(First(kind: kind, row: row))
            }
        }
        kinds.formUnion(found)
    }

    private mutating func takeGiven(
        _ text: UnsafeRawPointer, _ count: Int, _ format: DateFormat, row: () -> Int
    ) {
        guard fitsGivenFormat else { return }
        guard let found = DateText(text, count, format) else {
            fitsGivenFormat = false
            return
        }
        note(found.microsecondOfDay == nil ? .date : .timestamp, row())
    }

    /// What kinds a value is of.
    private mutating func look(
        _ text: UnsafeRawPointer, _ count: Int, _ rules: ProfileRules
    ) -> ValueKinds {
        let first = text.load(as: UInt8.self)
        let isDigit = first &- 48 <= 9
        if isDigit || first == UInt8(ascii: "-") || first == NumberStyle.point
            || first == UInt8(ascii: "+")
        {
            if let number = FloatText.Scanned(text, count) {
                return plainNumber(number, text, count, rules)
            }
        } else if BoolText.bool(text, count, isLenient: false) != nil {
            return .bool
        }
        let mayBeStandardDate = count >= 8 && text.load(fromByteOffset: 4, as: UInt8.self) == 45
        if isDigit, mayBeStandardDate, let found = moment(text, count, rules) { return found }
        if let found = styledNumber(text, count, rules) { return found }
        if isDigit || DateFormat.mayBegin(with: first) {
            if let found = moment(text, count, rules) { return found }
        }
        if isSpecial(text, count) {
            point.takeSpecial()
            comma?.takeSpecial()
            return .special
        }
        return nullWord(text, count) ?? .text
    }

    private mutating func plainNumber(
        _ number: FloatText.Scanned, _ text: UnsafeRawPointer, _ count: Int, _ rules: ProfileRules
    ) -> ValueKinds {
        // 007 and +49… are codes, not numbers: what a number would leave out carries meaning.
        if ExactText.hasLeadingZero(text) { return .leadingZero }
        if ExactText.hasPlus(text), !number.hasExponent { return .plusSign }
        var fitting = NumberFamilies.all
        let isGroup =
            !number.hasExponent && number.fractionCount == 3 && (1...3).contains(number.wholeCount)
            && !startsWithZero(text)
        let signCount = number.isNegative || ExactText.hasPlus(text) ? 1 : 0
        let markOffset = signCount + number.wholeCount
        let hasPoint =
            markOffset < count
            && text.load(fromByteOffset: markOffset, as: UInt8.self) == NumberStyle.point
        if hasPoint {
            fitting = isGroup ? .withPoint.union(.pointGroups) : .withPoint
        }
        fitting.formIntersection(rules.families)
        guard !fitting.isDisjoint(with: families) else { return [.otherMarks, .bare] }
        families.formIntersection(fitting)
        var found: ValueKinds = .bare
        if hasPoint, isGroup, families.contains(.pointGroups) {
            var other = comma ?? point
            // Under that reading it is an integer of at most six digits.
            found.formUnion(
                withScratch(text, count, NumberFamilies.pointGroups.style) {
                    other.take($0, $1, $2)
                })
            comma = other
        } else if comma != nil, !hasPoint {
            found.formUnion(comma?.take(number, text, count) ?? [])
        }
        if comma == nil || !families.isDisjoint(with: .withPoint) {
            found.formUnion(point.take(number, text, count))
        }
        return found
    }

    private func startsWithZero(_ text: UnsafeRawPointer) -> Bool {
        let first = text.load(as: UInt8.self)
        let lead = first == UInt8(ascii: "-") ? text.load(fromByteOffset: 1, as: UInt8.self) : first
        return lead == UInt8(ascii: "0")
    }

    /// Reads a number that is written in some style, written plainly.
    private func withScratch(
        _ text: UnsafeRawPointer, _ count: Int, _ style: NumberStyle?,
        _ body: (FloatText.Scanned, UnsafeRawPointer, Int) -> ValueKinds
    ) -> ValueKinds {
        withUnsafeTemporaryAllocation(
            byteCount: NumberStyle.byteCountLimit + 16, alignment: 8
        ) { memory in
            guard let scratch = memory.baseAddress, let style,
                let plainCount = style.plain(text, count, into: scratch)
            else { return [] }
            (scratch + plainCount).initializeMemory(as: UInt8.self, repeating: 0, count: 8)
            if ExactText.hasLeadingZero(scratch) { return .leadingZero }
            guard let number = FloatText.Scanned(scratch, plainCount) else { return [] }
            if ExactText.hasPlus(scratch), !number.hasExponent { return .plusSign }
            return body(number, scratch, plainCount)
        }
    }

    /// A number with a comma, groups or a unit; nil when the value is none.
    private mutating func styledNumber(
        _ text: UnsafeRawPointer, _ count: Int, _ rules: ProfileRules
    ) -> ValueKinds? {
        guard count <= NumberStyle.byteCountLimit, hasDigitAtAnEnd(text, count) else { return nil }
        let found = NumberUnit.standing(at: text, count)
        var fitting: NumberFamilies = []
        var kinds: ValueKinds = found == nil ? .bare : .unit
        var newPoint: NumberFacts?
        var newComma: NumberFacts?
        for index in NumberFamilies.styles.indices {
            let family = NumberFamilies.family(index)
            guard rules.families.contains(family) else { continue }
            var style = NumberFamilies.styles[index]
            style.unit = found
            var facts = family.isSubset(of: .withPoint) ? point : comma ?? point
            let shown = withScratch(text, count, style) { facts.take($0, $1, $2) }
            guard !shown.isEmpty else { continue }
            fitting.insert(family)
            guard families.contains(family) else { continue }
            kinds.formUnion(shown)
            if family.isSubset(of: .withPoint) { newPoint = facts } else { newComma = facts }
        }
        guard !fitting.isEmpty else { return nil }
        guard !fitting.isDisjoint(with: families) else { return [.otherMarks] }
        families.formIntersection(fitting)
        if let found {
            if let unit, unit != found { kinds.insert(.otherUnit) }
            unit = unit ?? found
        }
        if let newComma { comma = newComma } else if comma == nil, newPoint != nil { comma = point }
        if let newPoint { point = newPoint }
        return kinds
    }

    /// Whether the value begins or ends like a number, with room for a unit.
    private func hasDigitAtAnEnd(_ text: UnsafeRawPointer, _ count: Int) -> Bool {
        for offset in 0..<min(count, 5) {
            if text.load(fromByteOffset: offset, as: UInt8.self) &- 48 <= 9 { return true }
        }
        return false
    }

    private mutating func moment(
        _ text: UnsafeRawPointer, _ count: Int, _ rules: ProfileRules
    ) -> ValueKinds? {
        var moments = MomentText()
        if moments.date(text, count) != nil { return take(formats: Self.standardFormat, .date) }
        if moments.timestamp(text, count) != nil {
            return take(formats: Self.standardFormat, timestampKinds(text, count, from: 16))
        }
        if count > 26, moments.timestamp(text, 26) != nil,
            text.load(fromByteOffset: 26, as: UInt8.self) &- 48 <= 9
        {
            return .beyondMicrosecond
        }
        var fitting: UInt32 = 0
        var kinds: ValueKinds = .date
        for (index, format) in rules.formats.enumerated() {
            guard let found = DateText(text, count, format) else { continue }
            fitting |= 1 << UInt32(index)
            if found.microsecondOfDay != nil { kinds = timestampKinds(text, count, from: 12) }
        }
        return fitting == 0 ? nil : take(formats: fitting, kinds)
    }

    private mutating func take(formats found: UInt32, _ kinds: ValueKinds) -> ValueKinds {
        guard formats & found != 0 else { return kinds.union(.otherDates) }
        formats &= found
        return kinds
    }

    private func timestampKinds(
        _ text: UnsafeRawPointer, _ count: Int, from start: Int
    ) -> ValueKinds {
        for offset in start..<max(start, count) {
            switch text.load(fromByteOffset: offset, as: UInt8.self) {
            case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "Z"), UInt8(ascii: "z"):
                return [.timestamp, .zoned]
            default: continue
            }
        }
        return [.timestamp, .local]
    }

    private func isSpecial(_ text: UnsafeRawPointer, _ count: Int) -> Bool {
        count <= 9 && ExactText.double(text, count)?.isFinite == false
    }

    private mutating func nullWord(_ text: UnsafeRawPointer, _ count: Int) -> ValueKinds? {
        guard count <= 7 else { return nil }
        let bytes = UnsafeRawBufferPointer(start: text, count: count)
        guard let found = ProfileRules.nullWords.firstIndex(where: { bytes.elementsEqual($0) })
        else { return nil }
        if let nullWord, nullWord != found { hasManyNullWords = true }
        nullWord = nullWord ?? found
        return .nullWord
    }
}
