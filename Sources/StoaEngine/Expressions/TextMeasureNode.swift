internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// What a number says of a text: its length, or where another stands in it. Once per entry of a
/// dictionary.
final class TextMeasureNode: ValueNode {
    /// What is measured.
    enum Measure { case characters, bytes, position }

    private let measure: Measure
    private let arguments: TextArguments
    private let numbers: UnsafeMutablePointer<Int64>
    private let validity: UnsafeMutablePointer<UInt64>
    private let loader: NumberLoader
    private let interrupts: Interrupts
    private var policy = DictionaryPolicy()
    private var source: StringDictionary?
    private var table: [Int64] = []
    private var greatest: Int64 = 0

    init(
        _ measure: Measure, _ operands: [ExpressionNode], position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.measure = measure
        arguments = TextArguments(operands, scratch: scratch)
        numbers = try scratch.take(Int64.self)
        validity = try scratch.takeMask()
        loader = NumberLoader(scratch: scratch)
        interrupts = scratch.interrupts
        try super.init(type: .int64, position: position, scratch: scratch)
    }

    override var cost: Int { 20 + arguments.cost }
    override var canFail: Bool { arguments.canFail }

    private func value(_ row: UnsafeBufferPointer<TextArgument>) -> Int64 {
        switch measure {
        case .characters: Int64(CodePoints.count(row[0].text))
        case .bytes: Int64(row[0].text.count)
        case .position: Int64(CodePoints.position(of: row[1].text, in: row[0].text))
        }
    }

    override func evaluate(_ frame: Frame) throws(ServiceError) -> Value {
        if let index = arguments.onlyText {
            let vector = try arguments.nodes[index].value(frame).vector
            if case .codes(let source, let dictionary) = vector.content,
                self.source === dictionary || policy.isWorthIt(dictionary)
            {
                try prepare(dictionary, index)
                let codes = IntegerLanes.codes(
                    source, rowCount: frame.rowCount, into: try loader.codes())
                table.withUnsafeBufferPointer { table in
                    for row in 0..<frame.rowCount { numbers[row] = table[Int(codes[row])] }
                }
                return integerValue(
                    numbers, frame.rowCount, vector.validity, bounds: 0...Int128(greatest))
            }
        }
        return try rows(frame)
    }

    private func prepare(_ dictionary: StringDictionary, _ index: Int) throws(ServiceError) {
        guard source !== dictionary else { return }
        source = nil
        table.removeAll(keepingCapacity: true)
        for entry in 0..<dictionary.count {
            try interrupts.check()
            table.append(value(arguments.with(dictionary[entry], at: index)))
        }
        source = dictionary
        greatest = table.max() ?? 0
    }

    private func rows(_ frame: Frame) throws(ServiceError) -> Value {
        try arguments.begin(frame)
        MaskWords.clear(validity, rowCount: frame.rowCount)
        numbers.update(repeating: 0, count: frame.rowCount)
        for row in frame.slice where !arguments.hasNull(row) {
            try interrupts.check()
            validity[row >> 6] |= 1 << UInt64(row & 63)
            numbers[row] = value(arguments.at(row))
        }
        return integerValue(numbers, frame.rowCount, validity)
    }
}

/// A test of one text by another: once per entry of a dictionary where the other is constant.
final class TextTestNode: ConditionNode {
    /// What is asked.
    enum Test { case begins, ends, contains, matches }

    private let test: Test
    private let arguments: TextArguments
    private let validity: UnsafeMutablePointer<UInt64>
    private let codes: UnsafeMutablePointer<UInt32>
    private let dictionaryTest: DictionaryTest?
    private let interrupts: Interrupts

    init(
        _ test: Test, _ operands: [ExpressionNode], position: Range<Int>, scratch: Scratch
    ) throws(ServiceError) {
        self.test = test
        arguments = TextArguments(operands, scratch: scratch)
        validity = try scratch.takeMask()
        codes = try scratch.take(UInt32.self)
        interrupts = scratch.interrupts
        let stop = interrupts.stop
        if arguments.onlyText == 0, case .string(let sought)? = arguments.constants[1] {
            dictionaryTest = DictionaryTest { text in
                sought.withUnsafeBytes { test.holds(text, $0, stop) }
            }
        } else {
            dictionaryTest = nil
        }
        try super.init(position: position, scratch: scratch)
    }

    override var cost: Int { 10 + arguments.cost }
    override var canFail: Bool { arguments.canFail }

    override func evaluateTruth(_ frame: Frame) throws(ServiceError) -> TernaryMask {
        if let dictionaryTest {
            let vector = try arguments.nodes[0].value(frame).vector
            dictionaryTest.apply(vector, codeBuffer: codes, into: truth.isTrue)
            try interrupts.check()
            truth.complete(validity: vector.validity, rowCount: frame.rowCount)
            return truth
        }
        try arguments.begin(frame)
        MaskWords.clear(truth.isTrue, rowCount: frame.rowCount)
        MaskWords.clear(validity, rowCount: frame.rowCount)
        for row in frame.slice where !arguments.hasNull(row) {
            try interrupts.check()
            validity[row >> 6] |= 1 << UInt64(row & 63)
            let values = arguments.at(row)
            if test.holds(values[0].text, values[1].text, interrupts.stop) {
                truth.isTrue[row >> 6] |= 1 << UInt64(row & 63)
            }
        }
        truth.complete(validity: validity, rowCount: frame.rowCount)
        return truth
    }
}

extension TextTestNode.Test {
    /// Anything once `stop` is raised.
    func holds(
        _ text: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer, _ stop: StopSignal
    ) -> Bool {
        switch self {
        case .begins: ByteSearch.begins(text, with: other)
        case .ends: ByteSearch.ends(text, with: other)
        case .contains: ByteSearch.first(other, in: text, from: 0) != nil
        case .matches: EscapedPattern.matches(text, other, stop)
        }
    }
}
