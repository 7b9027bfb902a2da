internal import StoaBase
internal import StoaModel

/// Picks the smallest encoding by exact sizes.
enum EncodingChooser {
    /// The plan for at least one value; `depth` levels of nodes may be used.
    static func choose(
        _ input: NumberInput, _ profile: NumberProfile, depth: Int
    ) -> NumberPlan {
        if profile.min == profile.max { return .constant(profile.min) }
        let plainLane = Lane(largest: profile.max &- profile.min)
        // A base of 0 reads faster where it costs nothing: floats need no copy then.
        let isNeverNegative = input.isUnsigned || Int64(bitPattern: profile.min) >= 0
        let needsNoBase = isNeverNegative && plainLane == Lane(largest: profile.max)
        let plainBase = needsNoBase || plainLane == .u64 ? 0 : profile.min
        var best = NumberPlan.plain(base: plainBase, plainLane)
        var bestByteCount = best.byteCount(rowCount: input.rowCount)
        let packed = FrameOfReferencePlan(input, profile)
        if packed.byteCount < bestByteCount {
            best = .frameOfReference(packed)
            bestByteCount = packed.byteCount
        }
        return best
    }
}
