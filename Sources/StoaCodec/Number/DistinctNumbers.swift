internal import StoaBase
internal import StoaModel

/// The distinct values of a column, rising, and for each row the place of its value.
struct DistinctNumbers {
    let values: NumberInput
    let codes: NumberInput

    /// Nil when there are more than `limit` distinct values.
    init?(_ input: NumberInput, limit: Int) {
        let buffer = NumberBuffer(capacity: input.rowCount)
        guard let found = Self.collect(input, limit: limit, into: buffer.pointer) else {
            return nil
        }
        let flip = input.orderFlip
        let order = found.indices.sorted {
            Int64(bitPattern: found[$0] ^ flip) < Int64(bitPattern: found[$1] ^ flip)
        }
        let sorted = NumberBuffer(capacity: found.count)
        var rank = [UInt64](repeating: 0, count: found.count)
        for (place, index) in order.enumerated() {
            sorted.pointer[place] = found[index]
            rank[index] = UInt64(place)
        }
        let codes = buffer.pointer
        rank.withUnsafeBufferPointer { rank in
            for row in 0..<input.rowCount { codes[row] = rank[Int(codes[row])] }
        }
        values = NumberInput(sorted, rowCount: found.count, isUnsigned: input.isUnsigned)
        var coded = NumberInput(buffer, rowCount: input.rowCount, isUnsigned: false)
        coded.validity = input.validity
        self.codes = coded
    }

    /// The distinct values in the order of their first rows, and each row's place among them.
    private static func collect(
        _ input: NumberInput, limit: Int, into places: UnsafeMutablePointer<UInt64>
    ) -> [UInt64]? {
        var capacity = 64
        while capacity < limit * 2 { capacity *= 2 }
        let shift = UInt64(64 - capacity.trailingZeroBitCount)
        let memory = HeapBytes(byteCount: capacity * 4)
        // A slot holds the place of a value, plus one.
        let slots = memory.address.assumingMemoryBound(to: UInt32.self)
        var found: [UInt64] = []
        for row in 0..<input.rowCount {
            let value = input.values[row]
            var slot = Int(truncatingIfNeeded: (value &* 0x9E37_79B9_7F4A_7C15) &>> shift)
            while true {
                let place = slots[slot]
                if place == 0 {
                    guard found.count < limit else { return nil }
                    found.append(value)
                    slots[slot] = UInt32(truncatingIfNeeded: found.count)
                    places[row] = UInt64(found.count &- 1)
                    break
                }
                if found[Int(place) &- 1] == value {
                    places[row] = UInt64(place) &- 1
                    break
                }
                slot = (slot &+ 1) & (capacity &- 1)
            }
        }
        return found
    }
}
