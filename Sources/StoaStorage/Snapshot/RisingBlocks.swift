internal import StoaBase
internal import StoaModel

/// Bounds of the blocks of a column whose values rise from block to block, as times do: the blocks
/// of a range are found by two binary searches, however many there are.
package struct RisingBlocks: Sendable {
    /// Of each block; no block's least value is below the greatest of the one before.
    private let lows: [Int128]
    private let highs: [Int128]
    /// The position of each block's first row, and behind the last block the number of rows.
    package let firstRows: [Int]

    /// Nil when the values do not rise, or some block's are unknown.
    init?(_ columnID: UInt32, of scanned: [ScanBlock]) {
        var lows: [Int128] = [], highs: [Int128] = [], firstRows = [0]
        for block in scanned {
            guard case .integers(let low, let high) = block.statistics(columnID)?.bounds,
                highs.last.map({ $0 <= low }) ?? true
            else { return nil }
            lows.append(low)
            highs.append(high)
            firstRows.append((firstRows.last ?? 0) + block.rowCount)
        }
        (self.lows, self.highs, self.firstRows) = (lows, highs, firstRows)
    }

    /// The blocks that may hold a value of a closed range; a nil end is open.
    package func blocks(min: Int128?, max: Int128?) -> Range<Int> {
        let first = min.map { min in Self.first(highs) { $0 >= min } } ?? 0
        let end = max.map { max in Self.first(lows) { $0 > max } } ?? lows.count
        return first..<Swift.max(first, end)
    }

    /// The first place from which on all values are so; they are not before.
    private static func first(_ values: [Int128], _ isSo: (Int128) -> Bool) -> Int {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            if isSo(values[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Which columns of a segment set rise; found when a query first asks.
final class BlockOrder: @unchecked Sendable {
    // SAFETY: `known` is touched only while `lock` is held.
    private let lock = Lock()
    private var known: [UInt32: RisingBlocks?] = [:]
    private let blocks: [ScanBlock]

    /// Fewer blocks are looked at one by one.
    static let leastBlockCount = 8

    init(_ blocks: [ScanBlock]) { self.blocks = blocks }

    func rising(_ columnID: UInt32) -> RisingBlocks? {
        guard blocks.count >= Self.leastBlockCount else { return nil }
        return lock.withLock {
            if let found = known[columnID] { return found }
            let found = RisingBlocks(columnID, of: blocks)
            known[columnID] = .some(found)
            return found
        }
    }
}
