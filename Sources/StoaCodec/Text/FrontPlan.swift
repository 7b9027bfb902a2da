internal import StoaBase

/// Strings without what they share with the one before, with the exact size of that.
final class FrontPlan {
    let shared: NumberInput
    let sharedPlan: NumberPlan
    let suffixes: TextInput
    let suffixPlan: TextPlan
    let byteCount: Int

    /// Nil when neighbours share less than a quarter, or no level is left for the rest.
    init?(_ input: TextInput, depth: Int) {
        guard depth >= 2, input.rowCount >= 2, Self.isWorthTrying(input) else { return nil }
        let shared = NumberBuffer(capacity: input.rowCount)
        suffixes = Self.cut(input, sharedCounts: shared.pointer)
        self.shared = NumberInput(shared, rowCount: input.rowCount, isUnsigned: false)
        let rules = EncodingChooser.Rules(depth: depth - 1, allowsLZ4: false)
        sharedPlan = EncodingChooser.choose(self.shared, NumberProfile(self.shared), rules)
        suffixPlan = TextPlan.chooseBytes(suffixes, depth: depth - 1)
        byteCount = FrontCodec.byteCount(
            shared: sharedPlan.byteCount(rowCount: input.rowCount),
            suffixes: suffixPlan.byteCount(suffixes))
    }

    /// Looks at some neighbours.
    private static func isWorthTrying(_ input: TextInput) -> Bool {
        let step = max(1, input.rowCount / 256)
        var start = 0, sharedCount = 0, byteCount = 0
        for row in 1..<input.rowCount {
            let previous = Int(truncatingIfNeeded: input.lengths.values[row &- 1])
            if row % step == 0 {
                let length = Int(truncatingIfNeeded: input.lengths.values[row])
                sharedCount &+= common(
                    input.bytes + start, previous, input.bytes + start + previous, length)
                byteCount &+= length
            }
            start &+= previous
        }
        return sharedCount * 4 >= byteCount && byteCount > 0
    }

    /// The number of bytes that both begin with, whole characters only.
    private static func common(
        _ left: UnsafeRawPointer, _ leftCount: Int, _ right: UnsafeRawPointer, _ rightCount: Int
    ) -> Int {
        let limit = min(leftCount, rightCount)
        var count = 0
        while count < limit,
            left.load(fromByteOffset: count, as: UInt8.self)
                == right.load(fromByteOffset: count, as: UInt8.self)
        {
            count &+= 1
        }
        // Both sides are UTF-8: where the right string goes on inside a character, step back.
        while count > 0, count < rightCount,
            right.load(fromByteOffset: count, as: UInt8.self) & 0xC0 == 0x80
        {
            count &-= 1
        }
        return count
    }

    /// Writes the shared bytes of every row, and gathers the rest.
    private static func cut(
        _ input: TextInput, sharedCounts: UnsafeMutablePointer<UInt64>
    ) -> TextInput {
        let memory = HeapBytes(byteCount: input.byteCount)
        let lengths = NumberBuffer(capacity: input.rowCount)
        var start = 0, previous = 0, end = 0
        for row in 0..<input.rowCount {
            let length = Int(truncatingIfNeeded: input.lengths.values[row])
            let string = input.bytes + start
            let shared =
                row % FrontCodec.restartRows == 0
                ? 0 : common(string - previous, previous, string, length)
            sharedCounts[row] = UInt64(shared)
            lengths.pointer[row] = UInt64(length &- shared)
            (memory.address + end).copyMemory(from: string + shared, byteCount: length &- shared)
            end &+= length &- shared
            previous = length
            start &+= length
        }
        return TextInput(
            lengths: NumberInput(lengths, rowCount: input.rowCount, isUnsigned: false),
            memory, byteCount: end)
    }

    var text: String { "FRONT(\(sharedPlan.text), \(suffixPlan.text))" }
}
