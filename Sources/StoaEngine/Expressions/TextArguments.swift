internal import StoaCompute
internal import StoaModel

/// The arguments of a text function for one batch, row by row.
final class TextArguments {
    private enum Cells {
        case constant
        case texts(StringRows)
        case numbers(UnsafePointer<Int64>)
    }

    let nodes: [ExpressionNode]
    private let loaders: [NumberLoader]
    private var cells: [Cells]
    private var validities: [UnsafePointer<UInt64>?]
    private let row: UnsafeMutableBufferPointer<TextArgument>
    /// The constants of the arguments; nil where one is none.
    let constants: [Literal?]
    private let storage: [StringDictionary]

    init(_ nodes: [ExpressionNode], scratch: Scratch) {
        self.nodes = nodes
        loaders = nodes.map { _ in NumberLoader(scratch: scratch) }
        cells = nodes.map { _ in .constant }
        validities = nodes.map { _ in nil }
        constants = nodes.map { ($0 as? LiteralNode)?.literal }
        row = .allocate(capacity: max(1, nodes.count))
        var storage: [StringDictionary] = []
        for (index, constant) in constants.enumerated() {
            var argument = TextArgument(text: UnsafeRawBufferPointer(start: nil, count: 0))
            switch constant {
            case .string(let bytes)?:
                let kept = StringDictionary([bytes], isSorted: true)
                storage.append(kept)
                argument.text = kept[0]
            case .integer(let number)?: argument.number = Int64(clamping: number)
            case .null?: argument.isNull = true
            default: break
            }
            row.initializeElement(at: index, to: argument)
        }
        self.storage = storage
    }

    deinit { row.deallocate() }

    var cost: Int { nodes.reduce(0) { $0 + $1.cost } }
    var canFail: Bool { nodes.contains(where: \.canFail) }

    /// The one argument that is no constant, if it is the only one and a text.
    var onlyText: Int? {
        let open = constants.indices.filter { constants[$0] == nil }
        guard open.count == 1, nodes[open[0]].type == .string,
            constants.allSatisfy({ $0 != .null })
        else { return nil }
        return open[0]
    }

    /// Makes the frame's values the current ones.
    func begin(_ frame: Frame) throws(ServiceError) {
        for (index, node) in nodes.enumerated() where constants[index] == nil {
            let vector = try node.value(frame).vector
            validities[index] = vector.validity
            if case .integers(let source) = vector.content {
                cells[index] = .numbers(
                    try loaders[index].integers(source, rowCount: frame.rowCount))
            } else {
                cells[index] = .texts(try loaders[index].strings(vector))
            }
        }
    }

    /// Whether one of a row's arguments is NULL.
    func hasNull(_ position: Int) -> Bool {
        for index in validities.indices {
            if let validity = validities[index], !MaskWords.isSet(validity, position) {
                return true
            }
            if row[index].isNull, constants[index] != nil { return true }
        }
        return false
    }

    /// The arguments of a row; valid until the next call.
    func at(_ position: Int) -> UnsafeBufferPointer<TextArgument> {
        for index in cells.indices {
            switch cells[index] {
            case .constant: continue
            case .texts(let rows):
                let isNull = validities[index].map { !MaskWords.isSet($0, position) } ?? false
                row[index].isNull = isNull
                row[index].text =
                    isNull ? UnsafeRawBufferPointer(start: nil, count: 0) : rows[position]
            case .numbers(let numbers): row[index].number = numbers[position]
            }
        }
        return UnsafeBufferPointer(row)
    }

    /// The arguments with a text in place of the one at `index`.
    func with(
        _ text: UnsafeRawBufferPointer, at index: Int
    ) -> UnsafeBufferPointer<TextArgument> {
        row[index].text = text
        row[index].isNull = false
        return UnsafeBufferPointer(row)
    }
}

/// Decides whether a function is evaluated once per entry of a dictionary: at once for small ones,
/// for larger ones when they come a second time, for huge ones never.
struct DictionaryPolicy {
    private static let smallCount = 8_192
    private static let largeCount = 262_144
    private weak var last: StringDictionary?

    mutating func isWorthIt(_ dictionary: StringDictionary) -> Bool {
        if dictionary.count == 0 || dictionary.count > Self.largeCount { return false }
        if dictionary.count <= Self.smallCount { return true }
        defer { last = dictionary }
        return last === dictionary
    }
}
