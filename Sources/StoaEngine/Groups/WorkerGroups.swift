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
    private let aggregation: Aggregation
    private let encoder: KeyEncoder
    private let rows: UnsafeMutablePointer<UInt16>
    private let allRows: UnsafeMutablePointer<UInt16>
    private let groupOfRow: UnsafeMutablePointer<UInt32>
    private let slotOfRow: UnsafeMutablePointer<UInt32>
    /// Rows of groups that the table does not take.
    private(set) var log: RowLog?
    private var writer: RecordWriter?
    /// Whether the table is still asked for groups that it has.
    private var usesTable = true
    private var isSampled = false
    private var rowCount = 0
    private let limits: GroupLimits
    /// Bytes of the keys' strings from which on the table is full.
    private let stringByteCountLimit: Int
    private let missingRows: UnsafeMutablePointer<UInt16>
    private var missingWords: GrowingBuffer<UInt64>

    init(
        _ context: QueryContext, aggregation: Aggregation
    ) throws(ServiceError) {
        self.context = context
        self.aggregation = aggregation
        scanner = try RowScanner(context)
        let compiler = scanner.compiler
        let scratch = compiler.scratch
        encoder = try KeyEncoder(aggregation, context, compiler: compiler)
        groups = try GroupStates(aggregation, compiler: compiler, budget: context.budget)
        rows = try scratch.take(UInt16.self)
        allRows = try scratch.take(UInt16.self)
        for row in 0..<Limits.batchRows { allRows[row] = UInt16(row) }
        groupOfRow = try scratch.take(UInt32.self)
        slotOfRow = try scratch.take(UInt32.self)
        missingRows = try scratch.take(UInt16.self)
        missingWords = GrowingBuffer(budget: context.budget)
        limits = Self.limits(aggregation, context)
        stringByteCountLimit = context.budget.byteCountLimit / 16 / max(1, context.workerCount)
    }

    /// The limits of the query, with no larger table than an eighth of the memory allows: while it
    /// doubles the old one stands beside the new one, and the rows put aside have half.
    private static func limits(_ aggregation: Aggregation, _ context: QueryContext) -> GroupLimits {
        var limits = aggregation.limits
        // A key and its hash, two slots, and about so much for each aggregate.
        let groupByteCount = aggregation.wordCount * 8 + 24 + aggregation.aggregates.count * 32
        let share = context.budget.byteCountLimit / 8 / max(1, context.workerCount)
        limits.tableGroupCount = min(
            limits.tableGroupCount, max(1_024, share / (groupByteCount * 3 / 2)))
        return limits
    }

    /// Adds a block; false when a key has a value that the plan of the keys knows nothing of,
    /// or more strings than have tokens.
    func add(_ morsel: ScanPlan.Morsel) throws(ServiceError) -> Bool {
        if aggregation.keys.isEmpty {
            try addUngrouped(morsel)
            return true
        }
        if try addOneSlot(morsel) { return true }
        var isKnown = true
        try scanner.scan(morsel, allowsGather: true) { frame, _ throws(ServiceError) in
            if isKnown { isKnown = try addGrouped(frame) }
        }
        return isKnown
    }

    /// Without keys, what statistics answer is not read.
    private func addUngrouped(_ morsel: ScanPlan.Morsel) throws(ServiceError) {
        let coverage = scanner.coverage(morsel)
        var open: [AggregateRunner] = []
        for runner in groups.runners where coverage != .none {
            if coverage == .all, try answers(runner, morsel, for: 0) { continue }
            open.append(runner)
        }
        guard !open.isEmpty else {
            return context.counters.didSkip(rows: morsel.rowCount, blocks: 1)
        }
        if coverage == .all {
            var others: [AggregateRunner] = []
            try scanner.scanColumns(morsel) { input throws(ServiceError) in
                for runner in open
                where try !runner.addColumns(input, rowCount: morsel.rowCount) {
                    others.append(runner)
                }
                return others.isEmpty
            }
            open = others
            guard !open.isEmpty else { return }
        }
        try scanner.scan(morsel, allowsGather: true) { frame, _ throws(ServiceError) in
            for runner in open { try runner.addAll(frame) }
        }
    }

    private func answers(
        _ runner: AggregateRunner, _ morsel: ScanPlan.Morsel, for group: Int
    ) throws(ServiceError) -> Bool {
        guard let argument = runner.call.argument else {
            return try runner.addBlock(nil, rowCount: morsel.rowCount, to: group)
        }
        guard case .column(let index) = argument.node,
            let statistics = morsel.block?.statistics(context.scan.columnIDs[index])
        else { return false }
        return try runner.addBlock(statistics, rowCount: morsel.rowCount, to: group)
    }

    /// Adds a block of which all rows pass and have the keys of one slot, without its keys, and
    /// without what statistics answer; false when it is not such a block.
    private func addOneSlot(_ morsel: ScanPlan.Morsel) throws(ServiceError) -> Bool {
        guard aggregation.isDense, let block = morsel.block, scanner.coverage(morsel) == .all,
            let slot = aggregation.slots?.slot(of: block, columnIDs: context.scan.columnIDs)
        else { return false }
        var open: [AggregateRunner] = []
        for runner in groups.runners {
            // A NULL would have to be told apart from the row.
            if !hasNulls(runner, block), try answers(runner, morsel, for: slot) { continue }
            open.append(runner)
        }
        if open.isEmpty {
            groups.tally.add(morsel.rowCount, to: slot)
            context.counters.didSkip(rows: morsel.rowCount, blocks: 1)
            return true
        }
        slotOfRow.update(repeating: UInt32(slot), count: Limits.batchRows)
        try scanner.scan(morsel) { frame, _ throws(ServiceError) in
            let slice = frame.slice
            let rows = GroupedRows(
                rows: allRows + slice.lowerBound, groups: slotOfRow, count: slice.count,
                isWhole: slice.count == frame.rowCount, isOneGroup: true)
            for runner in open { try runner.add(frame, rows) }
            groups.tally.add(rows)
        }
        return true
    }

    private func hasNulls(_ runner: AggregateRunner, _ block: ScanBlock) -> Bool {
        guard let argument = runner.call.argument, case .column(let index) = argument.node else {
            return false
        }
        return block.statistics(context.scan.columnIDs[index]).map { $0.nullCount > 0 } ?? true
    }

    private func addGrouped(_ frame: Frame) throws(ServiceError) -> Bool {
        var count = MaskWords.count(frame.selection, rowCount: frame.rowCount)
        guard count > 0 else { return true }
        var selected = UnsafePointer(allRows)
        if count < frame.rowCount {
            count = MaskWords.rows(frame.selection, rowCount: frame.rowCount, into: rows)
            selected = UnsafePointer(rows)
        }
        if aggregation.isDense {
            guard let assigned = try encoder.slots(frame, rows: selected, count: count) else {
                return false
            }
            try groups.add(frame, assigned)
            return true
        }
        guard let words = try encoder.words(frame, rows: selected, count: count) else {
            return false
        }
        if let writer {
            try addBeyond(frame, words, (selected, count), writer)
            return true
        }
        try withinBudget { () throws(MemoryLimitReached) in
            try groups.table.reserve(count)
            try groups.table.find(words, count: count, into: groupOfRow)
        }
        try groups.grow(to: groups.table.count)
        try groups.add(
            frame,
            GroupedRows(
                rows: selected, groups: groupOfRow, count: count,
                isWhole: count == frame.rowCount))
        rowCount += count
        try considerLog()
        return true
    }

    /// Begins to put rows aside when the table has many groups, or will have.
    private func considerLog() throws(ServiceError) {
        guard aggregation.canPutAside else { return }
        let groupCount = groups.table.count
        let isFull = groups.table.stringByteCount > stringByteCountLimit
        if groupCount < limits.tableGroupCount, !isFull {
            guard !isSampled, groupCount >= limits.sampleGroupCount else { return }
            isSampled = true
            if limits.reduces(groupCount: groupCount, rowCount: rowCount) { return }
            usesTable = false
        } else {
            usesTable = limits.reduces(groupCount: groupCount, rowCount: rowCount)
        }
        let share = context.budget.byteCountLimit / 2 / max(1, context.workerCount)
        let log = RowLog(
            RecordLayout(aggregation, context.scan), partitionBits: limits.partitionBits, level: 0,
            share: share, spill: context.makeSpillFile(), budget: context.budget)
        self.log = log
        writer = try RecordWriter(log, compiler: scanner.compiler)
    }

    /// Adds rows of the table's groups to them, and puts the others aside.
    private func addBeyond(
        _ frame: Frame, _ words: UnsafePointer<UInt64>,
        _ selected: (rows: UnsafePointer<UInt16>, count: Int), _ writer: RecordWriter
    ) throws(ServiceError) {
        let count = selected.count
        guard usesTable else {
            return try writer.add(frame, words: words, rows: selected.rows, count: count)
        }
        let found = groups.table.findKnown(words, count: count, into: groupOfRow)
        if found < count {
            try addMissing(frame, words, selected, writer)
        }
        guard found > 0 else { return }
        var kept = 0
        for index in 0..<count where groupOfRow[index] != .max {
            groupOfRow[kept] = groupOfRow[index]
            rows[kept] = selected.rows[index]
            kept += 1
        }
        try groups.add(
            frame,
            GroupedRows(
                rows: rows, groups: groupOfRow, count: kept, isWhole: kept == frame.rowCount))
    }

    private func addMissing(
        _ frame: Frame, _ words: UnsafePointer<UInt64>,
        _ selected: (rows: UnsafePointer<UInt16>, count: Int), _ writer: RecordWriter
    ) throws(ServiceError) {
        let count = selected.count
        let wordCount = aggregation.wordCount
        try withinBudget { () throws(MemoryLimitReached) in
            try missingWords.reserve(count * wordCount, used: 0)
        }
        var missing = 0
        for index in 0..<count where groupOfRow[index] == .max {
            missingRows[missing] = selected.rows[index]
            for word in 0..<wordCount {
                missingWords.base[missing &* wordCount &+ word] =
                    words[index &* wordCount &+ word]
            }
            missing += 1
        }
        try writer.add(frame, words: missingWords.base, rows: missingRows, count: missing)
    }
}
