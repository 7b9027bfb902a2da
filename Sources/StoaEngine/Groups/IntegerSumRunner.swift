internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `sum` and `avg` of integers and decimals.
final class IntegerSumRunner: AggregateRunner {
    private let sums: IntegerSumState
    private let input: AggregateInput?

    private let isFollowing: Bool
    private let product: BlockProduct?

    init(_ call: AggregateCall, input: AggregateInput?, budget: MemoryBudget) {
        let isWide = call.argument.map { !$0.type.isIntegerBacked } ?? false
        sums = IntegerSumState(isWide: isWide, budget: budget)
        self.input = input
        isFollowing = false
        product = call.argument.flatMap { BlockProduct($0) }
        super.init(call, state: sums)
    }

    /// One that answers from the sums of another over the same argument, and adds nothing.
    init(_ call: AggregateCall, following leader: IntegerSumRunner, budget: MemoryBudget) {
        sums = leader.sums
        input = nil
        isFollowing = true
        product = nil
        super.init(call, state: NoState(budget: budget))
    }

    /// The position of the aggregate whose sums `index` can answer from; nil: none before it.
    static func leader(_ calls: [AggregateCall], of index: Int) -> Int? {
        func isPlainSum(_ call: AggregateCall) -> Bool {
            (call.function == .sum || call.function == .avg) && call.filter == nil
                && !call.isDistinct && !(call.argument?.type.isFloat ?? true)
        }
        guard isPlainSum(calls[index]) else { return nil }
        return calls[..<index].firstIndex {
            isPlainSum($0) && $0.argument == calls[index].argument
        }
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        guard let input else { return }
        if let product = input.node as? ArithmeticNode, let sum = try product.sum(frame) {
            return try add(sum: sum.total, count: sum.count)
        }
        let value = try input.node.value(frame)
        let vector = value.vector
        let mask = input.mask(frame, vector)
        if case .wide(let numbers) = vector.content {
            return sums.add(wide: numbers, mask: mask, rowCount: frame.rowCount, to: 0)
        }
        guard case .integers(let source) = vector.content else { return }
        let count = MaskWords.count(mask, rowCount: frame.rowCount)
        if let line = NarrowLine(source, bounds: value.bounds, type: input.node.type) {
            let total = LaneSums.sum(source, mask: mask, rowCount: frame.rowCount)
            return try add(sum: line.sum(of: total, count: count), count: count)
        }
        let numbers = try input.loader.integers(source, rowCount: frame.rowCount)
        var sum: Int128
        if let bounds = value.bounds, Self.sumFits(bounds) {
            sum = Int128(SumKernels.sumWithin(numbers, mask: mask, rowCount: frame.rowCount))
        } else {
            sum = SumKernels.sum(numbers, mask: mask, rowCount: frame.rowCount)
            if input.node.type.isUnsigned64 {
                sum += Self.unsignedCorrection(numbers, mask, frame.rowCount)
            }
        }
        try add(sum: sum, count: count)
    }

    private func add(sum: Int128, count: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try sums.add(sum: sum, count: count, to: 0)
        }
    }

    override var needsRowCounts: Bool { call.function == .avg }
    override func share(_ tally: GroupTally) { sums.share(tally) }

    /// Whether a batch of numbers within these bounds has a sum of 64 bits.
    private static func sumFits(_ bounds: ClosedRange<Int128>) -> Bool {
        let limit = Int128(Int64.max) / Int128(Limits.batchRows)
        return bounds.lowerBound >= -limit && bounds.upperBound <= limit
    }

    /// What a signed sum of unsigned patterns lacks: 2^64 for each that looks negative.
    private static func unsignedCorrection(
        _ numbers: UnsafePointer<Int64>, _ mask: UnsafePointer<UInt64>, _ rowCount: Int
    ) -> Int128 {
        var negativeCount: Int128 = 0
        for row in 0..<rowCount where numbers[row] < 0 && MaskWords.isSet(mask, row) {
            negativeCount += 1
        }
        return negativeCount << 64
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let value = try input.node.value(frame)
        let vector = value.vector
        try withinBudget { () throws(MemoryLimitReached) in
            switch vector.content {
            case .wide(let numbers):
                try sums.add(wide: numbers, validity: vector.validity, rows: rows)
            case .integers(let source):
                try sums.add(
                    source, bounds: Bounds.of(value, source, type: input.node.type),
                    isUnsigned: input.node.type.isUnsigned64, validity: vector.validity,
                    rows: rows)
            case .float32, .float64, .codes, .strings, .numbered: break
            }
        }
    }

    override func addBlock(
        _ statistics: BlockStatistics?, rowCount: Int
    ) throws(ServiceError) -> Bool {
        if isFollowing { return true }
        guard let statistics else { return false }
        guard statistics.nullCount < statistics.rowCount else { return true }
        guard let sum = statistics.sum else { return false }
        try add(sum: sum, count: statistics.rowCount - statistics.nullCount)
        return true
    }

    override func addColumns(
        _ input: ScanInput, rowCount: Int
    ) throws(ServiceError) -> Bool {
        guard let product, let sum = try product.sum(input, rowCount: rowCount) else {
            return false
        }
        try add(sum: Int128(sum), count: rowCount)
        return true
    }

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        if call.function == .avg, call.type.isFloat {
            return try floatAverages(groups, count: count, into: buffers)
        }
        if call.function == .sum,
            sums.writeNarrow(groups, count: count, into: try buffers.integerValues())
        {
            return try buffers.integers(
                count: count,
                validity: sums.validity(groups, count: count, into: buffers.validity))
        }
        if call.function == .sum,
            sums.writeWhole(groups, count: count, into: try buffers.wideValues())
        {
            return try buffers.wide(
                count: count,
                validity: sums.validity(groups, count: count, into: buffers.validity))
        }
        let shift = Int(call.type.scale) - Int(call.argument?.type.scale ?? 0)
        let isAverage = call.function == .avg
        return try buffers.wide(count: count) { index throws(ServiceError) in
            let group = Int(groups[index])
            guard sums.hasValue(group) else { return nil }
            guard let sum = sums.sum(group) else { throw overflow }
            guard isAverage else { return sum }
            guard
                let average = Averages.decimal(
                    sum: sum, count: UInt64(sums.count(group)), scaleShift: max(0, shift))
            else { throw overflow }
            return average
        }
    }

    private func floatAverages(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        for index in 0..<count where sums.sum(Int(groups[index])) == nil { throw overflow }
        return try buffers.floats(count: count) { index in
            let group = Int(groups[index])
            let rowCount = sums.count(group)
            guard rowCount > 0, let sum = sums.sum(group) else { return nil }
            return Averages.float(sum: sum, count: UInt64(rowCount))
        }
    }

    private var overflow: ServiceError {
        ServiceError(
            .numericOverflow, "The \(call.function.name) passes 38 digits.",
            position: call.argument?.position)
    }
}
