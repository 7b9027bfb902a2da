internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// `count`, `sum` and `avg` of the distinct arguments, exactly.
final class DistinctRunner: AggregateRunner {
    private let distinct: DistinctState
    private let input: AggregateInput?
    private let intern: InternTable
    private let groupZero = ZeroGroups()
    /// The interned number of each code of `dictionary`; `unknown` until it is first met.
    private var translation: [UInt32] = []
    private var dictionary: StringDictionary?
    private var numbers: GrowingBuffer<Int64>
    private let budget: MemoryBudget
    private static let unknown = UInt32.max

    init(
        _ call: AggregateCall, input: AggregateInput?, intern: InternTable, budget: MemoryBudget
    ) {
        let type = call.argument?.type ?? .int64
        let isWide = !type.isIntegerBacked && !type.isFloat && type != .string
        distinct = DistinctState(isWide: isWide, budget: budget)
        self.input = input
        self.intern = intern
        self.budget = budget
        numbers = GrowingBuffer(budget: budget)
        super.init(call, state: distinct)
    }

    override func addAll(_ frame: Frame) throws(ServiceError) {
        guard let input else { return }
        let value = try input.node.value(frame)
        if case .integers(let source) = value.vector.content, input.node.type.isIntegerBacked {
            let numbers = try input.loader.integers(source, rowCount: frame.rowCount)
            let mask = input.mask(frame, value.vector)
            let bounds = Self.bounds(value)
            let isDone = try withinBudget { () throws(MemoryLimitReached) in
                try distinct.add(
                    numbers, bounds: bounds, mask: mask, rowCount: frame.rowCount, to: 0)
            }
            if isDone { return }
        }
        try add(frame, groupZero.rows(frame))
    }

    override func add(_ frame: Frame, _ rows: GroupedRows) throws(ServiceError) {
        guard let input else { return }
        let value = try input.node.value(frame)
        let vector = value.vector
        let type = input.node.type
        if !type.isIntegerBacked, !type.isFloat, type != .string {
            let numbers = try input.loader.wide(vector, isUnsigned: type.isUnsigned64)
            return try withinBudget { () throws(MemoryLimitReached) in
                try distinct.add(wide: numbers, validity: vector.validity, rows: rows)
            }
        }
        let bounds = Self.bounds(value)
        let numbers = try words(vector, input, rows)
        try withinBudget { () throws(MemoryLimitReached) in
            try distinct.add(numbers, bounds: bounds, validity: vector.validity, rows: rows)
        }
    }

    /// The block's bounds, which hold for most of a column.
    private static func bounds(_ value: Value) -> ClosedRange<Int64>? {
        guard let bounds = value.bounds, Bounds.fits64(bounds) else { return nil }
        return Int64(bounds.lowerBound)...Int64(bounds.upperBound)
    }

    /// One word per value, the same for equal values: integers themselves, floats their order
    /// keys, strings their interned numbers.
    private func words(
        _ vector: Vector, _ input: AggregateInput, _ rows: GroupedRows
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        switch vector.content {
        case .integers(let source):
            return try input.loader.integers(source, rowCount: vector.rowCount)
        case .float32, .float64:
            return try input.loader.orderKeys(vector, type: input.node.type)
        case .codes(let source, let dictionary) where dictionary.count > 0:
            return try translate(source, dictionary, vector, input, rows)
        default:
            let strings = try input.loader.strings(vector)
            return try intern(vector, rows) { strings[$0] }
        }
    }

    private func translate(
        _ source: Vector.Integers, _ dictionary: StringDictionary, _ vector: Vector,
        _ input: AggregateInput, _ rows: GroupedRows
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        if self.dictionary !== dictionary {
            self.dictionary = dictionary
            translation = [UInt32](repeating: Self.unknown, count: dictionary.count)
        }
        let codes = IntegerLanes.codes(
            source, rowCount: vector.rowCount, into: try input.loader.codes())
        try reserve(vector.rowCount)
        let numbers = numbers.base
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity = vector.validity, !MaskWords.isSet(validity, row) { continue }
            let code = Int(codes[row])
            var id = translation[code]
            if id == Self.unknown {
                id = try number(of: dictionary[code])
                translation[code] = id
            }
            numbers[row] = Int64(id)
        }
        return UnsafePointer(numbers)
    }

    private func intern(
        _ vector: Vector, _ rows: GroupedRows, _ bytes: (Int) -> UnsafeRawBufferPointer
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        try reserve(vector.rowCount)
        for index in 0..<rows.count {
            let row = Int(rows.rows[index])
            if let validity = vector.validity, !MaskWords.isSet(validity, row) { continue }
            numbers.base[row] = Int64(try number(of: bytes(row)))
        }
        return UnsafePointer(numbers.base)
    }

    private func number(of bytes: UnsafeRawBufferPointer) throws(ServiceError) -> UInt32 {
        try withinBudget { () throws(MemoryLimitReached) in try intern.id(of: bytes) }
    }

    private func reserve(_ count: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try numbers.reserve(count, used: 0)
        }
    }

    // MARK: Results

    override func results(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        if call.function != .count { return try sums(groups, count: count, into: buffers) }
        var counts: [Int64] = []
        for index in 0..<count {
            counts.append(
                try withinBudget { () throws(MemoryLimitReached) in
                    try budget.checkStop()
                    return Int64(try distinct.count(Int(groups[index])))
                })
        }
        return try buffers.integers(count: count) { counts[$0] }
    }

    /// Sums or averages: those of a plain aggregate over the distinct values.
    private func sums(
        _ groups: UnsafePointer<UInt32>, count: Int, into buffers: ResultBuffers
    ) throws(ServiceError) -> Value {
        let isFloat = call.argument?.type.isFloat ?? false
        let isUnsigned = call.argument?.type.isUnsigned64 ?? false
        let plain = AggregateCall(function: call.function, argument: call.argument, type: call.type)
        let floatRunner = FloatSumRunner(
            plain, input: nil, choice: FloatGridChoice(), budget: budget)
        let runner =
            isFloat ? floatRunner : IntegerSumRunner(plain, input: nil, budget: budget)
        try withinBudget { () throws(MemoryLimitReached) in
            try runner.state.grow(to: count)
            for index in 0..<count {
                var floats: [Double] = []
                var numbers: [Int128] = []
                try distinct.forEach(Int(groups[index])) { value in
                    if isFloat {
                        floats.append(OrderKey.float(Int64(truncatingIfNeeded: value)))
                    } else if isUnsigned {
                        numbers.append(Int128(UInt64(truncatingIfNeeded: value)))
                    } else {
                        numbers.append(value)
                    }
                }
                if let sums = runner.state as? FloatSumState {
                    try sums.add(floats, to: index)
                } else if let sums = runner.state as? IntegerSumState {
                    for number in numbers { try sums.add(one: number, to: index) }
                }
            }
        }
        let places = (0..<UInt32(count)).map { $0 }
        return try places.withUnsafeBufferPointer { places throws(ServiceError) in
            guard let base = places.baseAddress else {
                return try buffers.integers(count: 0) { _ in nil }
            }
            return try runner.results(base, count: count, into: buffers)
        }
    }
}
