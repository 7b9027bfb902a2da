internal import StoaBase

/// The distinct values and the codes of a DICT node to write, and how both will be stored.
struct NumberDictionaryPlan {
    let values: NumberInput
    let codes: NumberInput
    let valuesPlan: NumberPlan
    let codesPlan: NumberPlan

    var byteCount: Int {
        NumberDictionaryCodec.byteCount(
            values: valuesPlan.byteCount(rowCount: values.rowCount),
            codes: codesPlan.byteCount(rowCount: codes.rowCount))
    }

    /// Nil when there are more than `limit` distinct values.
    init?(_ input: NumberInput, _ rules: EncodingChooser.Rules, limit: Int) {
        guard rules.depth >= 2, input.rowCount <= Limits.blockRowsLimit,
            let distinct = DistinctNumbers(input, limit: limit)
        else { return nil }
        values = distinct.values
        codes = distinct.codes
        var childRules = EncodingChooser.Rules(
            depth: rules.depth - 1, allowsRuns: false, allowsLZ4: false, float: rules.float)
        childRules.allowsDictionary = false
        valuesPlan = EncodingChooser.choose(values, NumberProfile(values), childRules)
        childRules.float = nil
        childRules.allowsRuns = rules.allowsRuns
        childRules.allowsDelta = false
        codesPlan = EncodingChooser.choose(codes, NumberProfile(codes), childRules)
    }

    var text: String {
        NumberDictionaryCodec.text(values: valuesPlan.text, codes: codesPlan.text)
    }
}
