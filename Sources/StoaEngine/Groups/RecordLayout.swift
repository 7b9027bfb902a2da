internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// How the rows stand that are put aside to be grouped later, one behind the other.
///
///     key                  1 word of 4 or 8 bytes, or several of 8
///     key's strings        as fields that are text, without the validity
///     place                the row's number in the table, u64, where an aggregate asks for it
///     fields               the aggregates' arguments, as narrow as their bounds allow
///     validity             a bit per field, 1 where there is a value
///
/// Text stands at the end of the chunk, growing towards the records; its field says how far from
/// the chunk's end it begins, u32, and how long it is, u32.
struct RecordLayout: Sendable {
    enum Kind: Sendable {
        /// `low` plus an unsigned number of so many bytes.
        case integer(byteCount: Int, low: Int64)
        case float32, float64, wide, text

        var byteCount: Int {
            switch self {
            case .integer(let byteCount, _): byteCount
            case .float32: 4
            case .float64, .text: 8
            case .wide: 16
            }
        }
    }

    struct Field: Sendable {
        let argument: BoundExpression
        let kind: Kind
        let bounds: ClosedRange<Int128>?
        var offset: Int
    }

    /// Words of a key in memory, those of its strings too.
    let wordCount: Int
    /// Words of a key that stand in the record.
    let hashedWordCount: Int
    /// Strings of a key, and where their fields begin.
    let stringCount: Int
    let stringOffset: Int
    /// Bytes of the key's only word, or 8.
    let wordByteCount: Int
    let fields: [Field]
    /// Of the row's place; nil without one.
    let placeOffset: Int?
    let validityOffset: Int
    /// Bytes of a record without its text.
    let byteCount: Int

    init(_ aggregation: Aggregation, _ scan: ScanPlan) {
        wordCount = aggregation.wordCount
        stringCount = aggregation.stringCount
        hashedWordCount = wordCount - 2 * stringCount
        let slotCount = aggregation.slots?.slotCount ?? .max
        wordByteCount = slotCount <= Int(UInt32.max) ? 4 : 8
        var arguments: [BoundExpression] = []
        for call in aggregation.aggregates {
            for argument in call.arguments where !arguments.contains(argument) {
                arguments.append(argument)
            }
        }
        stringOffset = hashedWordCount * wordByteCount
        var offset = stringOffset + stringCount * 8
        let needsPlace = aggregation.aggregates.contains(where: \.needsPlace)
        placeOffset = needsPlace ? offset : nil
        if needsPlace { offset += 8 }
        var fields: [Field] = []
        for argument in arguments {
            var bounds: ClosedRange<Int128>?
            if case .column(let index) = argument.node { bounds = scan.bounds[index] }
            let kind = Self.kind(argument.type, bounds)
            fields.append(
                Field(argument: argument, kind: kind, bounds: bounds, offset: offset))
            offset += kind.byteCount
        }
        self.fields = fields
        validityOffset = offset
        byteCount = offset + (fields.count + 7) / 8
    }

    private static func kind(_ type: ColumnType, _ bounds: ClosedRange<Int128>?) -> Kind {
        switch type {
        case .string: return .text
        case .float32: return .float32
        case .float64: return .float64
        default: break
        }
        guard type.isIntegerBacked else { return .wide }
        guard let bounds = bounds ?? type.integerRange else {
            return .integer(byteCount: 8, low: 0)
        }
        let span = bounds.upperBound - bounds.lowerBound
        let byteCount = span < 1 << 8 ? 1 : span < 1 << 16 ? 2 : span < 1 << 32 ? 4 : 8
        let low = byteCount == 8 ? 0 : Int64(truncatingIfNeeded: bounds.lowerBound)
        return .integer(byteCount: byteCount, low: low)
    }

    var hasText: Bool {
        stringCount > 0 || fields.contains { if case .text = $0.kind { true } else { false } }
    }

    /// An aggregate over the fields instead of the table's columns.
    func call(_ call: AggregateCall) -> AggregateCall {
        call.mapArguments { column($0) }
    }

    /// An argument as a column of the records.
    func column(_ argument: BoundExpression) -> BoundExpression {
        let index = fields.firstIndex { $0.argument == argument } ?? 0
        return BoundExpression(
            node: .column(index), type: argument.type, isNullable: argument.isNullable,
            position: argument.position)
    }

    /// The hash that partitions and tables take of a key.
    @inline(__always)
    static func partition(_ hash: UInt64, level: Int, bits: Int) -> Int {
        let rest = hash &<< UInt64(level &* bits)
        return Int(truncatingIfNeeded: rest &>> UInt64(64 &- bits))
    }
}

extension AggregateCall {
    /// The expressions that are evaluated per row.
    var arguments: [BoundExpression] { [argument, by, filter].compactMap { $0 } }

    /// Whether the answer depends on where the rows stand in the table.
    var needsPlace: Bool {
        switch function {
        case .first, .last, .anyValue, .argMin, .argMax: true
        default: false
        }
    }

    /// The same aggregate of other expressions.
    func mapArguments(_ body: (BoundExpression) -> BoundExpression) -> AggregateCall {
        AggregateCall(
            function: function, argument: argument.map(body), by: by.map(body),
            isDistinct: isDistinct, filter: filter.map(body), type: type)
    }
}
