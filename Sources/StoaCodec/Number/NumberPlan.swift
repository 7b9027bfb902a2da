internal import StoaBase
internal import StoaModel

/// What the chooser decided for a run of numbers: an encoding with everything that fixes its
/// size, before a byte is written.
indirect enum NumberPlan {
    case constant(UInt64)
    case plain(PlainCodec.Layout)
    case frameOfReference(FrameOfReferencePlan)
    case delta(differences: NumberInput, NumberPlan, isRising: Bool)
    case runLength(RunLengthPlan)
    case lz4(LZ4NumberCodec.Layout, Chunks.Compressed)
    case sequence(first: UInt64, step: UInt64)
    case doubleDelta(changes: NumberInput, NumberPlan)
    case dictionary(NumberDictionaryPlan)
    case sparse(SparsePlan)
    case alp(ALPPlan)
    case alpRealDouble(ALPRealDoublePlan)

    var encoding: Encoding {
        switch self {
        case .constant: .constant
        case .plain: .plain
        case .frameOfReference: .frameOfReference
        case .delta: .delta
        case .runLength: .runLength
        case .lz4: .lz4
        case .sequence: .sequence
        case .doubleDelta: .doubleDelta
        case .dictionary: .dictionary
        case .sparse: .sparse
        case .alp: .alp
        case .alpRealDouble: .alpRealDouble
        }
    }

    /// Whether the numbers are taken as floats.
    var isFloat: Bool {
        switch self {
        case .alp, .alpRealDouble: true
        default: false
        }
    }

    /// The size that `encode` will fill, for `rowCount` rows.
    func byteCount(rowCount: Int) -> Int {
        switch self {
        case .constant: ConstantCodec.byteCount
        case .plain(let layout): PlainCodec.byteCount(rowCount: rowCount, lane: layout.lane)
        case .frameOfReference(let plan): plan.byteCount
        case .delta(_, let plan, _):
            DeltaCodec.byteCount(
                rowCount: rowCount, differences: plan.byteCount(rowCount: rowCount))
        case .runLength(let plan): plan.byteCount
        case .lz4(_, let compressed): compressed.byteCount
        case .sequence: SequenceCodec.byteCount
        case .doubleDelta(_, let plan):
            DoubleDeltaCodec.byteCount(
                rowCount: rowCount, changes: plan.byteCount(rowCount: rowCount))
        case .dictionary(let plan): plan.byteCount
        case .sparse(let plan): plan.byteCount
        case .alp(let plan): plan.byteCount
        case .alpRealDouble(let plan): plan.byteCount
        }
    }

    /// The encoding tree in words, as a reader will say it.
    var text: String {
        switch self {
        case .constant: Encoding.constant.name
        case .plain(let layout):
            PlainCodec.text(lane: layout.lane, multiplier: layout.divisor.value)
        case .frameOfReference(let plan): plan.text
        case .delta(_, let plan, _): DeltaCodec.text(child: plan.text)
        case .runLength(let plan):
            RunLengthCodec.text(values: plan.valuesPlan.text, lengths: plan.lengthsPlan.text)
        case .lz4(let layout, _): LZ4NumberCodec.text(layout)
        case .sequence: Encoding.sequence.name
        case .doubleDelta(_, let plan): DoubleDeltaCodec.text(child: plan.text)
        case .dictionary(let plan): plan.text
        case .sparse(let plan): plan.text
        case .alp(let plan): plan.text
        case .alpRealDouble(let plan): plan.text
        }
    }

    /// Writes the node into zeroed memory of its size, a multiple of 64 from the block's start.
    func encode(_ input: NumberInput, to target: UnsafeMutableRawPointer) {
        switch self {
        case .constant(let value):
            ConstantCodec.encode(value, rowCount: input.rowCount, to: target)
        case .plain(let layout): PlainCodec.encode(input, layout, to: target)
        case .frameOfReference(let plan):
            FrameOfReferenceCodec.encode(input, plan, to: target)
        case .delta(let differences, let plan, let isRising):
            DeltaCodec.encode(input, differences, plan, isRising: isRising, to: target)
        case .runLength(let plan):
            RunLengthCodec.encode(plan, rowCount: input.rowCount, to: target)
        case .lz4(let layout, let compressed):
            LZ4NumberCodec.encode(input, layout, compressed, to: target)
        case .sequence(let first, let step):
            SequenceCodec.encode(first: first, step: step, rowCount: input.rowCount, to: target)
        case .doubleDelta(let changes, let plan):
            DoubleDeltaCodec.encode(input, changes, plan, to: target)
        case .dictionary(let plan): NumberDictionaryCodec.encode(input, plan, to: target)
        case .sparse(let plan): SparseCodec.encode(plan, to: target)
        case .alp(let plan): ALPCodec.encode(input, plan, to: target)
        case .alpRealDouble(let plan): ALPRealDoubleCodec.encode(input, plan, to: target)
        }
    }
}
