internal import StoaBase
internal import StoaModel

/// All numbers of a node, kept decoded above the least of them, in the narrowest lane.
struct NarrowedNumbers {
    /// `count` numbers of the lane.
    let numbers: HeapBytes
    let lane: Lane
    let base: UInt64
    let count: Int
    /// Keeps an index that cannot be trusted inside the memory, at the cost of one instruction;
    /// there are zeros behind the numbers.
    let indexMask: Int
    /// The greatest number.
    private let largest: UInt64

    /// Decodes all of `node`; with `other` the lane and the base hold that number too.
    init(_ node: NumberNode, including other: UInt64? = nil, _ workspace: DecodeWorkspace) {
        var low = other ?? .max, high = other ?? 0
        var signedLow = other.map { Int64(bitPattern: $0) } ?? .max
        var signedHigh = other.map { Int64(bitPattern: $0) } ?? .min
        node.forEachBatch(workspace) { values, count in
            for row in 0..<count {
                low = min(low, values[row])
                high = max(high, values[row])
                signedLow = min(signedLow, Int64(bitPattern: values[row]))
                signedHigh = max(signedHigh, Int64(bitPattern: values[row]))
            }
        }
        let signedReach = UInt64(bitPattern: signedHigh &- signedLow)
        let isSigned = signedReach < high &- low
        let base = isSigned ? UInt64(bitPattern: signedLow) : low
        let lane = Lane(largest: isSigned ? signedReach : high &- low)
        let capacity = Self.capacity(node.rowCount)
        let numbers = HeapBytes(byteCount: capacity * lane.byteCount)
        var index = 0
        node.forEachBatch(workspace) { values, count in
            for row in 0..<count {
                lane.store(values[row] &- base, to: numbers.address, index + row)
            }
            index += count
        }
        self.numbers = numbers
        self.lane = lane
        self.base = base
        count = node.rowCount
        indexMask = capacity - 1
        largest = isSigned ? signedReach : high &- low
    }

    /// A power of two.
    private static func capacity(_ count: Int) -> Int {
        count < 2 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    /// Bounds of the values; nil when they go around 2^63.
    var bounds: ClosedRange<Int128>? {
        let low = Int128(Int64(bitPattern: base))
        let high = low + Int128(largest)
        return high <= Int128(Int64.max) ? low...high : nil
    }

    /// The number at `index` above the base.
    @inline(__always)
    func number(_ index: Int) -> UInt64 { lane.load(numbers.address, index) }

    /// The number at `index`.
    func value(_ index: Int) -> UInt64 { base &+ number(index) }
}
