internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// A column of the input.
final class ColumnNode: ExpressionNode {
    private let index: Int
    private unowned let source: ColumnSource
    private let mask: TernaryMask
    private let loader: NumberLoader

    init(
        _ index: Int, type: ColumnType, position: Range<Int>, source: ColumnSource,
        scratch: Scratch
    ) throws(ServiceError) {
        self.index = index
        self.source = source
        mask = TernaryMask(isTrue: try scratch.takeMask(), isFalse: try scratch.takeMask())
        loader = NumberLoader(scratch: scratch)
        super.init(type: type, position: position)
    }

    override var cost: Int { 1 }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        try source.column(index)
    }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let vector = try value(frame).vector
        guard case .integers(let numbers) = vector.content else {
            throw ServiceError(.typeMismatch, "The column is no condition.", position: position)
        }
        CompareKernels.inRange(
            numbers, 1...1, isUnsigned: false, rowCount: frame.rowCount, into: mask.isTrue)
        mask.complete(validity: vector.validity, rowCount: frame.rowCount)
        return mask
    }
}

/// A constant: one vector that serves every batch.
final class LiteralNode: ExpressionNode {
    let literal: Literal
    private let mask: TernaryMask
    private let content: Vector.Content
    private let noRows: UnsafeMutablePointer<UInt64>
    private let bounds: ClosedRange<Int128>?

    init(
        _ literal: Literal, type: ColumnType, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.literal = literal
        mask = TernaryMask(isTrue: try scratch.takeMask(), isFalse: try scratch.takeMask())
        noRows = try scratch.takeMask()
        MaskWords.clear(noRows, rowCount: Limits.batchRows)
        content = try Self.content(literal, type: type, scratch: scratch)
        bounds = literal.exactNumber.map { $0...$0 }
        super.init(type: type, position: position)
    }

    override var cost: Int { 0 }

    private static func content(
        _ literal: Literal, type: ColumnType, scratch: Scratch
    ) throws(ServiceError) -> Vector.Content {
        if type == .string {
            let text: [UInt8] = if case .string(let bytes) = literal { bytes } else { [] }
            let values = try scratch.take(UInt8.self)
            return .codes(
                Vector.Integers(lane: .constant, values: values),
                StringDictionary([text], isSorted: true))
        }
        if type.isFloat {
            let values = try scratch.take(Double.self)
            let value: Double = if case .float(let float) = literal { float } else { 0 }
            values.update(repeating: value, count: Limits.batchRows)
            return .float64(values)
        }
        let number = literal.exactNumber ?? 0
        if type.isIntegerBacked || Bounds.fits64(number...number) {
            let values = try scratch.take(UInt8.self)
            return .integers(
                Vector.Integers(
                    lane: .constant, values: values, base: Int64(truncatingIfNeeded: number)))
        }
        let values = try scratch.take(Int128.self)
        values.update(repeating: number, count: Limits.batchRows)
        return .wide(values)
    }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let validity = literal == .null ? UnsafePointer(noRows) : nil
        return Value(
            Vector(rowCount: frame.rowCount, content: content, validity: validity), bounds: bounds)
    }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        var truth: Bool?
        if case .bool(let value) = literal { truth = value }
        mask.fill(truth, rowCount: frame.rowCount)
        return mask
    }
}

extension Literal {
    /// The number behind a literal of an integer-backed or decimal type.
    var exactNumber: Int128? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .integer(let value), .decimal(let value, _): value
        case .date(let days): Int128(days)
        case .timestamp(let moment): Int128(moment)
        case .null, .float, .string: nil
        }
    }
}
