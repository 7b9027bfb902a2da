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
        /// Floats get LZ4 when it saves one byte in ten; integers, which operators read in place,
        /// one in seven.
        var isFloat = false
        /// Differences of differences are an encoding of their own.
        var allowsDelta = true
    }

    /// The plan for at least one value.
    static func choose(
        _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan {
        if profile.min == profile.max { return .constant(profile.min) }
        var best = choosePacked(input, profile)
        var bestByteCount = best.byteCount(rowCount: input.rowCount)
        func offer(_ plan: NumberPlan?, percent: Int) {
            guard let plan else { return }
            let byteCount = plan.byteCount(rowCount: input.rowCount)
            guard byteCount * 100 <= bestByteCount * percent else { return }
            best = plan
            bestByteCount = byteCount
        }
        if rules.depth >= 2, rules.allowsRuns {
            let meanLength = input.rowCount / profile.runCount
            // A run hardly ever needs less than three bits for its value and its length.
            let mayPay = meanLength >= 2 && profile.runCount * 3 / 8 < bestByteCount
            offer(
                mayPay ? runs(input, profile, rules) : nil, percent: meanLength >= 4 ? 100 : 90)
        }
        if rules.depth >= 2, rules.allowsDelta {
            offer(delta(input, instead: best, bestByteCount: bestByteCount), percent: 95)
        }
        if rules.allowsLZ4 {
            let percent = rules.isFloat ? 90 : 86
            offer(lz4(input, profile, limit: bestByteCount * percent / 100), percent: percent)
        }
        return best
    }

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

    private static func runs(
        _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan {
        .runLength(RunLengthPlan(input, runCount: profile.runCount, depth: rules.depth))
    }

    private static func delta(
        _ input: NumberInput, instead best: NumberPlan, bestByteCount: Int
    ) -> NumberPlan? {
        // What divides the values divides their differences.
        var divisor: UInt64 = 1
        if case .frameOfReference(let plan) = best { divisor = plan.divisor.value }
        guard input.rowCount >= 3,
            sampledDifferenceWidth(input, divisor) * input.rowCount / 8 < bestByteCount
        else { return nil }
        // Null rows repeat a neighbour, so that every difference counts.
        let differences = DeltaCodec.differences(input)
        let childProfile = NumberProfile(differences)
        let childRules = Rules(depth: 1, allowsRuns: false, allowsLZ4: false, allowsDelta: false)
        let plan = choose(differences, childProfile, childRules)
        // Steps up that go around 2^64 would make a wide range look narrow.
        let reach = input.values[input.rowCount - 1] &- input.values[0]
        let artificial = differences.values[0]
        let (whole, overflows) = reach.addingReportingOverflow(artificial)
        let isRising =
            Int64(bitPattern: childProfile.min) >= 0 && !overflows
            && childProfile.sum == Int128(whole)
        return .delta(differences: differences, plan, isRising: isRising)
    }

    /// The width that nine in ten of some differences need; a first look that costs little.
    private static func sampledDifferenceWidth(
        _ input: NumberInput, _ divisor: UInt64
    ) -> Int {
        let step = max(1, input.rowCount / 512)
        var differences: [Int64] = []
        for row in stride(from: 1, to: input.rowCount, by: step) {
            differences.append(Int64(bitPattern: input.values[row] &- input.values[row - 1]))
        }
        differences.sort()
        let cut = differences.count / 20
        let low = differences[cut], high = differences[differences.count - 1 - cut]
        return (UInt64(bitPattern: high &- low) / divisor).width
    }

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

    /// The plan of one encoding whether it pays or not; nil when it cannot hold the values.
    static func force(
        _ encoding: Encoding, _ input: NumberInput, _ profile: NumberProfile, _ rules: Rules
    ) -> NumberPlan? {
        let lane = Lane(largest: profile.max &- profile.min)
        switch encoding {
        case .constant: return profile.min == profile.max ? .constant(profile.min) : nil
        case .plain: return plain(input, profile, ExactDivisor.common(input, profile))
        case .frameOfReference: return .frameOfReference(FrameOfReferencePlan(input, profile))
        case .runLength: return runs(input, profile, rules)
        case .delta: return delta(input, instead: .constant(0), bestByteCount: .max)
        case .lz4:
            return lane == .constant ? nil : lz4(input, profile, limit: 1 << 30)
        default: return nil
        }
    }
}
