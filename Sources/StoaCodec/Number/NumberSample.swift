internal import StoaBase

/// A look at up to 512 values from all over a block, for encodings that only repeated values
/// make worth planning.
struct NumberSample {
    let count: Int
    private(set) var distinctCount = 0
    private(set) var topValue: UInt64 = 0
    private(set) var topCount = 0

    init(_ input: NumberInput) {
        count = min(512, input.rowCount)
        let step = input.rowCount / max(1, count)
        var values: [UInt64] = []
        values.reserveCapacity(count)
        // Not quite regular: values may come back at regular distances.
        for index in 0..<count {
            values.append(input.values[index * step + index * 7_919 % max(1, step)])
        }
        values.sort()
        var first = 0
        for index in 1...max(1, count)
        where index == count || (index < count && values[index] != values[first]) {
            distinctCount += 1
            if index - first > topCount {
                topCount = index - first
                topValue = values[first]
            }
            first = index
        }
    }

    /// How many distinct values the block may have, from how often the sample repeats one; nil
    /// when it never does.
    var estimatedDistinctCount: Int? {
        let repeatCount = count - distinctCount
        guard repeatCount > 0 else { return nil }
        return max(distinctCount, count * count / (2 * repeatCount))
    }
}
