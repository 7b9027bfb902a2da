internal import StoaModel

/// Numbers in their narrow lanes and the groups of their rows, without a widened copy between.
enum GroupLanes {
    /// Calls `body` with the value and the group of each row that is not null.
    @inline(__always)
    static func forEach(
        _ source: Vector.Integers, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows,
        _ body: (_ value: Int64, _ group: Int) -> Void
    ) {
        let (base, multiplier) = (source.base, source.multiplier)
        switch source.lane {
        case .constant: rows.forEach(validity) { _, group in body(base, group) }
        case .u8:
            let values = source.values.assumingMemoryBound(to: UInt8.self)
            rows.forEach(validity) { row, group in
                body(base &+ multiplier &* Int64(values[row]), group)
            }
        case .u16:
            let values = source.values.assumingMemoryBound(to: UInt16.self)
            rows.forEach(validity) { row, group in
                body(base &+ multiplier &* Int64(values[row]), group)
            }
        case .u32:
            let values = source.values.assumingMemoryBound(to: UInt32.self)
            rows.forEach(validity) { row, group in
                body(base &+ multiplier &* Int64(values[row]), group)
            }
        case .u64:
            let values = source.values.assumingMemoryBound(to: Int64.self)
            if base == 0, multiplier == 1 {
                rows.forEach(validity) { row, group in body(values[row], group) }
                return
            }
            rows.forEach(validity) { row, group in
                body(base &+ multiplier &* values[row], group)
            }
        }
    }
}

extension GroupLanes {
    /// The sum of the first `rowCount` numbers modulo 2^64.
    static func sum(_ source: Vector.Integers, rowCount: Int) -> Int64 {
        var total: UInt64 = 0
        switch source.lane {
        case .constant: break
        case .u8:
            let values = source.values.assumingMemoryBound(to: UInt8.self)
            for row in 0..<rowCount { total &+= UInt64(values[row]) }
        case .u16:
            let values = source.values.assumingMemoryBound(to: UInt16.self)
            for row in 0..<rowCount { total &+= UInt64(values[row]) }
        case .u32:
            let values = source.values.assumingMemoryBound(to: UInt32.self)
            for row in 0..<rowCount { total &+= UInt64(values[row]) }
        case .u64:
            let values = source.values.assumingMemoryBound(to: UInt64.self)
            for row in 0..<rowCount { total &+= values[row] }
        }
        return source.base &* Int64(rowCount) &+ source.multiplier &* Int64(bitPattern: total)
    }

    /// Adds all rows to the sums of few groups.
    static func addReplicated(
        _ source: Vector.Integers, _ rows: GroupedRows, groupCount: Int,
        to sums: UnsafeMutablePointer<Int64>
    ) {
        let (base, multiplier) = (source.base, source.multiplier)
        switch source.lane {
        case .constant: Replicas.add(rows, groupCount: groupCount, to: sums) { _ in base }
        case .u8:
            let values = source.values.assumingMemoryBound(to: UInt8.self)
            Replicas.add(rows, groupCount: groupCount, to: sums) {
                base &+ multiplier &* Int64(values[$0])
            }
        case .u16:
            let values = source.values.assumingMemoryBound(to: UInt16.self)
            Replicas.add(rows, groupCount: groupCount, to: sums) {
                base &+ multiplier &* Int64(values[$0])
            }
        case .u32:
            let values = source.values.assumingMemoryBound(to: UInt32.self)
            Replicas.add(rows, groupCount: groupCount, to: sums) {
                base &+ multiplier &* Int64(values[$0])
            }
        case .u64:
            let values = source.values.assumingMemoryBound(to: Int64.self)
            Replicas.add(rows, groupCount: groupCount, to: sums) {
                base &+ multiplier &* values[$0]
            }
        }
    }
}
