internal import StoaBase
internal import StoaModel

/// What the chooser decided for strings, before a byte is written.
enum TextPlan {
    /// All strings are the same.
    case constant
    case plain(lengths: NumberPlan)
    case lz4(lengths: NumberPlan, Chunks.Compressed)

    var encoding: Encoding {
        switch self {
        case .constant: .constant
        case .plain: .plain
        case .lz4: .lz4
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
        let rules = EncodingChooser.Rules(depth: depth - 1, allowsLZ4: false)
        let lengths = EncodingChooser.choose(input.lengths, NumberProfile(input.lengths), rules)
        // Decompression must save one byte in ten.
        if let compressed = LZ4TextCodec.compress(input, limit: input.byteCount * 9 / 10) {
            return .lz4(lengths: lengths, compressed)
        }
        return .plain(lengths: lengths)
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
        }
    }

    /// The encoding tree in words, as a reader will say it.
    var text: String {
        switch self {
        case .constant: Encoding.constant.name
        case .plain(let lengths): "PLAIN(\(lengths.text))"
        case .lz4(let lengths, _): "LZ4(\(lengths.text))"
        }
    }

    /// Writes the node into zeroed memory of its size.
    func encode(_ input: TextInput, to target: UnsafeMutableRawPointer) {
        switch self {
        case .constant: ConstantTextCodec.encode(input, to: target)
        case .plain(let lengths): PlainTextCodec.encode(input, lengths: lengths, to: target)
        case .lz4(let lengths, let compressed):
            LZ4TextCodec.encode(input, lengths: lengths, compressed, to: target)
        }
    }
}
