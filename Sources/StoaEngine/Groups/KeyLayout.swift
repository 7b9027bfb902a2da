internal import StoaModel
internal import StoaQuery

/// How the keys of a group stand in 64-bit words.
///
/// Numbers and times take a word each, floats their order key (so -0.0 is 0.0 and all NaN are
/// one), strings their token, decimals of more than 18 digits two
/// words. NULL is a pattern that no value of the type has; INT64, UINT64 and wide decimals have
/// none, so their NULLs are bits of words behind. Being of fixed width, keys cannot run into
/// each other whatever bytes a string holds.
///
/// Carried strings are as many that no table numbers them: their token is a hash, and two words at
/// the end say where the bytes are and how many.
struct KeyLayout: Sendable {
    enum Kind: Sendable { case number, float, wide, string }

    struct Key: Sendable {
        var type: ColumnType
        var kind: Kind
        /// The first word.
        var word: Int
        /// Word and bit that say NULL; nil: by the pattern `nullPattern`.
        var nullWord: Int?
        var nullBit: UInt64
        /// The word of a carried string's address; its byte count stands behind.
        var stringWord: Int?
    }

    /// NULL of a number or a float that has room for it; no order key and no number of a type of
    /// less than 64 bits looks like this.
    static let nullPattern = UInt64(bitPattern: Int64.min)
    /// NULL of a string.
    static let nullString = StringTokens.null

    private(set) var keys: [Key] = []
    /// Words of all keys, those of carried strings too; at least 1.
    private(set) var wordCount = 0
    /// Carried strings of a key.
    private(set) var stringCount = 0

    /// - Parameter carried: The keys whose strings are carried.
    init(_ expressions: [BoundExpression], carried: Set<Int>) {
        for expression in expressions {
            let kind = Self.kind(expression.type)
            keys.append(
                Key(
                    type: expression.type, kind: kind, word: wordCount, nullWord: nil, nullBit: 0))
            wordCount += kind == .wide ? 2 : 1
        }
        var bitCount = 0
        for (index, expression) in expressions.enumerated()
        where expression.isNullable && Self.needsBit(expression.type) {
            keys[index].nullWord = wordCount + bitCount / 64
            keys[index].nullBit = 1 << UInt64(bitCount % 64)
            bitCount += 1
        }
        wordCount = max(1, wordCount + (bitCount + 63) / 64)
        for index in keys.indices where carried.contains(index) && keys[index].kind == .string {
            keys[index].stringWord = wordCount
            wordCount += 2
            stringCount += 1
        }
    }

    private static func kind(_ type: ColumnType) -> Kind {
        if type == .string { return .string }
        if type.isFloat { return .float }
        return type.isIntegerBacked ? .number : .wide
    }

    private static func needsBit(_ type: ColumnType) -> Bool {
        type == .int64 || type == .uint64 || kind(type) == .wide
    }
}
