internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery
internal import StoaStorage

/// The groups that one worker has found, with their aggregates.
final class WorkerGroups {
    let groups: GroupStates
    private let scanner: RowScanner
    private let context: QueryContext
    private let keys: [KeyColumn]
    private let layout: KeyLayout
    private let rows: UnsafeMutablePointer<UInt16>
    private let groupOfRow: UnsafeMutablePointer<UInt32>
    private let slots: UnsafeMutablePointer<UInt32>
    private var words: GrowingBuffer<UInt64>
    /// The group of each combination of small keys, plus 1; 0: not met yet.
    private var groupOfSlot: GrowingBuffer<UInt32>
    private var slotTotal = 0
    private var slotMeanings: [StringDictionary?] = []
    /// Most slots of `groupOfSlot`: 4 MiB.
    private static let slotLimit = 1 << 20

    init(
        _ context: QueryContext, aggregation: Aggregation
    ) throws(ServiceError) {
        self.context = context
        scanner = try RowScanner(context)
        layout = aggregation.layout
        let compiler = scanner.compiler
        let scratch = compiler.scratch
        var keys: [KeyColumn] = []
        for (key, expression) in zip(layout.keys, aggregation.keys) {
            var bounds: ClosedRange<Int128>?
            if case .column(let index) = expression.node { bounds = context.scan.bounds[index] }
            keys.append(
                KeyColumn(
                    key, node: try compiler.compile(expression), scratch: scratch,
                    intern: aggregation.intern, bounds: bounds))
        }
        self.keys = keys
        groups = try GroupStates(aggregation, compiler: compiler, budget: context.budget)
        rows = try scratch.take(UInt16.self)
        groupOfRow = try scratch.take(UInt32.self)
        slots = try scratch.take(UInt32.self)
        words = GrowingBuffer(budget: context.budget)
        groupOfSlot = GrowingBuffer(budget: context.budget)
        if keys.isEmpty { try groups.grow(to: 1) }
    }

    /// Adds a block.
    func add(_ morsel: ScanPlan.Morsel) throws(ServiceError) {
        if keys.isEmpty { return try addUngrouped(morsel) }
        try scanner.scan(morsel) { frame, firstRow throws(ServiceError) in
            try addGrouped(frame, firstRow: firstRow)
        }
    }

    /// Without keys, what statistics answer is not read.
    private func addUngrouped(_ morsel: ScanPlan.Morsel) throws(ServiceError) {
        let coverage = scanner.coverage(morsel)
        var open: [AggregateRunner] = []
        for runner in groups.runners where coverage != .none {
            if coverage == .all, answers(runner, morsel) { continue }
            open.append(runner)
        }
        guard !open.isEmpty else {
            return context.counters.didSkip(rows: morsel.rowCount, blocks: 1)
        }
        try scanner.scan(morsel, allowsGather: true) { frame, _ throws(ServiceError) in
            for runner in open { try runner.addAll(frame) }
        }
    }

    private func answers(_ runner: AggregateRunner, _ morsel: ScanPlan.Morsel) -> Bool {
        guard let argument = runner.call.argument else {
            return runner.addBlock(nil, rowCount: morsel.rowCount)
        }
        guard case .column(let index) = argument.node,
            let statistics = morsel.block?.statistics(context.scan.columnIDs[index])
        else { return false }
        return runner.addBlock(statistics, rowCount: morsel.rowCount)
    }

    private func addGrouped(_ frame: Frame, firstRow: Int) throws(ServiceError) {
        let count = MaskWords.rows(frame.selection, rowCount: frame.rowCount, into: rows)
        for key in keys { try key.begin(frame) }
        let known = groups.table.count
        try withinBudget { () throws(MemoryLimitReached) in try groups.table.reserve(count) }
        if try !assignBySlots(count) { try assignByHash(count) }
        if groups.table.count > known {
            try groups.grow(to: groups.table.count)
            groups.noteFirstRows(
                of: groupOfRow, rows, count: count, from: known, firstRow: firstRow)
        }
        let assigned = GroupedRows(rows: rows, groups: groupOfRow, count: count)
        for runner in groups.runners { try runner.add(frame, assigned) }
    }

    // MARK: Group numbers

    /// By an array over the combinations of small keys; false when they are not small.
    private func assignBySlots(_ count: Int) throws(ServiceError) -> Bool {
        var total = 1
        var slotCounts: [Int] = []
        for key in keys {
            guard let slotCount = key.slotCount else { return false }
            let (product, overflow) = total.multipliedReportingOverflow(by: slotCount)
            guard !overflow, product <= Self.slotLimit else { return false }
            total = product
            slotCounts.append(slotCount)
        }
        try prepareSlots(total)
        slots.update(repeating: 0, count: count)
        for (key, slotCount) in zip(keys, slotCounts) {
            guard key.addSlots(rows, count: count, slotCount: slotCount, to: slots) else {
                return false
            }
        }
        let (groupOfSlot, slots) = (groupOfSlot.base, slots)
        let (groupOfRow, rows) = (groupOfRow, rows)
        for index in 0..<count {
            let slot = Int(slots[index])
            var group = groupOfSlot[slot]
            if group == 0 {
                group = UInt32(try assignOne(Int(rows[index])) + 1)
                groupOfSlot[slot] = group
            }
            groupOfRow[index] = group &- 1
        }
        return true
    }

    private func prepareSlots(_ total: Int) throws(ServiceError) {
        let meanings = keys.map(\.slotMeaning)
        let isSame =
            total == slotTotal && meanings.count == slotMeanings.count
            && zip(meanings, slotMeanings).allSatisfy { $0 === $1 }
        if isSame { return }
        try withinBudget { () throws(MemoryLimitReached) in
            try groupOfSlot.reserve(total, used: 0)
        }
        groupOfSlot.base.update(repeating: 0, count: total)
        slotTotal = total
        slotMeanings = meanings
    }

    private func assignOne(_ row: Int) throws(ServiceError) -> Int {
        let wordCount = layout.wordCount
        try reserveWords(wordCount)
        let key = words.base
        key.update(repeating: 0, count: wordCount)
        for column in keys { try column.encode(row, into: key) }
        return groups.table.find(key, hash: GroupTable.hash(key, wordCount: wordCount))
    }

    private func assignByHash(_ count: Int) throws(ServiceError) {
        let wordCount = layout.wordCount
        try reserveWords(count * wordCount)
        words.base.update(repeating: 0, count: count * wordCount)
        for key in keys {
            try key.encode(rows, count: count, wordCount: wordCount, into: words.base)
        }
        groups.table.find(words.base, count: count, into: groupOfRow)
    }

    private func reserveWords(_ count: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in try words.reserve(count, used: 0) }
    }
}
