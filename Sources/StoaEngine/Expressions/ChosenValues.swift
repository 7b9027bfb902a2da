internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// The values of a CASE: each branch gives those of its rows.
final class ChosenValues {
    private enum Kind { case integers, wide, floats, codes, text }

    private let type: ColumnType
    private let kind: Kind
    private let scratch: Scratch
    private let numbers: UnsafeMutablePointer<Int128>
    /// Of results that are constant texts: the dictionary, and each result's code.
    private let dictionary: StringDictionary
    private let codes: [UInt32]
    /// Texts as the branches gave them, and in the order of rows.
    private let found: TextBuffer
    private let ordered: TextBuffer
    private var starts: UnsafeMutablePointer<Int64>?
    private var lengths: UnsafeMutablePointer<Int64>?
    /// Bounds of all results so far; nil when those of one are not known.
    private var bounds: ClosedRange<Int128>?
    private var isFirst = true

    init(type: ColumnType, results: [ExpressionNode], scratch: Scratch) throws(ServiceError) {
        self.type = type
        self.scratch = scratch
        numbers = try scratch.take(Int128.self)
        found = TextBuffer(budget: scratch.budget)
        ordered = TextBuffer(budget: scratch.budget)
        let constants = results.map { ($0 as? LiteralNode)?.literal }
        var texts: [[UInt8]?] = []
        for constant in constants {
            if case .string(let text)? = constant { texts.append(text) } else { texts.append(nil) }
        }
        let isConstant = constants.allSatisfy { $0 != nil }
        let entries = Set(texts.compactMap { $0 }).sorted { $0.lexicographicallyPrecedes($1) }
        dictionary = StringDictionary(entries.isEmpty ? [[]] : entries, isSorted: true)
        codes = texts.map { text in
            UInt32(text.flatMap { entries.firstIndex(of: $0) } ?? 0)
        }
        if type == .string {
            kind = isConstant ? .codes : .text
        } else if type.isFloat {
            kind = .floats
        } else {
            kind = type.isIntegerBacked ? .integers : .wide
        }
    }

    // SAFETY: the buffer is this object's alone, and its kind decides as what it is used.
    private var integers: UnsafeMutablePointer<Int64> { cells(Int64.self) }
    private var floats: UnsafeMutablePointer<Double> { cells(Double.self) }
    private var codeCells: UnsafeMutablePointer<UInt32> { cells(UInt32.self) }

    private func cells<Element>(_ type: Element.Type) -> UnsafeMutablePointer<Element> {
        UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: type)
    }

    /// Forgets the batch before.
    func begin(rowCount: Int) {
        isFirst = true
        bounds = nil
        found.truncate(to: 0)
        switch kind {
        case .integers: integers.update(repeating: 0, count: rowCount)
        case .floats: floats.update(repeating: 0, count: rowCount)
        case .wide: numbers.update(repeating: 0, count: rowCount)
        case .codes: codeCells.update(repeating: 0, count: rowCount)
        case .text: lengths?.update(repeating: 0, count: rowCount)
        }
    }

    /// Takes the values of `rows` from the result at `index`.
    func take(
        _ value: Value, of node: ExpressionNode, index: Int, rows: UnsafePointer<UInt64>,
        loader: NumberLoader
    ) throws(ServiceError) {
        let vector = value.vector
        let rowCount = vector.rowCount
        join(value.bounds)
        switch kind {
        case .integers:
            guard case .integers(let source) = vector.content else { return }
            let values = try loader.integers(source, rowCount: rowCount)
            Self.copy(values, rows, rowCount, into: integers)
        case .floats:
            let values = try loader.floats(vector, type: node.type)
            Self.copy(values, rows, rowCount, into: floats)
        case .wide:
            let values = try loader.wide(vector, isUnsigned: node.type.isUnsigned64)
            Self.copy(values, rows, rowCount, into: numbers)
        case .codes:
            let (code, cells) = (codes[index], codeCells)
            Self.forEach(rows, rowCount) { cells[$0] = code }
        case .text: try takeText(try loader.strings(vector), vector, rows)
        }
    }

    private func join(_ more: ClosedRange<Int128>?) {
        if isFirst {
            bounds = more
        } else if let known = bounds, let more {
            bounds =
                min(known.lowerBound, more.lowerBound)...max(known.upperBound, more.upperBound)
        } else {
            bounds = nil
        }
        isFirst = false
    }

    private func takeText(
        _ values: StringRows, _ vector: Vector, _ rows: UnsafePointer<UInt64>
    ) throws(ServiceError) {
        let isNew = lengths == nil
        let starts = try scratch.reuse(&self.starts)
        let lengths = try scratch.reuse(&self.lengths)
        if isNew { lengths.update(repeating: 0, count: vector.rowCount) }
        try scratch.interrupts.check()
        try withinBudget { () throws(MemoryLimitReached) in
            for row in 0..<vector.rowCount where MaskWords.isSet(rows, row) {
                if let validity = vector.validity, !MaskWords.isSet(validity, row) { continue }
                let bytes = values[row]
                starts[row] = Int64(found.count)
                lengths[row] = Int64(bytes.count)
                try found.append(bytes)
            }
        }
    }

    /// The vector of the batch.
    func finish(
        validity: UnsafePointer<UInt64>, rowCount: Int
    ) throws(ServiceError) -> Value {
        let content: Vector.Content
        switch kind {
        case .integers:
            content = .integers(Vector.Integers(lane: .u64, values: integers))
        case .floats: content = .float64(floats)
        case .wide: content = .wide(numbers)
        case .codes:
            content = .codes(Vector.Integers(lane: .u32, values: codeCells), dictionary)
        case .text: content = try finishText(rowCount)
        }
        return Value(
            Vector(rowCount: rowCount, content: content, validity: validity), bounds: bounds)
    }

    private func finishText(_ rowCount: Int) throws(ServiceError) -> Vector.Content {
        let offsets = codeCells
        offsets[0] = 0
        ordered.truncate(to: 0)
        try scratch.interrupts.check()
        for row in 0..<rowCount {
            if let starts, let lengths, lengths[row] > 0 {
                let bytes = UnsafeRawBufferPointer(
                    start: found.address + Int(starts[row]), count: Int(lengths[row]))
                try withinBudget { () throws(MemoryLimitReached) in try ordered.append(bytes) }
            }
            offsets[row + 1] = UInt32(truncatingIfNeeded: ordered.count)
        }
        guard ordered.count <= Int(UInt32.max) else { throw .textTooLong }
        return .strings(offsets: UnsafePointer(offsets), bytes: ordered.address)
    }

    private static func copy<Element: BitwiseCopyable>(
        _ values: UnsafePointer<Element>, _ rows: UnsafePointer<UInt64>, _ rowCount: Int,
        into out: UnsafeMutablePointer<Element>
    ) {
        forEach(rows, rowCount) { out[$0] = values[$0] }
    }

    /// Calls `body` with every row of a mask.
    @inline(__always)
    private static func forEach(
        _ rows: UnsafePointer<UInt64>, _ rowCount: Int, _ body: (Int) -> Void
    ) {
        for word in 0..<MaskWords.wordCount(rowCount) {
            var bits = rows[word]
            let first = word &* 64
            if bits == .max {
                for row in first..<first &+ 64 { body(row) }
                continue
            }
            while bits != 0 {
                body(first &+ bits.trailingZeroBitCount)
                bits &= bits &- 1
            }
        }
    }
}

extension ServiceError {
    /// What text functions say when their results would be too much.
    static let textTooLong = ServiceError(
        .numericOverflow, "A text of the result has more than 1 MiB.",
        hint: "Cut it with left or substring.")
}
