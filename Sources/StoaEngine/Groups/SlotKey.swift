internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// One key whose values are few enough to number them: a digit of a slot. Digits stand in the
/// order of the values, NULL last.
struct SlotKey: Sendable {
    enum Source: Sendable {
        /// Numbers from a least one on.
        case numbers(low: Int64)
        /// Times rounded down to units of one length.
        case steps(UnitSteps)
        /// Times rounded down to months or longer units: the digit of each day.
        case days(UnitSteps, digits: [UInt32], starts: [Int64])
        /// Codes of dictionaries.
        case strings(StringUnion)
    }

    let source: Source
    /// Digits of values.
    let valueCount: Int
    let hasNull: Bool
    /// What is evaluated per row: the key, or the time that it rounds.
    let operand: BoundExpression

    /// Digits, that of NULL included.
    var radix: Int { valueCount + (hasNull ? 1 : 0) }

    /// The most digits of one key.
    static let digitLimit = Int(UInt32.max) - 1
    /// The most days of a key by months.
    private static let dayLimit = 1 << 20

    /// Nil when the key's values are unknown or too many.
    static func make(
        _ key: BoundExpression, _ context: QueryContext
    ) throws(ServiceError) -> SlotKey? {
        if key.type == .string {
            guard case .column(let index) = key.node,
                let union = try StringUnion.make(
                    context.scan.columnIDs[index], context.scan, budget: context.budget)
            else { return nil }
            return SlotKey(
                source: .strings(union), valueCount: union.count,
                hasNull: mayBeNull(key, context), operand: key)
        }
        guard key.type.isIntegerBacked else { return nil }
        if case .dateTrunc(let unit, let operand) = key.node,
            case .column(let index) = operand.node, let unit = CalendarUnit(rawValue: unit.rawValue)
        {
            return bounds(context.scan.bounds[index]).flatMap {
                times(unit, operand, $0, hasNull: mayBeNull(operand, context))
            }
        }
        var known: ClosedRange<Int128>?
        if case .column(let index) = key.node { known = context.scan.bounds[index] }
        if known == nil, let range = key.type.integerRange, range.upperBound < 0x1_0000 {
            known = range
        }
        guard let known, known.upperBound - known.lowerBound < Int128(digitLimit - 1) else {
            return nil
        }
        return SlotKey(
            source: .numbers(low: Int64(truncatingIfNeeded: known.lowerBound)),
            valueCount: Int(known.upperBound - known.lowerBound) + 1,
            hasNull: mayBeNull(key, context), operand: key)
    }

    /// Whether a NULL needs a digit: statistics may know that a column has none.
    private static func mayBeNull(_ key: BoundExpression, _ context: QueryContext) -> Bool {
        guard case .column(let index) = key.node else { return key.isNullable }
        return key.isNullable && context.scan.mayBeNull[index]
    }

    private static func bounds(_ range: ClosedRange<Int128>?) -> ClosedRange<Int64>? {
        guard let range, let low = Int64(exactly: range.lowerBound),
            let high = Int64(exactly: range.upperBound)
        else { return nil }
        return low...high
    }

    private static func times(
        _ unit: CalendarUnit, _ operand: BoundExpression, _ range: ClosedRange<Int64>,
        hasNull: Bool
    ) -> SlotKey? {
        let isDate = operand.type == .date
        let day: Int64 = isDate ? 1 : CivilTime.microsecondsPerDay
        let length = isDate ? unit.days : unit.microseconds
        if let length {
            let low = unit.truncated(range.lowerBound, isDate: isDate)
            let steps = UnitSteps(origin: low, step: length)
            let last = steps.index(range.upperBound)
            guard last < UInt64(digitLimit - 1) else { return nil }
            return SlotKey(
                source: .steps(steps), valueCount: Int(last) + 1, hasNull: hasNull,
                operand: operand)
        }
        let firstDay = CalendarUnit.day.truncated(range.lowerBound, isDate: isDate)
        let days = UnitSteps(origin: firstDay, step: day)
        let last = days.index(range.upperBound)
        guard last < UInt64(dayLimit) else { return nil }
        var digits: [UInt32] = []
        var starts: [Int64] = []
        for index in 0...Int(last) {
            let start = unit.truncated(days.start(index), isDate: isDate)
            if starts.last != start { starts.append(start) }
            digits.append(UInt32(starts.count - 1))
        }
        return SlotKey(
            source: .days(days, digits: digits, starts: starts), valueCount: starts.count,
            hasNull: hasNull, operand: operand)
    }

    /// The number of a digit that is not NULL's; a string's is its rank.
    func number(_ digit: Int) -> Int64 {
        switch source {
        case .numbers(let low): low &+ Int64(digit)
        case .steps(let steps): steps.start(digit)
        case .days(_, _, let starts): starts[digit]
        case .strings: Int64(digit)
        }
    }
}

/// The keys of a query as digits of one number.
struct SlotPlan: Sendable {
    let keys: [SlotKey]
    /// Combinations of all digits.
    let slotCount: Int

    /// Nil when some key has no digits, or the combinations pass 63 bits.
    static func make(
        _ keys: [BoundExpression], _ context: QueryContext
    ) throws(ServiceError) -> SlotPlan? {
        guard !keys.isEmpty else { return nil }
        var found: [SlotKey] = []
        var total = 1
        for key in keys {
            guard let slotKey = try SlotKey.make(key, context) else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(
                by: max(1, slotKey.radix))
            guard !overflow else { return nil }
            total = product
            found.append(slotKey)
        }
        return SlotPlan(keys: found, slotCount: total)
    }

    /// The digit of one key in a slot; nil for NULL.
    func digit(_ slot: UInt64, ofKey index: Int) -> Int? {
        var rest = slot
        for key in keys[(index + 1)...] { rest /= UInt64(max(1, key.radix)) }
        let key = keys[index]
        let digit = Int(rest % UInt64(max(1, key.radix)))
        return key.hasNull && digit == key.valueCount ? nil : digit
    }
}
