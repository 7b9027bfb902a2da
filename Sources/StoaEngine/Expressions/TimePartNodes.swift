internal import StoaCompute
internal import StoaModel

/// `make_date` and `make_timestamp`: year, month, day, and for a moment hour, minute and seconds.
final class MakeTimeNode: ValueNode {
    private let operands: [ExpressionNode]
    private let loaders: [NumberLoader]
    private let numbers: UnsafeMutablePointer<Int64>
    private let validity: UnsafeMutablePointer<UInt64>

    /// - Parameter operands: Three INT64; for a TIMESTAMP then two INT64 and a FLOAT64.
    init(
        _ operands: [ExpressionNode], type: ColumnType, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operands = operands
        loaders = operands.map { _ in NumberLoader(scratch: scratch) }
        numbers = try scratch.take(Int64.self)
        validity = try scratch.takeMask()
        try super.init(type: type, position: position, scratch: scratch)
    }

    override var cost: Int { operands.reduce(20) { $0 + $1.cost } }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        var vectors: [Vector] = []
        for operand in operands { vectors.append(try operand.value(frame).vector) }
        let valid = Validity.all(vectors, rowCount: frame.rowCount, into: validity)
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: valid)
        let years = try integers(vectors[0], loaders[0])
        let months = try integers(vectors[1], loaders[1])
        let days = try integers(vectors[2], loaders[2])
        for row in 0..<frame.rowCount {
            let day = CivilTime.Day(
                year: Int(years[row]), month: Int(months[row]), day: Int(days[row]))
            let found = CivilTime.days(day)
            if found == nil, scope.counts(row) { throw refused("There is no such day.") }
            numbers[row] = Int64(found ?? 0)
        }
        if type == .timestamp { try addTimes(vectors, scope) }
        return integerValue(numbers, frame.rowCount, valid)
    }

    /// Makes moments of the days.
    private func addTimes(_ vectors: [Vector], _ scope: RowScope) throws(ServiceError) {
        let hours = try integers(vectors[3], loaders[3])
        let minutes = try integers(vectors[4], loaders[4])
        let seconds = try loaders[5].floats(vectors[5], type: operands[5].type)
        let perDay = CivilTime.microsecondsPerDay
        for row in 0..<scope.rowCount {
            let time = Self.microseconds(hours[row], minutes[row], seconds[row])
            let moment = numbers[row] &* perDay &+ (time ?? 0)
            if scope.counts(row) {
                guard time != nil else { throw refused("There is no such time of day.") }
                guard moment <= CivilTime.lastMicrosecond else {
                    throw ServiceError(
                        ComputeError.numericOverflow, type: type, position: position)
                }
            }
            numbers[row] = moment
        }
    }

    /// A time of day; nil when there is none. 24:00:00 and a second 60 are the next midnight and
    /// minute.
    private static func microseconds(_ hour: Int64, _ minute: Int64, _ second: Double) -> Int64? {
        guard (0...24).contains(hour), (0...59).contains(minute), second >= 0, second <= 60 else {
            return nil
        }
        let time = (hour * 60 + minute) * 60_000_000 + Int64((second * 1e6).rounded())
        return time <= CivilTime.microsecondsPerDay ? time : nil
    }

    private func refused(_ message: String) -> ServiceError {
        ServiceError(.invalidValue, message, position: position)
    }
}

/// A DATE and a number of days, or a TIMESTAMP and a number of microseconds.
final class TimeOffsetNode: ValueNode {
    private let time: ExpressionNode
    private let offset: ExpressionNode
    private let timeLoader: NumberLoader
    private let offsetLoader: NumberLoader
    private let numbers: UnsafeMutablePointer<Int64>
    private let validity: UnsafeMutablePointer<UInt64>

    init(
        _ time: ExpressionNode, plus offset: ExpressionNode, position: Range<Int>,
        scratch: Scratch
    ) throws(ServiceError) {
        self.time = time
        self.offset = offset
        timeLoader = NumberLoader(scratch: scratch)
        offsetLoader = NumberLoader(scratch: scratch)
        numbers = try scratch.take(Int64.self)
        validity = try scratch.takeMask()
        try super.init(type: time.type, position: position, scratch: scratch)
    }

    override var cost: Int { 4 + time.cost + offset.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let timeVector = try time.value(frame).vector
        let offsetVector = try offset.value(frame).vector
        let times = try integers(timeVector, timeLoader)
        let offsets = try integers(offsetVector, offsetLoader)
        let valid = Validity.both(
            timeVector, offsetVector, rowCount: frame.rowCount, into: validity)
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: valid)
        let first = type == .date ? Int64(CivilTime.firstDay) : CivilTime.firstMicrosecond
        let last = type == .date ? Int64(CivilTime.lastDay) : CivilTime.lastMicrosecond
        for row in 0..<frame.rowCount {
            let (moved, overflow) = times[row].addingReportingOverflow(offsets[row])
            let isInside = !overflow && moved >= first && moved <= last
            if !isInside, scope.counts(row) {
                throw ServiceError(ComputeError.numericOverflow, type: type, position: position)
            }
            numbers[row] = isInside ? moved : 0
        }
        return integerValue(numbers, frame.rowCount, valid)
    }
}

extension Validity {
    /// The null states of any number of operands together.
    static func all(
        _ vectors: [Vector], rowCount: Int, into mask: UnsafeMutablePointer<UInt64>
    ) -> UnsafePointer<UInt64>? {
        var found: UnsafePointer<UInt64>?
        for vector in vectors {
            guard let validity = vector.validity else { continue }
            if found == nil {
                MaskWords.copy(validity, rowCount: rowCount, into: mask)
            } else {
                MaskWords.and(mask, validity, rowCount: rowCount)
            }
            found = UnsafePointer(mask)
        }
        return found
    }
}
