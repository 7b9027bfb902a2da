internal import StoaBase
internal import StoaModel

/// Values of a dictionary by their places, one compiled loop per pair of lanes.
enum Gather {
    /// `target[r] = values[places[r]]`, in the lane of the values. A place that is none, because
    /// codes changed since they were checked, gives some other value or zero.
    static func gather(
        _ values: NarrowedNumbers, _ places: Vector.Integers, count: Int,
        into target: UnsafeMutableRawPointer
    ) {
        // Codes hardly ever have a multiplier, and it would cost each row.
        guard places.multiplier == 1, places.lane == .u8 || places.lane == .u16 else {
            let base = UInt64(bitPattern: places.base)
            let multiplier = UInt64(bitPattern: places.multiplier)
            for row in 0..<count {
                let place = base &+ multiplier &* places.lane.load(places.values, row)
                let index = Int(truncatingIfNeeded: place) & values.indexMask
                values.lane.store(values.number(index), to: target, row)
            }
            return
        }
        let table = UnsafeRawPointer(values.numbers.address)
        let range = (first: Int(places.base), mask: values.indexMask)
        switch (places.lane, values.lane) {
        case (.u8, .u8): bytesByBytes(places.values, count, table, range, target)
        case (.u8, .u16): shortsByBytes(places.values, count, table, range, target)
        case (.u8, .u32): wordsByBytes(places.values, count, table, range, target)
        case (.u8, .u64): longsByBytes(places.values, count, table, range, target)
        case (.u16, .u8): bytesByShorts(places.values, count, table, range, target)
        case (.u16, .u16): shortsByShorts(places.values, count, table, range, target)
        case (.u16, .u32): wordsByShorts(places.values, count, table, range, target)
        case (.u16, .u64): longsByShorts(places.values, count, table, range, target)
        default: return
        }
    }

    @inline(__always)
    private static func run<A: FixedWidthInteger & UnsignedInteger, B>(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer, _: A.Type, _: B.Type
    ) {
        let input = places.assumingMemoryBound(to: A.self)
        let values = table.assumingMemoryBound(to: B.self)
        let output = target.assumingMemoryBound(to: B.self)
        let (first, mask) = range
        for row in 0..<count {
            output[row] = values[(Int(truncatingIfNeeded: input[row]) &+ first) & mask]
        }
    }

    @inline(never)
    private static func bytesByBytes(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt8.self, UInt8.self) }

    @inline(never)
    private static func shortsByBytes(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt8.self, UInt16.self) }

    @inline(never)
    private static func wordsByBytes(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt8.self, UInt32.self) }

    @inline(never)
    private static func longsByBytes(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt8.self, UInt64.self) }

    @inline(never)
    private static func bytesByShorts(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt16.self, UInt8.self) }

    @inline(never)
    private static func shortsByShorts(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt16.self, UInt16.self) }

    @inline(never)
    private static func wordsByShorts(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt16.self, UInt32.self) }

    @inline(never)
    private static func longsByShorts(
        _ places: UnsafeRawPointer, _ count: Int, _ table: UnsafeRawPointer,
        _ range: (first: Int, mask: Int), _ target: UnsafeMutableRawPointer
    ) { run(places, count, table, range, target, UInt16.self, UInt64.self) }
}
