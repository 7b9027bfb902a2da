internal import StoaBase
internal import StoaModel

/// Turns the values of one column and one block into bytes, in the smallest encoding.
package enum BlockEncoder {
    /// Encodes 1 … 65,536 rows. Bit `row % 64` of word `row / 64` of `validity` is 1 where the
    /// row is not null; nil when none is null. `hint` is that of the column's block before this
    /// one: with it numbers take the same encoding again when that costs at most 2 % more.
    package static func encode(
        _ input: BlockInput, rowCount: Int, validity: UnsafePointer<UInt64>?,
        like hint: ChoiceHint? = nil
    ) -> EncodedBlock {
        invariant(
            rowCount >= 1 && rowCount <= Limits.blockRowsLimit, "a block has 1 … 65,536 rows")
        let nullCount = validity.map { NullRows.count($0, rowCount: rowCount) } ?? 0
        guard nullCount < rowCount else { return encodeNulls(rowCount: rowCount) }
        var nulls: NullRows?
        if let validity, nullCount > 0 {
            nulls = NullRows(validity, rowCount: rowCount, nullCount: nullCount)
        }
        if case .strings(let offsets, let bytes) = input {
            let text = TextInput(offsets: offsets, bytes: bytes, rowCount: rowCount)
            return encode(text, nulls: nulls)
        }
        return encode(
            numbers(input, rowCount: rowCount), as: input, nulls: nulls, like: hint)
    }

    private static func encodeNulls(rowCount: Int) -> EncodedBlock {
        let bytes = block(nodeByteCount: ConstantCodec.byteCount) { target in
            ConstantCodec.encode(0, rowCount: rowCount, isNull: true, to: target)
        }
        return EncodedBlock(
            bytes: bytes,
            statistics: BlockStatistics(rowCount: rowCount, nullCount: rowCount, bounds: .none),
            rootEncoding: .constant, description: "CONST null")
    }

    /// A zeroed block with room for a root node that `write` fills.
    static func block(
        nodeByteCount: Int, _ write: (UnsafeMutableRawPointer) -> Void
    ) -> [UInt8] {
        let byteCount = nodeByteCount + BlockReader.tailByteCount
        return [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, written in
            buffer.initialize(repeating: 0)
            if let address = buffer.baseAddress { write(UnsafeMutableRawPointer(address)) }
            written = byteCount
        }
    }

    // MARK: Numbers

    /// The values as 64-bit patterns.
    static func numbers(_ input: BlockInput, rowCount: Int) -> NumberInput {
        switch input {
        case .integers(let values, let isUnsigned):
            let patterns = UnsafeRawPointer(values).assumingMemoryBound(to: UInt64.self)
            return NumberInput(patterns, rowCount: rowCount, isUnsigned: isUnsigned)
        case .float64(let values):
            let patterns = UnsafeRawPointer(values).assumingMemoryBound(to: UInt64.self)
            return NumberInput(patterns, rowCount: rowCount, isUnsigned: true)
        case .float32(let values):
            let buffer = NumberBuffer(capacity: rowCount)
            for row in 0..<rowCount { buffer.pointer[row] = UInt64(values[row].bitPattern) }
            return NumberInput(buffer, rowCount: rowCount, isUnsigned: true)
        case .codes(let codes):
            let buffer = NumberBuffer(capacity: rowCount)
            for row in 0..<rowCount { buffer.pointer[row] = UInt64(codes[row]) }
            return NumberInput(buffer, rowCount: rowCount, isUnsigned: false)
        case .strings:
            invariant(false, "strings are encoded as strings")
            return NumberInput(NumberBuffer(capacity: 0), rowCount: 0, isUnsigned: false)
        }
    }

    /// What the patterns of `input` mean when they are floats.
    static func floatFormat(_ input: BlockInput) -> FloatFormat? {
        switch input {
        case .float32: .float32
        case .float64: .float64
        case .integers, .codes, .strings: nil
        }
    }

    private static func encode(
        _ all: NumberInput, as input: BlockInput, nulls: NullRows?, like hint: ChoiceHint?
    ) -> EncodedBlock {
        var rules = EncodingChooser.Rules()
        rules.float = floatFormat(input)
        guard let nulls else {
            let profile = NumberProfile(all)
            let fitting = hint?.isCompact == nil ? hint : nil
            let plan = EncodingChooser.choose(all, profile, rules, like: fitting)
            return finish(NumberChoice(all, plan), profile, input, nulls: nil)
        }
        rules.depth -= 1
        let present = all.compacted(nulls.words, validCount: nulls.validCount)
        let profile = NumberProfile(present)
        var fitting: ChoiceHint?
        if let hint, hint.fits(nullCount: nulls.nullCount, of: nulls.rowCount) { fitting = hint }
        if let fitting, fitting.isCompact == false {
            let filled = all.filled(nulls.words)
            let full = EncodingChooser.choose(filled, NumberProfile(filled), rules, like: fitting)
            return finish(NumberChoice(filled, full), profile, input, nulls: nulls)
        }
        let compact = NumberChoice(
            present, EncodingChooser.choose(present, profile, rules, like: fitting))
        if fitting?.isCompact == true || needsNoFiller(compact, nulls) {
            return finish(compact, profile, input, nulls: nulls)
        }
        let filled = all.filled(nulls.words)
        rules.allowsLZ4 = false  // It packs values without their nulls at least as well.
        let full = NumberChoice(
            filled, EncodingChooser.choose(filled, NumberProfile(filled), rules))
        // Spreading values over their rows costs time; it must save one byte in twenty.
        let isCompact = compact.byteCount * 20 <= full.byteCount * 19
        return finish(isCompact ? compact : full, profile, input, nulls: nulls)
    }

    /// Whether holding the null rows too would cost more than one byte in twenty: where every
    /// row takes its bits, that is plain from their number.
    private static func needsNoFiller(_ compact: NumberChoice, _ nulls: NullRows) -> Bool {
        guard nulls.nullCount * 12 > nulls.rowCount else { return false }
        switch compact.plan.encoding {
        case .plain, .frameOfReference, .alp, .alpRealDouble: return true
        default: return false
        }
    }

    /// The block of a choice; `profile` is of the values that are not null.
    static func finish(
        _ choice: NumberChoice, _ profile: NumberProfile, _ input: BlockInput, nulls: NullRows?
    ) -> EncodedBlock {
        guard let nulls else {
            return EncodedBlock(
                bytes: block(nodeByteCount: choice.byteCount, choice.encode),
                statistics: statistics(
                    choice.input.values, profile, input, rowCount: choice.input.rowCount,
                    nullCount: 0),
                rootEncoding: choice.plan.encoding, description: choice.plan.text,
                hint: choice.hint(nulls: nil))
        }
        let isCompact = choice.input.validity == nil
        let byteCount = MaskedCodec.byteCount(validity: nulls.byteCount, child: choice.byteCount)
        let bytes = block(nodeByteCount: byteCount) { target in
            choice.encode(
                MaskedCodec.encode(
                    nulls, isCompact: isCompact, isText: false, childByteCount: choice.byteCount,
                    to: target))
        }
        let root = isCompact ? Encoding.masked : .nullable
        let present =
            isCompact
            ? choice.input : choice.input.compacted(nulls.words, validCount: nulls.validCount)
        return EncodedBlock(
            bytes: bytes,
            statistics: statistics(
                present.values, profile, input, rowCount: nulls.rowCount,
                nullCount: nulls.nullCount),
            rootEncoding: root, description: "\(root.name)(\(choice.plan.text))",
            hint: choice.hint(nulls: nulls))
    }

    /// Statistics of the values that are not null.
    private static func statistics(
        _ values: UnsafePointer<UInt64>, _ profile: NumberProfile, _ input: BlockInput,
        rowCount: Int, nullCount: Int
    ) -> BlockStatistics {
        var result = BlockStatistics(rowCount: rowCount, nullCount: nullCount, bounds: .none)
        let count = rowCount - nullCount
        switch input {
        case .integers(_, isUnsigned: true):
            result.bounds = .integers(min: Int128(profile.min), max: Int128(profile.max))
            result.sum = profile.sum
        case .integers, .codes:
            result.bounds = .integers(
                min: Int128(Int64(bitPattern: profile.min)),
                max: Int128(Int64(bitPattern: profile.max)))
            result.sum = profile.sum
        case .float32:
            result.bounds = FloatPatterns.bounds(floats: values, count: count)
        case .float64:
            result.bounds = FloatPatterns.bounds(doubles: values, count: count)
        case .strings: break
        }
        return result
    }

    /// Values and how to store them.
    struct NumberChoice {
        let input: NumberInput
        let plan: NumberPlan
        let byteCount: Int

        init(_ input: NumberInput, _ plan: NumberPlan) {
            self.input = input
            self.plan = plan
            byteCount = plan.byteCount(rowCount: input.rowCount)
        }

        func encode(_ target: UnsafeMutableRawPointer) { plan.encode(input, to: target) }

        /// What the next block may start from.
        func hint(nulls: NullRows?) -> ChoiceHint {
            ChoiceHint(
                encoding: plan.encoding, isCompact: nulls.map { _ in input.validity == nil },
                byteCount: byteCount, rowCount: input.rowCount,
                nullShare: nulls.map { $0.nullCount * 1_000 / $0.rowCount } ?? 0)
        }
    }

    // MARK: Strings

    private static func encode(_ all: TextInput, nulls: NullRows?) -> EncodedBlock {
        let depth = NodeDescriptor.depthLimit
        guard let nulls else { return finish(TextPlan.choose(all, depth: depth), all, nulls: nil) }
        let present = all.compacted(nulls.words, validCount: nulls.validCount)
        return finish(TextPlan.choose(present, depth: depth - 1), present, nulls: nulls)
    }

    /// The block of a plan for the strings that are not null.
    static func finish(
        _ plan: TextPlan, _ present: TextInput, nulls: NullRows?
    ) -> EncodedBlock {
        let byteCount = plan.byteCount(present)
        guard let nulls else {
            let bytes = block(nodeByteCount: byteCount) { plan.encode(present, to: $0) }
            return EncodedBlock(
                bytes: bytes, statistics: TextStatistics.of(present, nulls: nil),
                rootEncoding: plan.encoding, description: plan.text)
        }
        let bytes = block(
            nodeByteCount: MaskedCodec.byteCount(validity: nulls.byteCount, child: byteCount)
        ) { target in
            let child = MaskedCodec.encode(
                nulls, isCompact: true, isText: true, childByteCount: byteCount, to: target)
            plan.encode(present, to: child)
        }
        return EncodedBlock(
            bytes: bytes, statistics: TextStatistics.of(present, nulls: nulls),
            rootEncoding: .masked, description: "\(Encoding.masked.name)(\(plan.text))")
    }
}
