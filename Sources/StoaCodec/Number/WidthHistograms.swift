internal import StoaBase

/// How many residuals of each vector have each width.
struct WidthHistograms {
    /// 65 counters for each vector.
    private var counts: [UInt16]
    private var maxWidths: [UInt8]

    init(vectorCount: Int) {
        counts = [UInt16](repeating: 0, count: vectorCount * 65)
        maxWidths = [UInt8](repeating: 0, count: vectorCount)
    }

    /// Counts the widths of 1,024 residuals.
    mutating func count(_ residuals: UnsafePointer<UInt64>, vector: Int) {
        counts.withUnsafeMutableBufferPointer { all in
            guard let first = all.baseAddress else { return }
            let own = first + vector * 65
            for row in 0..<Limits.vectorRows { own[residuals[row].width] &+= 1 }
            var width = 64
            while width > 0, own[width] == 0 { width -= 1 }
            maxWidths[vector] = UInt8(width)
        }
    }

    /// Takes a vector as if all its residuals had one width.
    mutating func setWidth(_ width: Int, vector: Int) {
        counts[vector * 65 + width] = UInt16(Limits.vectorRows)
        maxWidths[vector] = UInt8(width)
    }

    /// The width of a vector's widest residual.
    func maxWidth(_ vector: Int) -> Int { Int(maxWidths[vector]) }

    struct Choice {
        var widths: [UInt8]
        var patchCounts: [UInt16]
        /// Packed bits, exceptions and their counts.
        var byteCount: Int
    }

    /// Most exceptions of a vector: one in eight, because each is a store of its own.
    private static let patchCountLimit = Limits.vectorRows / 8

    /// The widths of least size when exceptions have high parts of `patchByteCount` bytes; the
    /// full widths when it is nil.
    func choices(patchByteCount: Int?) -> Choice {
        guard let patchByteCount else {
            let total = maxWidths.reduce(0) { $0 + BitPacking.byteCount(width: Int($1)) }
            return Choice(widths: maxWidths, patchCounts: [], byteCount: total)
        }
        var choice = Choice(
            widths: maxWidths, patchCounts: [UInt16](repeating: 0, count: maxWidths.count),
            byteCount: NodeDescriptor.aligned(2 * maxWidths.count) + 16)
        for vector in maxWidths.indices {
            let widest = Int(maxWidths[vector])
            var bestByteCount = BitPacking.byteCount(width: widest)
            var patchCount = 0
            var width = widest
            while width > 0, widest - (width - 1) <= 8 * patchByteCount {
                patchCount += Int(counts[vector * 65 + width])
                width -= 1
                let byteCount =
                    BitPacking.byteCount(width: width)
                    + patchCount * (2 + patchByteCount)
                if byteCount < bestByteCount, patchCount <= Self.patchCountLimit {
                    bestByteCount = byteCount
                    choice.widths[vector] = UInt8(width)
                    choice.patchCounts[vector] = UInt16(patchCount)
                }
            }
            choice.byteCount += bestByteCount
        }
        return choice
    }
}
