internal import StoaBase
internal import StoaModel

/// The runs of a node to write, and how their values and lengths will be stored.
struct RunLengthPlan {
    let values: NumberInput
    let lengths: NumberInput
    let valuesPlan: NumberPlan
    let lengthsPlan: NumberPlan

    init(_ input: NumberInput, runCount: Int, depth: Int) {
        (values, lengths) = RunLengthCodec.runs(input, runCount: runCount)
        let rules = EncodingChooser.Rules(depth: depth - 1, allowsRuns: false, allowsLZ4: false)
        valuesPlan = EncodingChooser.choose(values, NumberProfile(values), rules)
        lengthsPlan = EncodingChooser.choose(lengths, NumberProfile(lengths), rules)
    }

    var byteCount: Int {
        RunLengthCodec.byteCount(
            values: valuesPlan.byteCount(rowCount: values.rowCount),
            lengths: lengthsPlan.byteCount(rowCount: lengths.rowCount))
    }
}
