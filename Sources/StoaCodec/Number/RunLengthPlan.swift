internal import StoaBase
internal import StoaModel

/// The runs of a node to write, and how their values and lengths will be stored.
struct RunLengthPlan {
    let values: NumberInput
    let lengths: NumberInput
    let valuesPlan: NumberPlan
    let lengthsPlan: NumberPlan

    init(_ input: NumberInput, runCount: Int, _ rules: EncodingChooser.Rules) {
        (values, lengths) = RunLengthCodec.runs(input, runCount: runCount)
        var rules = EncodingChooser.Rules(
            depth: rules.depth - 1, allowsRuns: false, allowsLZ4: false, float: rules.float)
        valuesPlan = EncodingChooser.choose(values, NumberProfile(values), rules)
        rules.float = nil
        lengthsPlan = EncodingChooser.choose(lengths, NumberProfile(lengths), rules)
    }

    var byteCount: Int {
        RunLengthCodec.byteCount(
            values: valuesPlan.byteCount(rowCount: values.rowCount),
            lengths: lengthsPlan.byteCount(rowCount: lengths.rowCount))
    }
}
