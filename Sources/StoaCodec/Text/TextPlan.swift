internal import StoaBase
internal import StoaModel

/// What the chooser decided for strings, before a byte is written.
indirect enum TextPlan {
    /// All strings are the same.
    case constant
    case plain(lengths: NumberPlan)
    case lz4(lengths: NumberPlan, Chunks.Compressed)
    case fsst(FSSTPlan)
    case front(FrontPlan)
    case numericString(NumericStringPlan)

    var encoding: Encoding {
        switch self {
        case .constant: .constant
        case .plain: .plain
        case .lz4: .lz4
        case .fsst: .fsst
        case .front: .frontCoded
        case .numericString: .numericString
        }
    }

    /// The smallest encoding of at least one string.
    static func choose(_ input: TextInput, depth: Int) -> TextPlan {
        let profile = NumberProfile(input.lengths)
        if isConstant(input, profile) { return .constant }
        return chooseUnlikeStrings(input, depth: depth)
    }

    /// The smallest encoding that does not need the strings to be alike.
    static func chooseUnlikeStrings(_ input: TextInput, depth: Int) -> TextPlan {
        let numeric = NumericStringPlan.choose(input, depth: depth)
        // Nothing that packs bytes comes near a third, and it takes long to find that out.
        if let numeric, numeric.byteCount * 3 <= input.byteCount { return .numericString(numeric) }
        var best = chooseBytes(input, depth: depth)
        if let front = FrontPlan(input, depth: depth), front.byteCount < best.byteCount(input) {
            best = .front(front)
        }
        if let numeric, numeric.byteCount < best.byteCount(input) {
            return .numericString(numeric)
        }
        return best
    }

    /// The smallest encoding of the strings' bytes; of two equals the one that reads faster.
    static func chooseBytes(_ input: TextInput, depth: Int) -> TextPlan {
        let plain = TextPlan.plain(lengths: lengths(input, depth: depth))
        let plainByteCount = plain.byteCount(input)
        var best = plain
        // Decoding must save one byte in ten.
        var limit = plainByteCount - input.byteCount / 10
        if let plan = FSSTPlan(input, depth: depth), plan.byteCount <= limit {
            best = .fsst(plan)
            limit = plan.byteCount - 1
        }
        if case .plain(let lengths) = plain {
            let other = lengths.byteCount(rowCount: input.rowCount)
            if let compressed = LZ4TextCodec.compress(input, limit: limit - other) {
                best = .lz4(lengths: lengths, compressed)
            }
        }
        return best
    }

    /// The plan of one encoding whether it pays or not; nil when it cannot hold the strings.
    static func force(_ encoding: Encoding, _ input: TextInput, depth: Int) -> TextPlan? {
        switch encoding {
        case .constant:
            return isConstant(input, NumberProfile(input.lengths)) ? .constant : nil
        case .plain: return .plain(lengths: lengths(input, depth: depth))
        case .lz4:
            return LZ4TextCodec.compress(input, limit: .max / 128).map {
                .lz4(lengths: lengths(input, depth: depth), $0)
            }
        case .fsst: return FSSTPlan(input, depth: depth).map { .fsst($0) }
        case .frontCoded: return FrontPlan(input, depth: depth).map { .front($0) }
        case .numericString:
            return NumericStringPlan.choose(input, depth: depth).map { .numericString($0) }
        default: return nil
        }
    }

    private static func lengths(_ input: TextInput, depth: Int) -> NumberPlan {
        let rules = EncodingChooser.Rules(depth: depth - 1, allowsLZ4: false)
        return EncodingChooser.choose(input.lengths, NumberProfile(input.lengths), rules)
    }

    private static func isConstant(_ input: TextInput, _ profile: NumberProfile) -> Bool {
        guard profile.min == profile.max,
            profile.min <= UInt64(ConstantTextCodec.textByteCountLimit)
        else { return false }
        let length = Int(profile.min)
        let first = UnsafeRawBufferPointer(start: input.bytes, count: length)
        for row in 1..<max(1, input.rowCount) {
            let other = UnsafeRawBufferPointer(start: input.bytes + row * length, count: length)
            guard TextStatistics.order(first, other) == 0 else { return false }
        }
        return true
    }

    /// The size that `encode` will fill.
    func byteCount(_ input: TextInput) -> Int {
        switch self {
        case .constant:
            ConstantTextCodec.byteCount(textByteCount: input.byteCount / input.rowCount)
        case .plain(let lengths):
            PlainTextCodec.byteCount(
                textByteCount: input.byteCount,
                lengths: lengths.byteCount(rowCount: input.rowCount))
        case .lz4(let lengths, let compressed):
            LZ4TextCodec.byteCount(
                compressed, lengths: lengths.byteCount(rowCount: input.rowCount))
        case .fsst(let plan): plan.byteCount
        case .front(let plan): plan.byteCount
        case .numericString(let plan): plan.byteCount
        }
    }

    /// The encoding tree in words, as a reader will say it.
    var text: String {
        switch self {
        case .constant: Encoding.constant.name
        case .plain(let lengths): "PLAIN(\(lengths.text))"
        case .lz4(let lengths, _): "LZ4(\(lengths.text))"
        case .fsst(let plan): plan.text
        case .front(let plan): plan.text
        case .numericString(let plan): plan.text
        }
    }

    /// Writes the node into zeroed memory of its size.
    func encode(_ input: TextInput, to target: UnsafeMutableRawPointer) {
        switch self {
        case .constant: ConstantTextCodec.encode(input, to: target)
        case .plain(let lengths): PlainTextCodec.encode(input, lengths: lengths, to: target)
        case .lz4(let lengths, let compressed):
            LZ4TextCodec.encode(input, lengths: lengths, compressed, to: target)
        case .fsst(let plan):
            FSSTCodec.encode(plan, textByteCount: input.byteCount, to: target)
        case .front(let plan):
            FrontCodec.encode(plan, textByteCount: input.byteCount, to: target)
        case .numericString(let plan): NumericStringCodec.encode(plan, to: target)
        }
    }
}
