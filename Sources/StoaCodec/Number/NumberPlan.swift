internal import StoaBase
internal import StoaModel

/// What the chooser decided for a run of numbers: an encoding with everything that fixes its
/// size, before a byte is written.
indirect enum NumberPlan {
    case constant(UInt64)
    case plain(base: UInt64, Lane)
    case frameOfReference(FrameOfReferencePlan)

    var encoding: Encoding {
        switch self {
        case .constant: .constant
        case .plain: .plain
        case .frameOfReference: .frameOfReference
        }
    }

    /// The size that `encode` will fill, for `rowCount` rows.
    func byteCount(rowCount: Int) -> Int {
        switch self {
        case .constant: ConstantCodec.byteCount
        case .plain(_, let lane): PlainCodec.byteCount(rowCount: rowCount, lane: lane)
        case .frameOfReference(let plan): plan.byteCount
        }
    }

    /// The encoding tree in words, as a reader will say it.
    var text: String {
        switch self {
        case .constant: Encoding.constant.name
        case .plain(_, let lane): "PLAIN \(lane.name)"
        case .frameOfReference(let plan): plan.text
        }
    }

    /// Writes the node into zeroed memory of its size, a multiple of 64 from the block's start.
    func encode(_ input: NumberInput, to target: UnsafeMutableRawPointer) {
        switch self {
        case .constant(let value):
            ConstantCodec.encode(value, rowCount: input.rowCount, to: target)
        case .plain(let base, let lane):
            PlainCodec.encode(input, base: base, lane: lane, to: target)
        case .frameOfReference(let plan):
            FrameOfReferenceCodec.encode(input, plan, to: target)
        }
    }
}
