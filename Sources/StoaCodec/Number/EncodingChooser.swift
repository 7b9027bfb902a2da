internal import StoaBase
internal import StoaModel

/// Picks the smallest encoding by exact sizes: formulas where there are any, LZ4 by doing it.
/// A slower encoding must save more than a trifle.
enum EncodingChooser {
    /// What may be chosen where.
    struct Rules {
        /// Levels of nodes that may be used.
        var depth = NodeDescriptor.depthLimit
        /// Runs inside runs gain nothing.
        var allowsRuns = true
        /// Never inside another encoding of numbers.
        var allowsLZ4 = true
        /// What the patterns mean when they are floats; nil for integers. Floats get LZ4 when it
        /// saves one byte in ten; integers, which operators read in place, one in seven.
        var float: FloatFormat?
        /// Differences of differences are an encoding of their own.
        var allowsDelta = true
        /// Distinct values inside distinct values gain nothing.
        var allowsDictionary = true
    }

    /// The plan for at least one value. `hint` is what a block before this one of the same column
    /// took: it is taken again when that costs hardly more per row, and nothing else is planned.
    static func choose(
        _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules, like hint: ChoiceHint?
    ) -> NumberPlan {
        if let hint, profile.min != profile.max,
            let plan = again(hint.encoding, input, profile, rules),
            hint.accepts(plan.byteCount(rowCount: input.rowCount), rowCount: input.rowCount)
        {
            return plan
        }
        return choose(input, profile, rules)
    }

    /// The plan for at least one value.
    static func choose(
        _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan {
        if profile.min == profile.max { return .constant(profile.min) }
        if let step = SequenceCodec.step(input) {
            return .sequence(first: input.values[0], step: step)
        }
        var choice = Choice(choosePacked(input, profile), rowCount: input.rowCount)
        if let format = rules.float {
            choice.offer(floats(input, format, rules, limit: choice.byteCount), percent: 97)
        }
        if rules.depth >= 2, rules.allowsRuns {
            let meanLength = input.rowCount / profile.runCount
            // A run hardly ever needs less than three bits for its value and its length.
            let mayPay = meanLength >= 2 && profile.runCount * 3 / 8 < choice.byteCount
            choice.offer(
                mayPay ? runs(input, profile, rules) : nil, percent: meanLength >= 4 ? 100 : 90)
        }
        offerRepeated(input, rules, &choice)
        if rules.depth >= 2, rules.allowsDelta, rules.float == nil {
            offerDifferences(input, rules, &choice)
        }
        if rules.allowsLZ4, !choice.plan.isFloat {
            let percent = rules.float == nil ? 86 : 90
            choice.offer(
                lz4(input, profile, limit: choice.byteCount * percent / 100), percent: percent)
        }
        return choice.plan
    }

    /// The best plan so far.
    private struct Choice {
        private(set) var plan: NumberPlan
        private(set) var byteCount: Int
        let rowCount: Int

        init(_ plan: NumberPlan, rowCount: Int) {
            self.plan = plan
            self.rowCount = rowCount
            byteCount = plan.byteCount(rowCount: rowCount)
        }

        /// Takes a plan of at most `percent` of the best size.
        mutating func offer(_ other: NumberPlan?, percent: Int) {
            guard let other else { return }
            let size = other.byteCount(rowCount: rowCount)
            guard size * 100 <= byteCount * percent else { return }
            plan = other
            byteCount = size
        }
    }

    // MARK: Packed

    /// PLAIN or FOR.
    private static func choosePacked(
        _ input: NumberInput, _ profile: NumberProfile
    ) -> NumberPlan {
        let packed = FrameOfReferencePlan(input, profile)
        let plain = plain(input, profile, packed.divisor)
        return packed.byteCount < plain.byteCount(rowCount: input.rowCount)
            ? .frameOfReference(packed) : plain
    }

    private static func plain(
        _ input: NumberInput, _ profile: NumberProfile, _ divisor: ExactDivisor
    ) -> NumberPlan {
        let reach = profile.max &- profile.min
        let whole = Lane(largest: reach), divided = Lane(largest: divisor.quotient(reach))
        // Without a multiplier values are read in place; it must save bytes.
        if divided == whole || divided == .constant {
            let lane = whole == .constant ? .u8 : whole
            let base = plainBase(input, profile, lane)
            return .plain(.init(base: base, divisor: ExactDivisor(1), lane: lane))
        }
        return .plain(.init(base: profile.min, divisor: divisor, lane: divided))
    }

    /// 0 where that costs nothing: floats are read in place then.
    private static func plainBase(
        _ input: NumberInput, _ profile: NumberProfile, _ lane: Lane
    ) -> UInt64 {
        let isNeverNegative = input.isUnsigned || Int64(bitPattern: profile.min) >= 0
        let needsNone = isNeverNegative && lane == Lane(largest: profile.max)
        return needsNone || lane == .u64 ? 0 : profile.min
    }

    /// ALP, or ALP_RD where that is none; nil when both need more than `limit` bytes.
    private static func floats(
        _ input: NumberInput, _ format: FloatFormat, _ rules: Rules, limit: Int
    ) -> NumberPlan? {
        let decimals = ALPPlan(input, format, rules, limit: limit)
        let decimalByteCount = min(decimals?.byteCount ?? .max, limit)
        // No cut leaves less than two thirds of the bits.
        let mayBeCut = decimalByteCount * 3 > input.rowCount * format.byteCount * 2
        if mayBeCut, let cut = ALPRealDoublePlan(input, format, limit: decimalByteCount),
            cut.byteCount < decimalByteCount
        {
            return .alpRealDouble(cut)
        }
        return decimals.map { .alp($0) }
    }

    // MARK: Repeated values

    private static func runs(
        _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan {
        .runLength(RunLengthPlan(input, runCount: profile.runCount, rules))
    }

    /// SPARSE and DICT, where a sample says that values come back often enough.
    private static func offerRepeated(
        _ input: NumberInput, _ rules: Rules, _ choice: inout Choice
    ) {
        // What is small already is not worth the look.
        guard input.rowCount >= 64, choice.byteCount > 192 else { return }
        let sample = NumberSample(input)
        // Every exception is a store of its own when read.
        if sample.topCount * 4 >= sample.count * 3 {
            let limit = choice.byteCount / 2
            let plan = SparsePlan(input, top: sample.topValue, rules, limit: limit)
            let isRare = (plan?.exceptionRows.count ?? 0) * 16 <= input.rowCount
            choice.offer(plan.map { .sparse($0) }, percent: isRare ? 95 : 80)
        }
        guard rules.depth >= 2, rules.allowsDictionary,
            let distinctCount = sample.estimatedDistinctCount
        else { return }
        let limit = dictionaryLimit(rowCount: input.rowCount, byteCount: choice.byteCount)
        // Codes that are one bit narrower than the values seldom pay for the values.
        guard distinctCount <= limit, sample.distinctCount <= limit / 2 else { return }
        choice.offer(
            NumberDictionaryPlan(input, rules, limit: limit).map { .dictionary($0) }, percent: 90)
    }

    /// The most distinct values whose codes can be nine tenths of `byteCount`.
    private static func dictionaryLimit(rowCount: Int, byteCount: Int) -> Int {
        let width = byteCount * 8 * 9 / 10 / rowCount
        return min(1 << min(width, 16), rowCount / 2)
    }

    // MARK: Differences

    /// DELTA, and DELTA2 where it saves another bit per value.
    private static func offerDifferences(
        _ input: NumberInput, _ rules: Rules, _ choice: inout Choice
    ) {
        guard input.rowCount >= 3 else { return }
        // What divides the values divides their differences.
        var divisor: UInt64 = 1
        if case .frameOfReference(let plan) = choice.plan { divisor = plan.divisor.value }
        let widths = sampledDifferenceWidths(input, divisor)
        let rowCount = input.rowCount
        if widths.first * rowCount / 8 < choice.byteCount {
            choice.offer(delta(input, rules), percent: 95)
        }
        guard widths.second < widths.first, widths.second * rowCount / 8 < choice.byteCount,
            rowCount / 8 < choice.byteCount
        else { return }
        let percent = 100 - 100 * (rowCount / 8) / choice.byteCount
        choice.offer(doubleDelta(input, rules), percent: min(95, percent))
    }

    private static func delta(_ input: NumberInput, _ rules: Rules) -> NumberPlan? {
        guard input.rowCount >= 3 else { return nil }
        // Null rows repeat a neighbour, so that every difference counts.
        let differences = DeltaCodec.differences(input)
        let childProfile = NumberProfile(differences)
        let plan = choose(differences, childProfile, differenceRules(rules))
        // Steps up that go around 2^64 would make a wide range look narrow.
        let reach = input.values[input.rowCount - 1] &- input.values[0]
        let artificial = differences.values[0]
        let (whole, overflows) = reach.addingReportingOverflow(artificial)
        let isRising =
            Int64(bitPattern: childProfile.min) >= 0 && !overflows
            && childProfile.sum == Int128(whole)
        return .delta(differences: differences, plan, isRising: isRising)
    }

    private static func doubleDelta(_ input: NumberInput, _ rules: Rules) -> NumberPlan? {
        guard input.rowCount >= 3 else { return nil }
        let changes = DoubleDeltaCodec.changes(input)
        let plan = choose(changes, NumberProfile(changes), differenceRules(rules))
        return .doubleDelta(changes: changes, plan)
    }

    private static func differenceRules(_ rules: Rules) -> Rules {
        var result = Rules(depth: rules.depth - 1, allowsLZ4: false, allowsDelta: false)
        result.allowsRuns = rules.allowsRuns
        result.allowsDictionary = rules.allowsDictionary
        return result
    }

    /// The widths that nine in ten of some differences, and of some differences of differences,
    /// need; a first look that costs little.
    private static func sampledDifferenceWidths(
        _ input: NumberInput, _ divisor: UInt64
    ) -> (first: Int, second: Int) {
        let step = max(1, input.rowCount / 512)
        var first: [Int64] = [], second: [Int64] = []
        for row in stride(from: 2, to: input.rowCount, by: step) {
            let here = input.values[row] &- input.values[row - 1]
            let before = input.values[row - 1] &- input.values[row - 2]
            first.append(Int64(bitPattern: here))
            second.append(Int64(bitPattern: here &- before))
        }
        return (width(of: &first, divisor), width(of: &second, divisor))
    }

    private static func width(of numbers: inout [Int64], _ divisor: UInt64) -> Int {
        numbers.sort()
        let cut = numbers.count / 20
        let low = numbers[cut], high = numbers[numbers.count - 1 - cut]
        return (UInt64(bitPattern: high &- low) / divisor).width
    }

    // MARK: LZ4

    private static func lz4(
        _ input: NumberInput, _ profile: NumberProfile, limit: Int
    ) -> NumberPlan? {
        // Below a kilobyte, or nine bits a value, there is nothing to gain.
        guard input.rowCount >= 256, limit > 1_024, limit * 8 / input.rowCount >= 9 else {
            return nil
        }
        let lane = Lane(largest: profile.max &- profile.min)
        let base = plainBase(input, profile, lane)
        var best: NumberPlan?
        var bound = limit
        for isPlanes in [true, false] {
            let layout = LZ4NumberCodec.Layout(base: base, lane: lane, isPlanes: isPlanes)
            guard
                LZ4NumberCodec.isWorthTrying(
                    input, layout, width: limit * 8 / input.rowCount),
                let compressed = LZ4NumberCodec.compress(input, layout, limit: bound)
            else {
                continue
            }
            best = .lz4(layout, compressed)
            bound = compressed.byteCount - 1
        }
        return best
    }

    // MARK: One encoding

    /// The plan of one encoding whether it pays or not; nil when it cannot hold the values.
    static func force(
        _ encoding: Encoding, _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan? {
        let lane = Lane(largest: profile.max &- profile.min)
        switch encoding {
        case .constant: return profile.min == profile.max ? .constant(profile.min) : nil
        case .sequence:
            let step = SequenceCodec.step(input)
            return step.map { .sequence(first: input.values[0], step: $0) }
        case .plain: return plain(input, profile, ExactDivisor.common(input, profile))
        case .frameOfReference: return .frameOfReference(FrameOfReferencePlan(input, profile))
        case .runLength: return runs(input, profile, rules)
        case .dictionary:
            return NumberDictionaryPlan(input, rules, limit: input.rowCount)
                .map { .dictionary($0) }
        case .sparse:
            let top = NumberSample(input).topValue
            return SparsePlan(input, top: top, rules, limit: input.rowCount).map { .sparse($0) }
        case .delta: return delta(input, rules)
        case .doubleDelta: return doubleDelta(input, rules)
        case .alp:
            return rules.float.flatMap { ALPPlan(input, $0, rules, limit: 1 << 30) }
                .map { .alp($0) }
        case .alpRealDouble:
            return rules.float.flatMap { ALPRealDoublePlan(input, $0, limit: 1 << 30) }
                .map { .alpRealDouble($0) }
        case .lz4: return lane == .constant ? nil : lz4(input, profile, limit: 1 << 30)
        default: return nil
        }
    }

    /// The same as `force`, without what is not to be tried again for each block.
    private static func again(
        _ encoding: Encoding, _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan? {
        switch encoding {
        case .frameOfReference, .plain: return choosePacked(input, profile)
        case .dictionary:
            let limit = dictionaryLimit(rowCount: input.rowCount, byteCount: input.rowCount * 8)
            return NumberDictionaryPlan(input, rules, limit: limit).map { .dictionary($0) }
        case .runLength where profile.runCount * 2 > input.rowCount: return nil
        // Finding out what it would compress to is most of the work.
        case .lz4: return nil
        default: return force(encoding, input, profile, rules)
        }
    }
}
