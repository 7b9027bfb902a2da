internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// CAST to or from STRING, and TRY_CAST between any types: a value at a time, by the same rules as
/// constants.
final class TextCastNode: ExpressionNode {
    private let operand: ExpressionNode
    /// Whether what fails is NULL.
    private let isTry: Bool
    private let reader: CellReader
    /// Numbers of any width, or the offsets of text.
    private let numbers: UnsafeMutablePointer<Int128>
    private let validity: UnsafeMutablePointer<UInt64>
    private let buffer: TextBuffer
    private let scratch: Scratch

    init(
        _ operand: ExpressionNode, to type: ColumnType, isTry: Bool = false, position: Range<Int>,
        scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.isTry = isTry
        reader = CellReader(type: operand.type, scratch: scratch)
        buffer = TextBuffer(budget: scratch.budget)
        self.scratch = scratch
        numbers = try scratch.take(Int128.self)
        validity = try scratch.takeMask()
        super.init(type: type, position: position)
    }

    override var cost: Int { 100 + operand.cost }
    override var canFail: Bool { true }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let vector = try operand.value(frame).vector
        let scope = RowScope(
            rowCount: frame.rowCount, selection: frame.selection, validity: vector.validity)
        try reader.begin(vector)
        MaskWords.clear(validity, rowCount: frame.rowCount)
        try scratch.interrupts.check()
        for row in 0..<frame.rowCount where scope.counts(row) {
            validity[row >> 6] |= 1 << UInt64(row & 63)
        }
        let content = type == .string ? try strings(frame) : try values(frame)
        return Value(Vector(rowCount: frame.rowCount, content: content, validity: validity))
    }

    private func cast(_ row: Int) throws(ServiceError) -> Literal {
        if row % Limits.rowsPerLook == 0 { try scratch.interrupts.check() }
        do {
            return try LiteralCast.cast(reader.literal(row), from: operand.type, to: type)
        } catch {
            if isTry {
                validity[row >> 6] &= ~(1 << UInt64(row & 63))
                return .null
            }
            throw ServiceError(
                error == .invalidText ? ComputeError.invalidValue : .numericOverflow, type: type,
                position: position)
        }
    }

    private func strings(_ frame: Frame) throws(ServiceError) -> Vector.Content {
        // SAFETY: the buffer is this node's alone, and each node uses it as one type.
        let offsets = UnsafeMutableRawPointer(numbers).assumingMemoryBound(to: UInt32.self)
        buffer.truncate(to: 0)
        offsets[0] = 0
        for row in 0..<frame.rowCount {
            if MaskWords.isSet(validity, row), case .string(let text) = try cast(row) {
                try withinBudget { () throws(MemoryLimitReached) in
                    try buffer.reserve(text.count)
                    for byte in text { buffer.appendReserved(byte) }
                }
            }
            offsets[row + 1] = UInt32(truncatingIfNeeded: buffer.count)
        }
        return .strings(offsets: offsets, bytes: buffer.address)
    }

    private func values(_ frame: Frame) throws(ServiceError) -> Vector.Content {
        // SAFETY: as in `strings`.
        let raw = UnsafeMutableRawPointer(numbers)
        if type.isFloat {
            let floats = raw.assumingMemoryBound(to: Double.self)
            for row in 0..<frame.rowCount {
                floats[row] = 0
                guard MaskWords.isSet(validity, row) else { continue }
                if case .float(let value) = try cast(row) { floats[row] = value }
            }
            return .float64(floats)
        }
        let isNarrow = type.isIntegerBacked
        let narrow = raw.assumingMemoryBound(to: Int64.self)
        for row in 0..<frame.rowCount {
            var value: Int128 = 0
            if MaskWords.isSet(validity, row) { value = try cast(row).exactNumber ?? 0 }
            if isNarrow {
                narrow[row] = Int64(truncatingIfNeeded: value)
            } else {
                numbers[row] = value
            }
        }
        return isNarrow
            ? .integers(Vector.Integers(lane: .u64, values: narrow)) : .wide(numbers)
    }
}
