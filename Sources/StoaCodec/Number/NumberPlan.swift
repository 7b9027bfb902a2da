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

    var encoding: Encoding {
        switch self {
        case .constant: .constant
        case .plain: .plain
        case .frameOfReference: .frameOfReference
        case .delta: .delta
        case .runLength: .runLength
        case .lz4: .lz4
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
        }
    }
}
