internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// A string against a constant condition: a comparison, LIKE, or IN. Answered once per dictionary
/// entry; comparisons with a sorted dictionary become a range of codes.
final class StringTestNode: ConditionNode {
    /// What a string is asked.
    enum Test {
        case compare(Relation, [UInt8])
        case like(LikePattern)
        /// Sorted, distinct.
        case oneOf([[UInt8]])
    }

    private let operand: ExpressionNode
    private let codes: UnsafeMutablePointer<UInt32>
    private let test: DictionaryTest
    private let comparison: (relation: Relation, constant: [UInt8])?
    private let interrupts: Interrupts
    private var rangeDictionary: StringDictionary?
    private var range: ClosedRange<Int128>?

    init(
        _ operand: ExpressionNode, _ test: Test, position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.operand = operand
        codes = try scratch.take(UInt32.self)
        interrupts = scratch.interrupts
        let stop = interrupts.stop
        switch test {
        case .compare(let relation, let constant):
            comparison = (relation, constant)
            self.test = DictionaryTest { value in
                let order = StringOrder.order(value, constant)
                return relation.holds(isLess: order < 0, isEqual: order == 0)
            }
        case .like(let pattern):
            comparison = nil
            self.test = DictionaryTest { pattern.matches($0, stop) }
        case .oneOf(let values):
            comparison = nil
            self.test = DictionaryTest { Self.contains(values, $0) }
        }
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 5 + operand.cost }
    override var canFail: Bool { operand.canFail }

    private static func contains(_ values: [[UInt8]], _ value: UnsafeRawBufferPointer) -> Bool {
        var (low, high) = (0, values.count)
        while low < high {
            let middle = (low + high) / 2
            let order = StringOrder.order(value, values[middle])
            if order == 0 { return true }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return false
    }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let vector = try operand.value(frame).vector
        if let comparison, comparison.relation != .notEqual,
            case .codes(let numbers, let dictionary) = vector.content, dictionary.isSorted
        {
            prepareRange(comparison, dictionary)
            if let range {
                CompareKernels.inRange(
                    numbers, range, isUnsigned: false, rowCount: frame.rowCount,
                    into: truth.isTrue)
            } else {
                MaskWords.clear(truth.isTrue, rowCount: frame.rowCount)
            }
        } else {
            test.apply(vector, codeBuffer: codes, into: truth.isTrue)
            try interrupts.check()
        }
        truth.complete(validity: vector.validity, rowCount: frame.rowCount)
        return truth
    }

    /// The codes of a sorted dictionary that stand in the relation.
    private func prepareRange(
        _ comparison: (relation: Relation, constant: [UInt8]), _ dictionary: StringDictionary
    ) {
        guard rangeDictionary !== dictionary else { return }
        rangeDictionary = dictionary
        let first = Self.firstPosition(dictionary) {
            StringOrder.order($0, comparison.constant) >= 0
        }
        let afterEqual = Self.firstPosition(dictionary) {
            StringOrder.order($0, comparison.constant) > 0
        }
        let codes: Range<Int> =
            switch comparison.relation {
            case .less: 0..<first
            case .lessOrEqual: 0..<afterEqual
            case .greater: afterEqual..<dictionary.count
            case .greaterOrEqual: first..<dictionary.count
            case .equal, .notEqual: first..<afterEqual
            }
        range = codes.isEmpty ? nil : Int128(codes.lowerBound)...Int128(codes.upperBound - 1)
    }

    private static func firstPosition(
        _ dictionary: StringDictionary, where isBehind: (UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        var (low, high) = (0, dictionary.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(dictionary[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

/// Two strings, row by row.
final class StringCompareNode: ConditionNode {
    private let relation: Relation
    private let left: ExpressionNode
    private let right: ExpressionNode
    private let leftLoader: NumberLoader
    private let rightLoader: NumberLoader
    private let validity: UnsafeMutablePointer<UInt64>
    private let interrupts: Interrupts

    init(
        _ relation: Relation, _ left: ExpressionNode, _ right: ExpressionNode,
        position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.relation = relation
        self.left = left
        self.right = right
        leftLoader = NumberLoader(scratch: scratch)
        rightLoader = NumberLoader(scratch: scratch)
        validity = try scratch.takeMask()
        interrupts = scratch.interrupts
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 10 + left.cost + right.cost }
    override var canFail: Bool { left.canFail || right.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        let leftVector = try left.value(frame).vector
        let rightVector = try right.value(frame).vector
        let leftRows = try leftLoader.strings(leftVector)
        let rightRows = try rightLoader.strings(rightVector)
        MaskWords.clear(truth.isTrue, rowCount: frame.rowCount)
        for row in frame.slice {
            if row % Limits.rowsPerLook == 0 { try interrupts.check() }
            let order = StringOrder.order(leftRows[row], rightRows[row])
            if relation.holds(isLess: order < 0, isEqual: order == 0) {
                truth.isTrue[row >> 6] |= 1 << UInt64(row & 63)
            }
        }
        let valid = Validity.both(leftVector, rightVector, rowCount: frame.rowCount, into: validity)
        truth.complete(validity: valid, rowCount: frame.rowCount)
        return truth
    }
}
