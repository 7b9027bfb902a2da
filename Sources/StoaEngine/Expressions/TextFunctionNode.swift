internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// A function that gives text. Of a dictionary's codes it is evaluated once per entry, and the
/// result is codes of a dictionary of the results; else row by row into one buffer.
final class TextFunctionNode: ValueNode {
    private let function: TextFunction
    private let arguments: TextArguments
    private let scratch: Scratch
    private let buffer: TextBuffer
    private let numbers: UnsafeMutablePointer<UInt32>
    private let validity: UnsafeMutablePointer<UInt64>
    private let loader: NumberLoader
    private var policy = DictionaryPolicy()
    /// The dictionary that `codes` and `mapped` belong to.
    private var source: StringDictionary?
    private var codes: [UInt32] = []
    private var mapped: StringDictionary?
    private var reservedByteCount = 0
    /// The dictionary whose entries are not worth it: one fails, or the results are too long.
    private weak var refused: StringDictionary?

    init(
        _ function: TextFunction, _ operands: [ExpressionNode], position: Range<Int>,
        scratch: Scratch
    ) throws(ServiceError) {
        self.function = function
        self.scratch = scratch
        arguments = TextArguments(operands, scratch: scratch)
        buffer = TextBuffer(budget: scratch.budget)
        numbers = try scratch.take(UInt32.self)
        validity = try scratch.takeMask()
        loader = NumberLoader(scratch: scratch)
        try super.init(type: .string, position: position, scratch: scratch)
    }

    deinit { scratch.budget.release(reservedByteCount) }

    override var cost: Int { 50 + arguments.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        if let index = arguments.onlyText {
            let vector = try arguments.nodes[index].value(frame).vector
            if case .codes(let numbers, let dictionary) = vector.content,
                function != .concat || vector.validity == nil,
                refused !== dictionary,
                source === dictionary || policy.isWorthIt(dictionary),
                try prepare(dictionary, index)
            {
                return try map(numbers, vector, frame)
            }
        }
        return try rows(frame)
    }

    /// Computes the results of all entries; false when one of them fails, which counts only if a
    /// row has it.
    private func prepare(
        _ dictionary: StringDictionary, _ index: Int
    ) throws(ServiceError) -> Bool {
        if source === dictionary { return mapped != nil }
        source = dictionary
        mapped = nil
        buffer.truncate(to: 0)
        codes.removeAll(keepingCapacity: true)
        scratch.budget.release(reservedByteCount)
        reservedByteCount = 0
        var known: [[UInt8]: UInt32] = [:]
        var results: [[UInt8]] = []
        for entry in 0..<dictionary.count {
            try scratch.interrupts.check()
            buffer.truncate(to: 0)
            guard try append(arguments.with(dictionary[entry], at: index)) else {
                refused = dictionary
                return false
            }
            let result = [UInt8](
                UnsafeRawBufferPointer(start: buffer.address, count: buffer.count))
            let code = known[result] ?? UInt32(results.count)
            if Int(code) == results.count {
                // Long results are cheaper to make for the rows at hand.
                guard reservedByteCount + result.count <= Self.mappedByteCountLimit else {
                    refused = dictionary
                    return false
                }
                try keep(Self.entryByteCount + 3 * result.count)
                known[result] = code
                results.append(result)
            }
            codes.append(code)
        }
        mapped = StringDictionary(results, isSorted: false)
        return true
    }

    /// Most memory for the results of a dictionary's entries, in bytes.
    private static let mappedByteCountLimit = 32 << 20
    /// Bytes that each of them takes beside its text, which is there three times in the end.
    private static let entryByteCount = 96

    private func keep(_ byteCount: Int) throws(ServiceError) {
        try withinBudget { () throws(MemoryLimitReached) in
            try scratch.budget.reserve(byteCount)
        }
        reservedByteCount += byteCount
    }

    private func append(
        _ row: UnsafeBufferPointer<TextArgument>
    ) throws(ServiceError) -> Bool {
        try withinBudget { () throws(MemoryLimitReached) in
            try function.append(row, limit: Limits.stringByteCountLimit, to: buffer)
        }
    }

    private func map(
        _ source: Vector.Integers, _ vector: Vector, _ frame: Frame
    ) throws(ServiceError) -> Value {
        guard let mapped else { return try rows(frame) }
        let found = IntegerLanes.codes(
            source, rowCount: frame.rowCount, into: try loader.codes())
        codes.withUnsafeBufferPointer { codes in
            for row in 0..<frame.rowCount { numbers[row] = codes[Int(found[row])] }
        }
        return Value(
            Vector(
                rowCount: frame.rowCount,
                content: .codes(Vector.Integers(lane: .u32, values: numbers), mapped),
                validity: vector.validity))
    }

    private func rows(_ frame: Frame) throws(ServiceError) -> Value {
        // The buffer is used otherwise now; entries are computed anew when codes come again.
        if mapped == nil { source = nil }
        try arguments.begin(frame)
        buffer.truncate(to: 0)
        MaskWords.clear(validity, rowCount: frame.rowCount)
        numbers[0] = 0
        let isStrict = function != .concat
        (numbers + 1).update(repeating: 0, count: frame.slice.lowerBound)
        for row in frame.slice {
            let start = buffer.count
            if !isStrict || !arguments.hasNull(row) {
                try scratch.interrupts.check()
                validity[row >> 6] |= 1 << UInt64(row & 63)
                let isWhole = try append(arguments.at(row))
                if !isWhole || buffer.count > Int(UInt32.max) {
                    if MaskWords.isSet(frame.selection, row) { throw tooLong }
                    buffer.truncate(to: start)
                }
            }
            numbers[row + 1] = UInt32(truncatingIfNeeded: buffer.count)
        }
        for row in frame.slice.upperBound..<frame.rowCount {
            numbers[row + 1] = UInt32(truncatingIfNeeded: buffer.count)
        }
        scratch.textByteCount += buffer.count
        return Value(
            Vector(
                rowCount: frame.rowCount,
                content: .strings(offsets: UnsafePointer(numbers), bytes: buffer.address),
                validity: validity))
    }

    private var tooLong: ServiceError {
        var error = ServiceError.textTooLong
        error.position = position
        return error
    }
}
