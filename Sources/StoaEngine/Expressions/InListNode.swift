internal import StoaCompute
internal import StoaModel

/// A number in a list of constants.
final class InListNode: ConditionNode {
    private let operand: ExpressionNode
    /// Sorted, distinct: unscaled values, or order keys for floats.
    private let values: [Int128]
    private let narrowValues: [Int64]
    private let loader: NumberLoader
    private let part: UnsafeMutablePointer<UInt64>
    /// Lists up to this length are that many range tests; longer ones are searched per row.
    private static let shortCount = 8

    init(
        _ operand: ExpressionNode, _ values: [Int128], position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.values = Set(values).sorted()
        let isUnsigned = operand.type.isUnsigned64
        narrowValues = self.values.compactMap { value in
            // In the order of `NumberLoader.orderKeys`.
            isUnsigned
                ? UInt64(exactly: value).map { Int64(bitPattern: $0) ^ .min }
                : Int64(exactly: value)
        }
        loader = NumberLoader(scratch: scratch)
        part = try scratch.takeMask()
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 2 + operand.cost + min(values.count, 16) }
    override var canFail: Bool { operand.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let vector = try operand.value(frame).vector
        let rowCount = frame.rowCount
        let mask = truth.isTrue
        MaskWords.clear(mask, rowCount: rowCount)
        switch vector.content {
        case .integers(let source) where values.count <= Self.shortCount:
            for value in values {
                CompareKernels.inRange(
                    source, value...value, isUnsigned: operand.type.isUnsigned64,
                    rowCount: rowCount, into: part)
                MaskWords.or(mask, part, rowCount: rowCount)
            }
        case .wide(let numbers):
            for row in 0..<rowCount where Self.contains(values, numbers[row]) {
                mask[row >> 6] |= 1 << UInt64(row & 63)
            }
        default:
            let keys = try loader.orderKeys(vector, type: operand.type)
            for row in 0..<rowCount where Self.contains(narrowValues, keys[row]) {
                mask[row >> 6] |= 1 << UInt64(row & 63)
            }
        }
        truth.complete(validity: vector.validity, rowCount: rowCount)
        return truth
    }

    private static func contains<T: FixedWidthInteger>(_ values: [T], _ value: T) -> Bool {
        values.withUnsafeBufferPointer { values in
            var (low, high) = (0, values.count)
            while low < high {
                let middle = (low &+ high) / 2
                if values[middle] == value { return true }
                if value < values[middle] { high = middle } else { low = middle &+ 1 }
            }
            return false
        }
    }
}

/// A condition whose FALSE is NULL: `x IN (…, NULL)`.
final class FalseIsNullNode: ConditionNode {
    private let operand: ExpressionNode

    init(_ operand: ExpressionNode, position: Range<Int>, scratch: Scratch) throws(ServiceError) {
        self.operand = operand
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        truth.copy(from: try operand.truth(frame), rowCount: frame.rowCount)
        MaskWords.clear(truth.isFalse, rowCount: frame.rowCount)
        return truth
    }
}
