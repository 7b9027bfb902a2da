internal import StoaBase

/// What one pass over the values finds: everything that sizes are computed from.
struct NumberProfile {
    /// Bounds of each vector as patterns.
    private(set) var vectorMin: [UInt64]
    private(set) var vectorMax: [UInt64]
    private(set) var min: UInt64
    private(set) var max: UInt64
    /// Stretches of equal values.
    private(set) var runCount: Int
    /// The exact sum of all values.
    private(set) var sum: Int128

    /// Profiles at least one value.
    init(_ input: NumberInput) {
        let count = input.vectorCount
        vectorMin = []
        vectorMax = []
        vectorMin.reserveCapacity(count)
        vectorMax.reserveCapacity(count)
        var least = Int64.max, greatest = Int64.min
        var lowSum: UInt64 = 0, highSum: Int64 = 0
        var changeCount = 0
        let flip = input.orderFlip
        for vector in 0..<count {
            let rows = input.rows(ofVector: vector)
            let part = Self.scan(
                input.values + rows.lowerBound, rows.count, flip: flip,
                previous: input.values[Swift.max(rows.lowerBound - 1, 0)])
            vectorMin.append(UInt64(bitPattern: part.min) ^ flip)
            vectorMax.append(UInt64(bitPattern: part.max) ^ flip)
            least = Swift.min(least, part.min)
            greatest = Swift.max(greatest, part.max)
            lowSum &+= part.lowSum
            highSum &+= part.highSum
            changeCount &+= part.changeCount
        }
        min = UInt64(bitPattern: least) ^ flip
        max = UInt64(bitPattern: greatest) ^ flip
        runCount = changeCount + 1
        // Flipped patterns are lower than unsigned values by 2^63 each.
        let offset = input.isUnsigned ? Int128(input.rowCount) << 63 : 0
        sum = (Int128(highSum) << 32) + Int128(lowSum) + offset
    }

    private struct Part {
        var min = Int64.max
        var max = Int64.min
        /// Sums of the low and the high halves; 65,536 rows and more fit by far.
        var lowSum: UInt64 = 0
        var highSum: Int64 = 0
        var changeCount = 0
    }

    @inline(never)
    private static func scan(
        _ values: UnsafePointer<UInt64>, _ count: Int, flip: UInt64, previous: UInt64
    ) -> Part {
        var part = Part()
        for row in 0..<count {
            let key = Int64(bitPattern: values[row] ^ flip)
            part.min = key < part.min ? key : part.min
            part.max = key > part.max ? key : part.max
            part.lowSum &+= UInt64(bitPattern: key) & 0xFFFF_FFFF
            part.highSum &+= key &>> 32
        }
        var changeCount: UInt64 = values[0] == previous ? 0 : 1
        for row in 1..<Swift.max(count, 1) {
            changeCount &+= values[row] == values[row &- 1] ? 0 : 1
        }
        part.changeCount = Int(changeCount)
        return part
    }
}
