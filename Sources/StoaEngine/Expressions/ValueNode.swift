internal import StoaCompute
internal import StoaModel

/// A node whose natural result is a vector, also when it is BOOL.
class ValueNode: ExpressionNode {
    private let mask: TernaryMask?

    init(type: ColumnType, position: Range<Int>, scratch: Scratch) throws(ServiceError) {
        mask =
            type == .bool
            ? TernaryMask(isTrue: try scratch.takeMask(), isFalse: try scratch.takeMask()) : nil
        super.init(type: type, position: position)
    }

    final override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let vector = try value(frame).vector
        guard let mask, case .integers(let numbers) = vector.content else {
            return try super.evaluateTruth(frame)
        }
        CompareKernels.inRange(
            numbers, 1...1, isUnsigned: false, rowCount: frame.rowCount, into: mask.isTrue)
        mask.complete(validity: vector.validity, rowCount: frame.rowCount)
        return mask
    }

    /// A vector of 64-bit numbers with the null state of the operands.
    final func integerValue(
        _ values: UnsafePointer<Int64>, _ rowCount: Int, _ validity: UnsafePointer<UInt64>?,
        bounds: ClosedRange<Int128>? = nil
    ) -> Value {
        Value(
            Vector(
                rowCount: rowCount,
                content: .integers(Vector.Integers(lane: .u64, values: values)),
                validity: validity), bounds: bounds)
    }

    final func floatValue(
        _ values: UnsafePointer<Double>, _ rowCount: Int, _ validity: UnsafePointer<UInt64>?
    ) -> Value {
        Value(Vector(rowCount: rowCount, content: .float64(values), validity: validity))
    }

    /// The 64-bit numbers of an integer-backed operand.
    final func integers(
        _ vector: Vector, _ loader: NumberLoader
    ) throws(ServiceError) -> UnsafePointer<Int64> {
        guard case .integers(let source) = vector.content else {
            throw ServiceError(.typeMismatch, "The values are no numbers.", position: position)
        }
        return try loader.integers(source, rowCount: vector.rowCount)
    }
}
