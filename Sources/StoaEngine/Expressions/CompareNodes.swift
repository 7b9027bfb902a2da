internal import StoaCompute
internal import StoaModel
internal import StoaQuery

extension Relation {
    init(_ operation: ComparisonOperator) {
        switch operation {
        case .equal: self = .equal
        case .notEqual: self = .notEqual
        case .less: self = .less
        case .lessOrEqual: self = .lessOrEqual
        case .greater: self = .greater
        case .greaterOrEqual: self = .greaterOrEqual
        }
    }
}

/// A number against a constant: one range test in the numbers' own lane, whatever the constant's
/// type was.
final class RangeNode: ConditionNode {
    private let operand: ExpressionNode
    /// Of unscaled values, or of order keys for floats; nil: no value is in it.
    private let range: ClosedRange<Int128>?
    private let isNegated: Bool
    private let loader: NumberLoader

    init(
        _ operand: ExpressionNode, in range: ClosedRange<Int128>?, isNegated: Bool,
        position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        self.range = range
        self.isNegated = isNegated
        loader = NumberLoader(scratch: scratch)
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 1 + operand.cost }
    override var canFail: Bool { operand.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let vector = try operand.value(frame).vector
        try test(vector, into: truth.isTrue)
        truth.complete(validity: vector.validity, rowCount: frame.rowCount)
        guard isNegated else { return truth }
        for word in 0..<MaskWords.wordCount(frame.rowCount) {
            (truth.isTrue[word], truth.isFalse[word]) = (truth.isFalse[word], truth.isTrue[word])
        }
        return truth
    }

    private func test(
        _ vector: Vector, into mask: UnsafeMutablePointer<UInt64>
    ) throws(ServiceError) {
        guard let range else { return MaskWords.clear(mask, rowCount: vector.rowCount) }
        switch vector.content {
        case .integers(let source):
            CompareKernels.inRange(
                source, range, isUnsigned: operand.type.isUnsigned64, rowCount: vector.rowCount,
                into: mask)
        case .wide(let values):
            RangeNode.test(values, range, rowCount: vector.rowCount, into: mask)
        default:
            let keys = try loader.orderKeys(vector, type: operand.type)
            CompareKernels.inRange(
                Vector.Integers(lane: .u64, values: keys), range, isUnsigned: false,
                rowCount: vector.rowCount, into: mask)
        }
    }

    private static func test(
        _ values: UnsafePointer<Int128>, _ range: ClosedRange<Int128>, rowCount: Int,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        MaskWords.clear(mask, rowCount: rowCount)
        for row in 0..<rowCount where range.contains(values[row]) {
            mask[row >> 6] |= 1 << UInt64(row & 63)
        }
    }
}

/// Two numbers of any types, row by row, exactly.
final class NumberCompareNode: ConditionNode {
    private let relation: Relation
    private let left: ExpressionNode
    private let right: ExpressionNode
    private let leftLoader: NumberLoader
    private let rightLoader: NumberLoader
    private let validity: UnsafeMutablePointer<UInt64>

    init(
        _ relation: Relation, _ left: ExpressionNode, _ right: ExpressionNode,
        position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        // A float stands on the right, if there is one.
        let isMirrored = left.type.isFloat && !right.type.isFloat
        self.relation = isMirrored ? relation.mirrored : relation
        self.left = isMirrored ? right : left
        self.right = isMirrored ? left : right
        leftLoader = NumberLoader(scratch: scratch)
        rightLoader = NumberLoader(scratch: scratch)
        validity = try scratch.takeMask()
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 3 + left.cost + right.cost }
    override var canFail: Bool { left.canFail || right.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let leftVector = try left.value(frame).vector
        let rightVector = try right.value(frame).vector
        let rowCount = frame.rowCount
        if right.type.isFloat, !left.type.isFloat {
            let exact = try leftLoader.wide(leftVector, isUnsigned: left.type.isUnsigned64)
            let floats = try rightLoader.floats(rightVector, type: right.type)
            CompareKernels.compareWide(
                (exact, Int(left.type.scale)), relation, float: floats, rowCount: rowCount,
                into: truth.isTrue)
        } else if isOneOrder(leftVector, rightVector) {
            let leftKeys = try leftLoader.orderKeys(leftVector, type: left.type)
            let rightKeys = try rightLoader.orderKeys(rightVector, type: right.type)
            CompareKernels.compare(
                leftKeys, relation, rightKeys, rowCount: rowCount, into: truth.isTrue)
        } else {
            let scale = max(left.type.scale, right.type.scale)
            let leftValues = try leftLoader.wide(leftVector, isUnsigned: left.type.isUnsigned64)
            let rightValues = try rightLoader.wide(
                rightVector, isUnsigned: right.type.isUnsigned64)
            CompareKernels.compareWide(
                (leftValues, Int(scale - left.type.scale)), relation,
                (rightValues, Int(scale - right.type.scale)), rowCount: rowCount,
                into: truth.isTrue)
        }
        let valid = Validity.both(leftVector, rightVector, rowCount: rowCount, into: validity)
        truth.complete(validity: valid, rowCount: rowCount)
        return truth
    }

    /// Whether the order keys of both sides can be compared as they are.
    private func isOneOrder(_ leftVector: Vector, _ rightVector: Vector) -> Bool {
        if left.type.isFloat { return right.type.isFloat }
        guard case .integers = leftVector.content, case .integers = rightVector.content else {
            return false
        }
        return left.type.scale == right.type.scale
            && left.type.isUnsigned64 == right.type.isUnsigned64
    }
}

extension Relation {
    /// The relation after the sides change places.
    var mirrored: Relation {
        switch self {
        case .equal, .notEqual: self
        case .less: .greater
        case .lessOrEqual: .greaterOrEqual
        case .greater: .less
        case .greaterOrEqual: .lessOrEqual
        }
    }
}
