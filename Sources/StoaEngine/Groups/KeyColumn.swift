internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// One key of one worker: the current batch's values, and their words.
final class KeyColumn {
    /// The current batch's values in the form that words are made from.
    private enum Cells {
        case none
        case numbers(UnsafePointer<Int64>)
        case wide(UnsafePointer<Int128>)
        case codes(UnsafePointer<UInt32>, StringDictionary)
        case strings(StringRows)
        /// Numbers of one template of tokens.
        case tokens(UnsafePointer<Int64>, template: UInt64)
    }

    private let key: KeyLayout.Key
    private let node: ExpressionNode
    private let loader: NumberLoader
    private let tokens: TokenReader
    private var cells = Cells.none
    private var validity: UnsafePointer<UInt64>?
    /// The token of each code of `dictionary`; `unknown` until it is first met.
    private var translation: [UInt64] = []
    private var dictionary: StringDictionary?
    /// Whether a string found no token: then the key's words mean nothing.
    private(set) var isRefused = false
    private let budget: MemoryBudget
    private var reservedByteCount = 0
    private static let unknown = StringTokens.unknown

    init(
        _ key: KeyLayout.Key, node: ExpressionNode, scratch: Scratch, tokens: StringTokens
    ) {
        self.key = key
        self.node = node
        self.tokens = TokenReader(tokens, budget: scratch.budget)
        loader = NumberLoader(scratch: scratch)
        budget = scratch.budget
    }

    deinit { budget.release(reservedByteCount) }

    /// Evaluates the key for a frame.
    func begin(_ frame: Frame) throws(ServiceError) {
        let vector = try node.value(frame).vector
        validity = vector.validity
        switch (key.kind, vector.content) {
        case (.number, .integers(let source)):
            cells = .numbers(try loader.integers(source, rowCount: frame.rowCount))
        case (.float, _): cells = .numbers(try loader.orderKeys(vector, type: key.type))
        case (.wide, _):
            cells = .wide(try loader.wide(vector, isUnsigned: node.type.isUnsigned64))
        case (.string, .codes(let source, let dictionary)) where dictionary.count > 0:
            try prepare(dictionary)
            let buffer = try loader.codes()
            cells = .codes(
                IntegerLanes.codes(source, rowCount: frame.rowCount, into: buffer), dictionary)
        case (.string, .numbered(let source, let template)):
            guard key.stringWord == nil, let base = tokens.base(of: template) else {
                cells = .strings(try loader.strings(vector))
                break
            }
            let numbers = try loader.integers(source, rowCount: frame.rowCount)
            cells = .tokens(numbers, template: base)
        case (.string, _): cells = .strings(try loader.strings(vector))
        case (.number, _): cells = .none
        }
    }

    private func prepare(_ dictionary: StringDictionary) throws(ServiceError) {
        guard self.dictionary !== dictionary else { return }
        if dictionary.count * 8 > reservedByteCount {
            let more = dictionary.count * 8 - reservedByteCount
            try withinBudget { () throws(MemoryLimitReached) in try budget.reserve(more) }
            reservedByteCount += more
        }
        self.dictionary = dictionary
        translation = [UInt64](repeating: Self.unknown, count: dictionary.count)
    }

    @inline(__always)
    private func isNull(_ row: Int) -> Bool {
        guard let validity else { return false }
        return !MaskWords.isSet(validity, row)
    }

    /// Writes this key's words of rows into keys of `wordCount` words that stand one behind the
    /// other and are zero where nothing was written.
    func encode(
        _ rows: UnsafePointer<UInt16>, count: Int, wordCount: Int,
        into keys: UnsafeMutablePointer<UInt64>
    ) throws(ServiceError) {
        let word = key.word
        switch cells {
        case .numbers(let numbers):
            let validity = validity
            let key = key
            for index in 0..<count {
                let row = Int(rows[index])
                if let validity, !MaskWords.isSet(validity, row) {
                    Self.encodeNull(key, into: keys + index &* wordCount)
                } else {
                    keys[index &* wordCount &+ word] = UInt64(bitPattern: numbers[row])
                }
            }
        case .tokens(let numbers, let template):
            let validity = validity
            for index in 0..<count {
                let row = Int(rows[index])
                let isNull = validity.map { !MaskWords.isSet($0, row) } ?? false
                keys[index &* wordCount &+ word] =
                    isNull ? StringTokens.null : template | UInt64(bitPattern: numbers[row])
            }
        case .codes(let codes, let dictionary):
            try encode(codes, of: dictionary, rows, count: count) { index, id in
                keys[index &* wordCount &+ word] = id
            }
            if let stringWord = key.stringWord {
                lead(codes, of: dictionary, rows, count: count) { index in
                    (keys + index &* wordCount, stringWord)
                }
            }
        case .strings(let strings):
            if let stringWord = key.stringWord {
                carry(strings, rows, count: count) { index in
                    (keys + index &* wordCount, stringWord)
                }
            } else {
                try encode(strings, rows, count: count) { index, token in
                    keys[index &* wordCount &+ word] = token
                }
            }
        case .none, .wide:
            for index in 0..<count {
                encode(Int(rows[index]), into: keys + index &* wordCount)
            }
        }
    }

    /// The words of codes; nulls too.
    @inline(__always)
    private func encode(
        _ codes: UnsafePointer<UInt32>, of dictionary: StringDictionary,
        _ rows: UnsafePointer<UInt16>, count: Int, _ store: (Int, UInt64) -> Void
    ) throws(ServiceError) {
        let validity = validity
        // What is not known yet is interned first, so that the second loop only copies.
        for index in 0..<count {
            let row = Int(rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let code = Int(codes[row])
            if translation[code] == Self.unknown {
                guard let token = try dictionaryToken(dictionary[code]) else { return }
                translation[code] = token
            }
        }
        translation.withUnsafeBufferPointer { translation in
            for index in 0..<count {
                let row = Int(rows[index])
                let isNull = validity.map { !MaskWords.isSet($0, row) } ?? false
                store(index, isNull ? KeyLayout.nullString : translation[Int(codes[row])])
            }
        }
    }

    /// The token of a string of a dictionary, once for each; nil when there are too many.
    private func dictionaryToken(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ServiceError) -> UInt64? {
        if key.stringWord != nil { return Self.carriedToken(bytes) }
        let token = try withinBudget { () throws(MemoryLimitReached) in
            try tokens.token(bytes, weight: 1)
        }
        isRefused = isRefused || token == nil
        return token
    }

    /// The tokens of strings; NULL's too.
    @inline(__always)
    private func encode(
        _ strings: StringRows, _ rows: UnsafePointer<UInt16>, count: Int,
        _ store: (Int, UInt64) -> Void
    ) throws(ServiceError) {
        let validity = validity
        for index in 0..<count {
            let row = Int(rows[index])
            if let validity, !MaskWords.isSet(validity, row) {
                store(index, KeyLayout.nullString)
                continue
            }
            let token = try withinBudget { () throws(MemoryLimitReached) in
                try tokens.token(strings[row], weight: StringTokens.rowWeight)
            }
            guard let token else {
                isRefused = true
                return
            }
            store(index, token)
        }
    }

    @inline(__always)
    private static func carriedToken(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        bytes.count <= StringTokens.inlineByteCountLimit
            ? StringTokens.inline(bytes) : StringTokens.carried(hash: HashMix.hash(bytes))
    }

    /// The words of strings that are carried; NULL's too.
    @inline(__always)
    private func carry(
        _ strings: StringRows, _ rows: UnsafePointer<UInt16>, count: Int,
        _ place: (Int) -> (key: UnsafeMutablePointer<UInt64>, stringWord: Int)
    ) {
        let (validity, word) = (validity, key.word)
        for index in 0..<count {
            let row = Int(rows[index])
            let (key, stringWord) = place(index)
            if let validity, !MaskWords.isSet(validity, row) {
                key[word] = KeyLayout.nullString
                continue
            }
            let bytes = strings[row]
            key[word] = Self.carriedToken(bytes)
            Self.lead(key + stringWord, to: bytes)
        }
    }

    /// Where the strings of codes are whose tokens stand already.
    @inline(__always)
    private func lead(
        _ codes: UnsafePointer<UInt32>, of dictionary: StringDictionary,
        _ rows: UnsafePointer<UInt16>, count: Int,
        _ place: (Int) -> (key: UnsafeMutablePointer<UInt64>, stringWord: Int)
    ) {
        let validity = validity
        for index in 0..<count {
            let row = Int(rows[index])
            if let validity, !MaskWords.isSet(validity, row) { continue }
            let (key, stringWord) = place(index)
            Self.lead(key + stringWord, to: dictionary[Int(codes[row])])
        }
    }

    /// Strings that are their own token lead nowhere.
    @inline(__always)
    private static func lead(
        _ words: UnsafeMutablePointer<UInt64>, to bytes: UnsafeRawBufferPointer
    ) {
        guard bytes.count > StringTokens.inlineByteCountLimit else { return }
        words[0] = UInt64(UInt(bitPattern: bytes.baseAddress))
        words[1] = UInt64(bytes.count)
    }

    /// Writes the words of one row of a key that is no string.
    @inline(__always)
    private func encode(_ row: Int, into words: UnsafeMutablePointer<UInt64>) {
        if isNull(row) { return Self.encodeNull(key, into: words) }
        guard case .wide(let numbers) = cells else { return }
        words[key.word] = UInt64(truncatingIfNeeded: numbers[row])
        words[key.word &+ 1] = UInt64(truncatingIfNeeded: numbers[row] &>> 64)
    }

    @inline(__always)
    private static func encodeNull(
        _ key: KeyLayout.Key, into words: UnsafeMutablePointer<UInt64>
    ) {
        if let nullWord = key.nullWord {
            words[nullWord] |= key.nullBit
        } else {
            words[key.word] = key.kind == .string ? KeyLayout.nullString : KeyLayout.nullPattern
        }
    }
}
