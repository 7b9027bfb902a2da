internal import StoaCompute
internal import StoaModel

/// One step of a compiled expression, with the buffers of its results. Evaluated once per frame,
/// however often it is used.
class ExpressionNode {
    let type: ColumnType
    let position: Range<Int>
    private var serial: UInt64 = 0
    private var current: Value?
    private var truthSerial: UInt64 = 0
    private var currentTruth: TernaryMask?

    init(type: ColumnType, position: Range<Int>) {
        self.type = type
        self.position = position
    }

    /// The values for the frame; valid until this node is evaluated for another one.
    final func value(_ frame: Frame) throws(ServiceError) -> Value {
        if serial == frame.serial, let current { return current }
        let value = try evaluate(frame)
        serial = frame.serial
        current = value
        return value
    }

    /// The truth of a BOOL node for the frame; valid as its value is.
    final func truth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        if truthSerial == frame.serial, let currentTruth { return currentTruth }
        let truth = try evaluateTruth(frame)
        truthSerial = frame.serial
        currentTruth = truth
        return truth
    }

    func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        throw ServiceError(.notSupported, "The expression has no value.", position: position)
    }

    func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        throw ServiceError(.typeMismatch, "The expression is no condition.", position: position)
    }

    /// About what a row costs, and whether evaluating can fail; decides the order of conjuncts.
    var cost: Int { 10 }
    var canFail: Bool { false }

    /// Names the place of what went wrong in a kernel.
    final func located<Result>(
        _ body: () throws(ComputeError) -> Result
    ) throws(ServiceError) -> Result {
        do {
            return try body()
        } catch {
            throw ServiceError(error, type: type, position: position)
        }
    }
}

extension ServiceError {
    /// What a kernel refused, in words.
    init(_ error: ComputeError, type: ColumnType, position: Range<Int>) {
        switch error {
        case .numericOverflow:
            self.init(
                .numericOverflow, "A value is out of the range of \(type).", position: position)
        case .divisionByZero:
            self.init(.divisionByZero, "Division by zero.", position: position)
        case .invalidValue:
            self.init(.invalidValue, "A text is no value of \(type).", position: position)
        }
    }
}

/// A node whose natural result is a truth; as a value it is a vector of 0 and 1.
class ConditionNode: ExpressionNode {
    let truth: TernaryMask
    private let scratch: Scratch
    private var bytes: UnsafeMutablePointer<UInt8>?
    private let validity: UnsafeMutablePointer<UInt64>

    init(position: Range<Int>, scratch: Scratch) throws(ServiceError) {
        truth = TernaryMask(isTrue: try scratch.takeMask(), isFalse: try scratch.takeMask())
        self.scratch = scratch
        validity = try scratch.takeMask()
        super.init(type: .bool, position: position)
    }

    final override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        let truth = try truth(frame)
        let bytes = try scratch.reuse(&self.bytes)
        MaskWords.expand(truth.isTrue, rowCount: frame.rowCount, into: bytes)
        for word in 0..<MaskWords.wordCount(frame.rowCount) {
            validity[word] = truth.isTrue[word] | truth.isFalse[word]
        }
        let numbers = Vector.Integers(lane: .u8, values: bytes)
        return Value(
            Vector(rowCount: frame.rowCount, content: .integers(numbers), validity: validity),
            bounds: 0...1)
    }
}
