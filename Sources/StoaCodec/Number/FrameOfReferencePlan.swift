internal import StoaBase
internal import StoaModel

/// Everything about a FOR node but its packed bits: chosen, with its exact size, before anything
/// is written.
struct FrameOfReferencePlan {
    private(set) var base: UInt64
    private(set) var divisor: ExactDivisor
    /// Bits per residual, by vector.
    private(set) var widths: [UInt8] = []
    /// A vector's base above the block's, in multiples of the divisor.
    private(set) var differences: [UInt64] = []
    private(set) var differenceLane = Lane.constant
    /// Residuals wider than their vector's width; their high parts stand in `patchLane`.
    private(set) var patchCounts: [UInt16] = []
    private(set) var patchLane = Lane.constant
    private(set) var patchTotal = 0

    /// 128-byte units of packed bits.
    var packedUnitCount: Int { widths.reduce(0) { $0 + Int($1) } }

    /// Mean bits of a value, without exceptions.
    var meanWidth: Double { Double(packedUnitCount) / Double(max(1, widths.count)) }

    /// The lane of the bounds of all vectors.
    private(set) var lane = Lane.constant

    var byteCount: Int { FrameOfReferenceCodec.byteCount(self) }

    var text: String {
        FrameOfReferenceCodec.text(
            lane: lane, maxWidth: Int(widths.max() ?? 0), multiplier: divisor.value,
            patchTotal: patchTotal)
    }

    init(_ input: NumberInput, _ profile: NumberProfile) {
        base = profile.min
        divisor = ExactDivisor.common(input, profile)
        var histograms = WidthHistograms(vectorCount: input.vectorCount)
        let residuals = UnsafeMutablePointer<UInt64>.allocate(capacity: Limits.vectorRows)
        defer { residuals.deallocate() }
        for vector in 0..<input.vectorCount {
            let low = profile.vectorMin[vector], high = profile.vectorMax[vector]
            let width = divisor.quotient(high &- low).width
            differences.append(divisor.quotient(low &- base))
            // Below four bits exceptions cannot pay, and equal widths need no histogram.
            if width >= 4 {
                fillResiduals(input, vector: vector, into: residuals)
                histograms.count(residuals, vector: vector)
            } else {
                histograms.setWidth(width, vector: vector)
            }
        }
        chooseWidths(histograms, input, profile)
    }

    /// Residuals of one vector above its own base; null rows and rows behind the last are 0.
    func fillResiduals(
        _ input: NumberInput, vector: Int, into residuals: UnsafeMutablePointer<UInt64>
    ) {
        let rows = input.rows(ofVector: vector)
        let start = base &+ differences[vector] &* divisor.value
        divisor.divide(
            input.values + rows.lowerBound, count: rows.count, subtracting: start, into: residuals)
        if rows.count < Limits.vectorRows {
            (residuals + rows.count).update(
                repeating: 0, count: Limits.vectorRows - rows.count)
        }
        guard let validity = input.validity else { return }
        for row in 0..<rows.count {
            let bit = validity[(rows.lowerBound &+ row) &>> 6] &>> UInt64(row & 63) & 1
            residuals[row] &= 0 &- bit
        }
    }

    private mutating func chooseWidths(
        _ histograms: WidthHistograms, _ input: NumberInput, _ profile: NumberProfile
    ) {
        let plain = histograms.choices(patchByteCount: nil)
        var best = plain
        // Exceptions cost a scalar store each: they must save more than a hair.
        var limit = plain.byteCount * 97 / 100
        for patchByteCount in [1, 2, 4, 8] {
            let choice = histograms.choices(patchByteCount: patchByteCount)
            if choice.byteCount < limit {
                best = choice
                limit = choice.byteCount
                patchLane = Lane(width: patchByteCount * 8)
            }
        }
        widths = best.widths
        patchTotal = best.patchCounts.reduce(0) { $0 + Int($1) }
        patchCounts = patchTotal == 0 ? [] : best.patchCounts
        if patchTotal == 0 { patchLane = .constant }
        dropUselessDifferences(profile)
        chooseLane(histograms)
    }

    private mutating func chooseLane(_ histograms: WidthHistograms) {
        var patchWidth = 0
        for vector in patchCounts.indices where patchCounts[vector] > 0 {
            patchWidth = max(patchWidth, histograms.maxWidth(vector) - Int(widths[vector]))
        }
        var largest: UInt64 = 0
        for vector in widths.indices {
            let isPatched = patchTotal > 0 && patchCounts[vector] > 0
            let bounds = FrameOfReferenceCodec.bounds(
                difference: differences[vector],
                width: Int(widths[vector]) + (isPatched ? patchWidth : 0))
            largest = max(largest, bounds.high)
        }
        lane = Lane(largest: largest)
    }

    /// A vector whose width is the same above the block's base takes that one: readers are
    /// fastest when the vectors of a batch share a base. When all that the others save is less
    /// than the array of differences, none has one.
    private mutating func dropUselessDifferences(_ profile: NumberProfile) {
        var savedByteCount = 0
        for vector in widths.indices where differences[vector] != 0 {
            let isPatched = !patchCounts.isEmpty && patchCounts[vector] > 0
            let blockWidth = divisor.quotient(profile.vectorMax[vector] &- base).width
            if !isPatched, blockWidth == Int(widths[vector]) {
                differences[vector] = 0
            } else {
                savedByteCount += isPatched ? 1 << 20 : 128 * (blockWidth - Int(widths[vector]))
            }
        }
        differenceLane = Lane(largest: differences.max() ?? 0)
        let arrayByteCount = differences.count * differenceLane.byteCount
        guard differenceLane != .constant, savedByteCount <= arrayByteCount else { return }
        for vector in widths.indices where differences[vector] != 0 {
            let range = profile.vectorMax[vector] &- base
            widths[vector] = UInt8(divisor.quotient(range).width)
            differences[vector] = 0
        }
        differenceLane = .constant
    }
}
