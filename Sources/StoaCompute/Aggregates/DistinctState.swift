package import StoaBase

/// The distinct values of each group, exactly: of `count(DISTINCT x)`, `sum(DISTINCT x)` and
/// `avg(DISTINCT x)`.
///
/// Numbers that lie close together, which the numbers of interned strings do, are bits of one map
/// per group; once the maps together would pass 16 MiB, the pairs of group and value go to a hash
/// set. Adding a value again changes nothing, so a batch that did not fit is just added again.
package final class DistinctState: AggregateState {
    private enum Form { case map, table }

    private var form: Form
    private let valueWordCount: Int
    /// The map of group g begins at word `g × stride`; its first bit is the value `low`.
    private var map: GrowingBuffer<UInt64>
    private var low: Int64 = 0
    private var stride = 0
    /// Keys are the group and the value's words.
    private let table: GroupTable
    private var keys: GrowingBuffer<UInt64>
    private var found: GrowingBuffer<UInt32>
    private var index: GroupIndex
    private let indexLock = Lock()
    /// Words of all maps: 16 MiB.
    private static let mapWordCountLimit = 1 << 21

    /// Words of maps and rows of the table after which long loops look whether they are to stop.
    private static let wordsPerLook = 256
    private static let rowsPerLook = 1 << 15

    /// Positions in the table by group, made when they are first asked for.
    private struct GroupIndex: ~Copyable {
        var starts: GrowingBuffer<UInt32>
        var positions: GrowingBuffer<UInt32>
        var count = -1
        var groupCount = 0
    }

    /// - Parameter isWide: Whether values have 128 bits.
    package init(isWide: Bool, budget: MemoryBudget) {
        form = isWide ? .table : .map
        valueWordCount = isWide ? 2 : 1
        map = GrowingBuffer(budget: budget)
        table = GroupTable(wordCount: valueWordCount + 1, budget: budget)
        keys = GrowingBuffer(budget: budget)
        found = GrowingBuffer(budget: budget)
        index = GroupIndex(
            starts: GrowingBuffer(budget: budget), positions: GrowingBuffer(budget: budget))
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        guard form == .map, stride > 0 else { return }
        if count > Self.mapWordCountLimit / stride { return try leaveMaps() }
        try map.reserve(count * stride, used: used * stride)
    }

    override func initialize(_ groups: Range<Int>) {
        guard form == .map, stride > 0 else { return }
        (map.base + groups.lowerBound * stride).update(
            repeating: 0, count: groups.count * stride)
    }

    // MARK: Adding

    /// Adds rows to their groups; null ones are skipped.
    ///
    /// - Parameter bounds: Between what numbers the values and those to come probably lie.
    package func add(
        _ values: UnsafePointer<Int64>, bounds: ClosedRange<Int64>?,
        validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        while form == .map {
            guard let outside = mark(values, validity, rows) else { return }
            let value = values[Int(rows.rows[outside])]
            try makeRoom(value...value, likely: bounds)
        }
        try insert(validity, rows) { row, key in key[1] = UInt64(bitPattern: values[row]) }
    }

    /// Adds rows to their groups; null ones are skipped.
    package func add(
        wide values: UnsafePointer<Int128>, validity: UnsafePointer<UInt64>?, rows: GroupedRows
    ) throws(MemoryLimitReached) {
        invariant(valueWordCount == 2, "the state was made for wide numbers")
        try insert(validity, rows) { row, key in
            key[1] = UInt64(truncatingIfNeeded: values[row])
            key[2] = UInt64(truncatingIfNeeded: values[row] &>> 64)
        }
    }

    /// Sets the bits of rows; returns the first whose value lies outside the maps.
    private func mark(
        _ values: UnsafePointer<Int64>, _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows
    ) -> Int? {
        let (map, stride) = (map.base, stride)
        let low = UInt64(bitPattern: low)
        let span = UInt64(truncatingIfNeeded: stride &* 64)
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let distance = UInt64(bitPattern: values[row]) &- low
            guard distance < span else { return index }
            let word = Int(rows.groups[index]) &* stride &+ Int(distance &>> 6)
            map[word] |= 1 &<< (distance & 63)
        }
        return nil
    }

    /// Adds the selected rows to one group; returns false when a value lies outside the maps.
    package func add(
        _ values: UnsafePointer<Int64>, bounds: ClosedRange<Int64>?,
        mask: UnsafePointer<UInt64>, rowCount: Int, to group: Int
    ) throws(MemoryLimitReached) -> Bool {
        guard form == .map else { return false }
        if stride == 0, let bounds { try makeRoom(bounds, likely: nil) }
        guard form == .map else { return false }
        let map = map.base + group * stride
        let low = UInt64(bitPattern: low)
        let span = UInt64(truncatingIfNeeded: stride &* 64)
        var isInside = true
        for word in 0..<MaskWords.wordCount(rowCount) {
            var bits = mask[word]
            let chunk = values + word &* 64
            if bits == .max {
                for row in 0..<64 {
                    let distance = UInt64(bitPattern: chunk[row]) &- low
                    guard distance < span else { return false }
                    map[Int(distance &>> 6)] |= 1 &<< (distance & 63)
                }
                continue
            }
            while bits != 0 {
                let distance = UInt64(bitPattern: chunk[bits.trailingZeroBitCount]) &- low
                bits &= bits &- 1
                isInside = isInside && distance < span
                if !isInside { return false }
                map[Int(distance &>> 6)] |= 1 &<< (distance & 63)
            }
        }
        return true
    }

    private func insert(
        _ validity: UnsafePointer<UInt64>?, _ rows: GroupedRows,
        _ write: (_ row: Int, _ key: UnsafeMutablePointer<UInt64>) -> Void
    ) throws(MemoryLimitReached) {
        let wordCount = valueWordCount + 1
        try keys.reserve(rows.count * wordCount, used: 0)
        try found.reserve(rows.count, used: 0)
        try table.reserve(rows.count)
        let keys = keys.base
        var count = 0
        rows.forEach(validity) { row, group in
            let key = keys + count &* wordCount
            key[0] = UInt64(truncatingIfNeeded: group)
            write(row, key)
            count &+= 1
        }
        try table.find(keys, count: count, into: found.base)
    }

    private func insertOne(
        group: Int, _ write: (UnsafeMutablePointer<UInt64>) -> Void
    ) throws(MemoryLimitReached) {
        try keys.reserve(valueWordCount + 1, used: 0)
        try table.reserve(1)
        keys.base[0] = UInt64(truncatingIfNeeded: group)
        write(keys.base)
        _ = try table.find(
            keys.base, hash: GroupTable.hash(keys.base, wordCount: valueWordCount + 1))
    }

    // MARK: Maps

    /// Widens the maps to hold `values`, at least twofold; or gives them up.
    private func makeRoom(
        _ values: ClosedRange<Int64>, likely: ClosedRange<Int64>?
    ) throws(MemoryLimitReached) {
        var first = Int128(values.lowerBound)
        var last = Int128(values.upperBound)
        if let likely {
            first = min(first, Int128(likely.lowerBound))
            last = max(last, Int128(likely.upperBound))
        }
        let span = Int128(stride * 64)
        if stride > 0 {
            let oldLast = Int128(low) + span - 1
            if first < Int128(low) { first = min(first, Int128(low) - span) }
            if last > oldLast { last = max(last, oldLast + span) }
            first = min(first, Int128(low))
            last = max(last, oldLast)
        }
        // Maps of different workers begin a multiple of 64 apart, so that they merge by words.
        first = max(Int128(Int64.min), first & ~63)
        let wanted = (last - first) / 64 + 1
        let groups = Int128(max(1, groupCount))
        guard wanted * groups <= Int128(Self.mapWordCountLimit) else { return try leaveMaps() }
        try restride(low: Int64(truncatingIfNeeded: first), stride: Int(wanted))
    }

    private func restride(low newLow: Int64, stride newStride: Int) throws(MemoryLimitReached) {
        var grown = GrowingBuffer<UInt64>(budget: budget)
        try grown.reserve(max(1, groupCount) * newStride, used: 0)
        grown.base.update(repeating: 0, count: max(1, groupCount) * newStride)
        if stride > 0 {
            let shift = Int((Int128(low) - Int128(newLow)) / 64)
            for group in 0..<groupCount {
                (grown.base + group * newStride + shift).update(
                    from: map.base + group * stride, count: stride)
            }
        }
        map = grown
        (low, stride) = (newLow, newStride)
    }

    /// Moves what the maps hold to the table.
    private func leaveMaps() throws(MemoryLimitReached) {
        form = .table
        for group in 0..<groupCount { try insertMap(of: group, map.base, stride, low, to: group) }
        map = GrowingBuffer(budget: budget)
        stride = 0
    }

    private func insertMap(
        of source: Int, _ map: UnsafeMutablePointer<UInt64>, _ stride: Int, _ low: Int64,
        to group: Int
    ) throws(MemoryLimitReached) {
        for word in 0..<stride {
            if word % Self.wordsPerLook == 0 { try budget.checkStop() }
            var bits = map[source * stride + word]
            while bits != 0 {
                let value = low &+ Int64(word &* 64 &+ bits.trailingZeroBitCount)
                bits &= bits &- 1
                try insertOne(group: group) { $0[1] = UInt64(bitPattern: value) }
            }
        }
    }

    // MARK: Merging

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? DistinctState, pairs.count > 0 else { return }
        if other.form == .map {
            guard other.stride > 0 else { return }
            try mergeMaps(other, pairs)
        } else {
            if form == .map { try leaveMaps() }
            try other.makeIndex()
            let (starts, positions) = (other.index.starts.base, other.index.positions.base)
            for pair in 0..<pairs.count {
                let source = Int(pairs.sources[pair])
                try budget.checkStop()
                for place in Int(starts[source])..<Int(starts[source + 1]) {
                    if place % Self.rowsPerLook == 0 { try budget.checkStop() }
                    let key = other.table.key(Int(positions[place]))
                    try insertOne(group: Int(pairs.targets[pair])) {
                        for word in 1...valueWordCount { $0[word] = key[word] }
                    }
                }
            }
        }
    }

    private func mergeMaps(
        _ other: DistinctState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        if form == .map {
            let last = Int128(other.low) + Int128(other.stride * 64) - 1
            let end = Int128(low) + Int128(stride * 64)
            if stride == 0 || other.low < low || last >= end {
                let upper = Int64(clamping: last)
                try makeRoom(other.low...max(other.low, upper), likely: nil)
            }
        }
        for pair in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[pair]), Int(pairs.targets[pair]))
            guard form == .map else {
                try insertMap(of: source, other.map.base, other.stride, other.low, to: target)
                continue
            }
            let shift = Int((Int128(other.low) - Int128(low)) / 64)
            let into = map.base + target * stride + shift
            let from = other.map.base + source * other.stride
            for word in 0..<other.stride { into[word] |= from[word] }
        }
    }

    /// Sorts the table's positions by group, once; several workers may ask.
    private func makeIndex() throws(MemoryLimitReached) {
        indexLock.lock()
        defer { indexLock.unlock() }
        guard index.count != table.count || index.groupCount != groupCount else { return }
        try index.starts.reserve(groupCount + 2, used: 0)
        try index.positions.reserve(table.count, used: 0)
        let (starts, positions) = (index.starts.base, index.positions.base)
        starts.update(repeating: 0, count: groupCount + 2)
        for position in 0..<table.count {
            if position % Self.rowsPerLook == 0 { try budget.checkStop() }
            starts[Int(table.key(position)[0]) + 2] += 1
        }
        for group in 0..<groupCount { starts[group + 2] += starts[group + 1] }
        for position in 0..<table.count {
            if position % Self.rowsPerLook == 0 { try budget.checkStop() }
            let group = Int(table.key(position)[0])
            positions[Int(starts[group + 1])] = UInt32(truncatingIfNeeded: position)
            starts[group + 1] += 1
        }
        index.count = table.count
        index.groupCount = groupCount
    }

    // MARK: Results

    /// Distinct values of a group.
    package func count(_ group: Int) throws(MemoryLimitReached) -> Int {
        if form == .table {
            try makeIndex()
            return Int(index.starts.base[group + 1] - index.starts.base[group])
        }
        var count = 0
        for word in 0..<stride { count += map.base[group * stride + word].nonzeroBitCount }
        return count
    }

    /// Calls `body` with each distinct value of a group, as the words it was added with.
    package func forEach(
        _ group: Int, _ body: (Int128) -> Void
    ) throws(MemoryLimitReached) {
        if form == .table {
            try makeIndex()
            let starts = index.starts.base
            for place in Int(starts[group])..<Int(starts[group + 1]) {
                let key = table.key(Int(index.positions.base[place]))
                let word = Int64(bitPattern: key[1])
                body(
                    valueWordCount == 1
                        ? Int128(word)
                        : Int128(Int64(bitPattern: key[2])) << 64 | Int128(key[1]))
            }
            return
        }
        for word in 0..<stride {
            var bits = map.base[group * stride + word]
            while bits != 0 {
                body(Int128(low) + Int128(word &* 64 &+ bits.trailingZeroBitCount))
                bits &= bits &- 1
            }
        }
    }
}
