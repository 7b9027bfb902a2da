package import StoaBase

/// One value of each group, from the row that stands first by a key and then by its place among
/// all rows: `first`, `last`, `any_value`, `arg_min` and `arg_max`.
///
/// Values are copied once per batch and group, when it is known which row of the batch wins.
package final class PickState: AggregateState {
    /// What orders the rows.
    package enum Keys {
        /// Only the place.
        case none
        case numbers(UnsafePointer<Int64>)
        case wide(UnsafePointer<Int128>)
        case strings(StringRows)
    }

    /// What is picked.
    package enum Values {
        case numbers(UnsafePointer<Int64>)
        case floats(UnsafePointer<Double>)
        case wide(UnsafePointer<Int128>)
        case strings(StringRows)
    }

    /// A batch of rows with their keys and values.
    package struct Input {
        package var keys: Keys
        package var values: Values
        /// Rows with a key and rows with a value; nil: all.
        package var keyValidity: UnsafePointer<UInt64>?
        package var valueValidity: UnsafePointer<UInt64>?
        package var place: RowPlace

        package init(keys: Keys, values: Values, place: RowPlace) {
            self.keys = keys
            self.values = values
            self.place = place
        }
    }

    /// Which rows win.
    package struct Order: Sendable {
        package var isMax: Bool
        /// Whether the last of rows with equal keys wins, not the first.
        package var isLast: Bool

        package init(isMax: Bool, isLast: Bool) {
            self.isMax = isMax
            self.isLast = isLast
        }
    }

    /// Bytes of the arena, written again while they fit.
    private struct Text: BitwiseCopyable {
        var address: UInt = 0
        var byteCount: UInt32 = 0
        var capacity: UInt32 = 0

        var bytes: UnsafeRawBufferPointer {
            // SAFETY: the address was taken from the state's arena, which keeps the bytes.
            UnsafeRawBufferPointer(
                start: UnsafeRawPointer(bitPattern: address), count: Int(byteCount))
        }
    }

    private struct Cell: BitwiseCopyable {
        var key: Int128 = 0
        var value: Int128 = 0
        var place: UInt64 = 0
        /// The winner's row in the current batch, plus 1; 0: not in it.
        var row: UInt32 = 0
        var isSeen = false
    }

    private struct Texts: BitwiseCopyable {
        var key = Text()
        var value = Text()
    }

    private var cells: GrowingBuffer<Cell>
    private var texts: GrowingBuffer<Texts>
    private var winners: GrowingBuffer<UInt32>
    private let arena: StringArena
    private let order: Order
    private let hasTexts: Bool

    /// - Parameter hasTexts: Whether keys or values may be strings.
    package init(order: Order, hasTexts: Bool, budget: MemoryBudget) {
        self.order = order
        self.hasTexts = hasTexts
        cells = GrowingBuffer(budget: budget)
        texts = GrowingBuffer(budget: budget)
        winners = GrowingBuffer(budget: budget)
        arena = StringArena(budget: budget)
        super.init(budget: budget)
    }

    override func reserve(_ count: Int, used: Int) throws(MemoryLimitReached) {
        try cells.reserve(count, used: used)
        if hasTexts { try texts.reserve(count, used: used) }
    }

    override func initialize(_ groups: Range<Int>) {
        (cells.base + groups.lowerBound).update(repeating: Cell(), count: groups.count)
        guard hasTexts else { return }
        (texts.base + groups.lowerBound).update(repeating: Texts(), count: groups.count)
    }

    // MARK: Adding

    /// Adds rows to their groups; those without a key or a value are skipped.
    package func add(_ input: Input, _ rows: GroupedRows) throws(MemoryLimitReached) {
        try winners.reserve(rows.count, used: 0)
        let flip: Int128 = order.isMax ? -1 : 0
        let count: Int
        switch input.keys {
        case .none: count = choose(input, rows) { _ in 0 }
        case .numbers(let keys): count = choose(input, rows) { Int128(keys[$0]) ^ flip }
        case .wide(let keys): count = choose(input, rows) { keys[$0] ^ flip }
        case .strings(let keys): count = choose(input, rows, keys)
        }
        for index in 0..<count { try keep(input, group: Int(winners.base[index])) }
    }

    /// Notes the winners among rows; returns how many groups have a new one.
    @inline(__always)
    private func choose(
        _ input: Input, _ rows: GroupedRows, _ key: (Int) -> Int128
    ) -> Int {
        let (cells, winners) = (cells.base, winners.base)
        let flip: UInt64 = order.isLast ? .max : 0
        let places = input.place
        let (keyValidity, valueValidity) = (input.keyValidity, input.valueValidity)
        var count = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let valueValidity, !MaskWords.isSet(valueValidity, row) { continue }
            if let keyValidity, !MaskWords.isSet(keyValidity, row) { continue }
            let cell = cells + Int(rows.groups[index])
            let key = key(row)
            let place = UInt64(truncatingIfNeeded: places[row]) ^ flip
            if cell.pointee.isSeen {
                if key > cell.pointee.key { continue }
                if key == cell.pointee.key, place >= cell.pointee.place { continue }
            }
            winners[count] = rows.groups[index]
            count &+= cell.pointee.row == 0 ? 1 : 0
            cell.pointee.key = key
            cell.pointee.place = place
            cell.pointee.row = UInt32(truncatingIfNeeded: row &+ 1)
            cell.pointee.isSeen = true
        }
        return count
    }

    private func choose(_ input: Input, _ rows: GroupedRows, _ keys: StringRows) -> Int {
        let (cells, winners) = (cells.base, winners.base)
        let flip: UInt64 = order.isLast ? .max : 0
        var count = 0
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let valid = input.valueValidity, !MaskWords.isSet(valid, row) { continue }
            if let valid = input.keyValidity, !MaskWords.isSet(valid, row) { continue }
            let group = Int(rows.groups[index])
            let cell = cells + group
            let place = UInt64(truncatingIfNeeded: input.place[row]) ^ flip
            if cell.pointee.isSeen {
                let known = Int(cell.pointee.row)
                let best = known > 0 ? keys[known - 1] : texts.base[group].key.bytes
                let order = StringOrder.order(keys[row], best)
                if self.order.isMax ? order < 0 : order > 0 { continue }
                if order == 0, place >= cell.pointee.place { continue }
            }
            winners[count] = rows.groups[index]
            count &+= cell.pointee.row == 0 ? 1 : 0
            cell.pointee.place = place
            cell.pointee.row = UInt32(truncatingIfNeeded: row &+ 1)
            cell.pointee.isSeen = true
        }
        return count
    }

    /// Copies the winner of the batch.
    private func keep(_ input: Input, group: Int) throws(MemoryLimitReached) {
        let row = Int(cells.base[group].row) - 1
        cells.base[group].row = 0
        if case .strings(let keys) = input.keys { try copy(keys[row], \.key, group) }
        switch input.values {
        case .numbers(let values): cells.base[group].value = Int128(values[row])
        case .floats(let values):
            cells.base[group].value = Int128(Int64(bitPattern: values[row].bitPattern))
        case .wide(let values): cells.base[group].value = values[row]
        case .strings(let values): try copy(values[row], \.value, group)
        }
    }

    private func copy(
        _ bytes: UnsafeRawBufferPointer, _ path: WritableKeyPath<Texts, Text>, _ group: Int
    ) throws(MemoryLimitReached) {
        var text = texts.base[group][keyPath: path]
        if bytes.count <= Int(text.capacity), let source = bytes.baseAddress,
            let target = UnsafeMutableRawPointer(bitPattern: text.address)
        {
            // SAFETY: the arena's bytes are this group's alone, `capacity` of them.
            target.copyMemory(from: source, byteCount: bytes.count)
        } else if bytes.count > 0 {
            let kept = try arena.copy(bytes)
            text.address = UInt(bitPattern: kept.baseAddress)
            text.capacity = UInt32(truncatingIfNeeded: bytes.count)
        }
        text.byteCount = UInt32(truncatingIfNeeded: bytes.count)
        texts.base[group][keyPath: path] = text
    }

    // MARK: Merging

    /// Adds the states of another worker.
    package override func merge(
        _ other: AggregateState, _ pairs: GroupPairs
    ) throws(MemoryLimitReached) {
        guard let other = other as? PickState else { return }
        for index in 0..<pairs.count {
            let (source, target) = (Int(pairs.sources[index]), Int(pairs.targets[index]))
            let cell = other.cells.base[source]
            guard cell.isSeen, wins(cell, other, source, over: target) else { continue }
            cells.base[target] = cell
            guard hasTexts else { continue }
            try copy(other.texts.base[source].key.bytes, \.key, target)
            try copy(other.texts.base[source].value.bytes, \.value, target)
        }
    }

    private func wins(
        _ cell: Cell, _ other: PickState, _ source: Int, over target: Int
    ) -> Bool {
        let known = cells.base[target]
        guard known.isSeen else { return true }
        var isLess = cell.key < known.key
        var isEqual = cell.key == known.key
        if hasTexts, isEqual {
            let order = StringOrder.order(
                other.texts.base[source].key.bytes, texts.base[target].key.bytes)
            isLess = self.order.isMax ? order > 0 : order < 0
            isEqual = order == 0
        }
        return isLess || isEqual && cell.place < known.place
    }

    // MARK: Results

    /// The picked number; nil without rows.
    package func number(_ group: Int) -> Int128? {
        cells.base[group].isSeen ? cells.base[group].value : nil
    }

    /// The picked float; nil without rows.
    package func float(_ group: Int) -> Double? {
        number(group).map { Double(bitPattern: UInt64(truncatingIfNeeded: $0)) }
    }

    /// The picked string, valid as long as the state; nil without rows.
    package func string(_ group: Int) -> UnsafeRawBufferPointer? {
        cells.base[group].isSeen ? texts.base[group].value.bytes : nil
    }
}
