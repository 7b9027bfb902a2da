internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// A moment moved by an interval.
final class TimeShiftNode: ValueNode {
    private let operand: ExpressionNode
    private let interval: Interval
    private let loader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int64>

    init(
        _ operand: ExpressionNode, by interval: Interval, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.interval = interval
        loader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int64.self)
        try super.init(type: .timestamp, position: position, scratch: scratch)
    }

    override var cost: Int { 3 + operand.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let value = try operand.value(frame)
        let vector = value.vector
        guard case .integers(var source) = vector.content else {
            throw ServiceError(.typeMismatch, "The operand is no time.", position: position)
        }
        let bounds = ExpressionBounds.shifted(value.bounds, by: interval)
        if interval.months == 0, let bounds {
            // Within bounds it is another base for the same numbers.
            source.base &+= interval.microseconds
            return Value(
                Vector(
                    rowCount: frame.rowCount, content: .integers(source),
                    validity: vector.validity), bounds: bounds)
        }
        let values = try loader.integers(source, rowCount: frame.rowCount)
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        for row in 0..<frame.rowCount {
            numbers[row] = 0
            guard scope.validity == nil || scope.validity.map({ MaskWords.isSet($0, row) }) == true
            else { continue }
            if let moved = interval.added(to: values[row]) {
                numbers[row] = moved
            } else if scope.counts(row) {
                throw ServiceError(ComputeError.numericOverflow, type: type, position: position)
            }
        }
        return integerValue(numbers, frame.rowCount, vector.validity, bounds: bounds)
    }
}

/// `time_bucket`.
final class TimeBucketNode: ValueNode {
    private let operand: ExpressionNode
    private let bucket: TimeBucket
    private let buckets: TimeBuckets
    private let loader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int64>

    init(
        _ operand: ExpressionNode, _ bucket: TimeBucket, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.bucket = bucket
        buckets = TimeBuckets(bucket)
        loader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int64.self)
        try super.init(type: operand.type, position: position, scratch: scratch)
    }

    override var cost: Int { 5 + operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let value = try operand.value(frame)
        let values = try integers(value.vector, loader)
        if operand.type == .date {
            buckets.roundDown(dates: values, rowCount: frame.rowCount, into: numbers)
        } else {
            buckets.roundDown(timestamps: values, rowCount: frame.rowCount, into: numbers)
        }
        return integerValue(
            numbers, frame.rowCount, value.vector.validity,
            bounds: ExpressionBounds.bucketed(value.bounds, bucket, type: type))
    }
}

extension TimeBuckets {
    init(_ bucket: TimeBucket) {
        self.init(
            months: bucket.width.months, microseconds: bucket.width.microseconds,
            origin: bucket.origin)
    }
}

/// `date_diff`: boundaries of a unit between two moments.
final class DateDiffNode: ValueNode {
    private let unit: CalendarUnit
    private let first: ExpressionNode
    private let last: ExpressionNode
    private let firstLoader: NumberLoader
    private let lastLoader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int64>
    private let validity: UnsafeMutablePointer<UInt64>

    init(
        _ unit: CalendarUnit, from first: ExpressionNode, to last: ExpressionNode,
        position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.unit = unit
        self.first = first
        self.last = last
        firstLoader = NumberLoader(scratch: scratch)
        lastLoader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int64.self)
        validity = try scratch.takeMask()
        try super.init(type: .int64, position: position, scratch: scratch)
    }

    override var cost: Int { 10 + first.cost + last.cost }
    override var canFail: Bool { first.canFail || last.canFail }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let firstVector = try first.value(frame).vector
        let lastVector = try last.value(frame).vector
        let from = try integers(firstVector, firstLoader)
        let to = try integers(lastVector, lastLoader)
        for row in 0..<frame.rowCount { numbers[row] = unit.count(from: from[row], to: to[row]) }
        let valid = Validity.both(
            firstVector, lastVector, rowCount: frame.rowCount, into: validity)
        return integerValue(numbers, frame.rowCount, valid)
    }
}
