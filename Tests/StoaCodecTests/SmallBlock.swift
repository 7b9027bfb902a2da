import StoaBase
import StoaCodec
import StoaModel

/// One small block of every layout that is written, for damage and for golden bytes.
enum SmallBlock: String, CaseIterable {
    case constant, constantNull, plain, plainBase, frameOfReference, patched, multiplied
    case delta, deltaRising, runLength, lz4Planes, lz4Whole
    case nullableBitmap, maskedNullRows, maskedValidRows, maskedNullRuns
    case float64, float32, unsigned, codes
    case alp, alpFloat, alpRealDouble, alpRealFloat
    case sequence, sequenceFalling, doubleDelta, numberDictionary
    case sparse, sparseBitmap, sparseChild, deltaJumps
    case constantText, plainText, maskedText, lz4Text
    case numericString, numericMixed, numericMasked
    case fsstText, fsstMasked, frontText, frontOverLZ4

    var rowCount: Int {
        switch self {
        case .constant, .constantNull, .plain, .plainBase, .constantText, .plainText: 5
        case .maskedText, .float32, .float64: 70
        case .patched, .multiplied, .delta, .deltaRising, .runLength: 1_030
        case .lz4Planes, .lz4Whole, .numericString, .numericMixed, .numericMasked: 300
        case .fsstText, .fsstMasked, .frontText: 100
        case .frontOverLZ4: 300
        case .alp, .alpFloat, .sparse: 200
        case .alpRealDouble, .alpRealFloat, .sequence, .sequenceFalling: 1_100
        case .doubleDelta, .numberDictionary, .sparseChild, .deltaJumps: 1_100
        default: 1_024
        }
    }

    var kind: BlockKind {
        switch self {
        case .float64, .alp, .alpRealDouble: .float64
        case .float32, .alpFloat, .alpRealFloat: .float32
        case .codes: .codes
        case .unsigned: .integers(isUnsigned: true)
        case .constantText, .plainText, .maskedText, .lz4Text: .strings
        case .numericString, .numericMixed, .numericMasked: .strings
        case .fsstText, .fsstMasked, .frontText, .frontOverLZ4: .strings
        default: .integers(isUnsigned: false)
        }
    }

    static let dictionary = StringDictionary(
        (0..<5).map { Array("value-\($0)".utf8) }, isSorted: true)

    var dictionary: StringDictionary? { self == .codes ? Self.dictionary : nil }

    /// The encoding the block must have at its root, or below its validity.
    var block: EncodedBlock? {
        switch self {
        case .constant: BlockFixture.encode([Int64](repeating: -9, count: rowCount))
        case .constantNull:
            BlockFixture.withWords([0]) { words in
                let values = [Int64](repeating: 1, count: rowCount)
                return values.withUnsafeBufferPointer {
                    BlockEncoder.encode(
                        .integers($0.baseAddress!, isUnsigned: false), rowCount: rowCount,
                        validity: words)
                }
            }
        case .float64: BlockFixture.force(doubles, .plain)
        case .float32: BlockFixture.force(floats, .plain)
        case .alp: BlockFixture.force(doubles, .alp)
        case .alpFloat: BlockFixture.force(floats, .alp)
        case .alpRealDouble: BlockFixture.force(doubles, .alpRealDouble)
        case .alpRealFloat: BlockFixture.force(floats, .alpRealDouble)
        case .unsigned: BlockFixture.encode(numbers, isUnsigned: true)
        case .codes: BlockFixture.encode(codes: numbers.map { UInt32($0) }, nulls: nulls)
        case .plainText, .maskedText: ForcedTextTests.encode(strings, .plain, nulls: nulls)
        case .constantText, .lz4Text: BlockFixture.encode(strings, nulls: nulls)
        case .numericString, .numericMixed, .numericMasked:
            ForcedTextTests.encode(strings, .numericString, nulls: nulls)
        case .fsstText, .fsstMasked: ForcedTextTests.encode(strings, .fsst, nulls: nulls)
        case .frontText, .frontOverLZ4: ForcedTextTests.encode(strings, .front)
        default:
            ForcedEncodingTests.encode(
                numbers, forced, nulls: nulls, isCompact: self != .nullableBitmap)
        }
    }

    private var forced: ForcedEncodingTests.Forced {
        switch self {
        case .plain, .plainBase: .plain
        case .delta, .deltaRising: .delta
        case .runLength: .runLength
        case .deltaJumps: .delta
        case .sequence, .sequenceFalling: .sequence
        case .doubleDelta: .doubleDelta
        case .numberDictionary: .dictionary
        case .sparse, .sparseBitmap, .sparseChild: .sparse
        case .lz4Planes, .lz4Whole: .lz4
        default: .frameOfReference
        }
    }

    private var nulls: NullShape {
        switch self {
        case .nullableBitmap, .maskedText, .numericMasked, .fsstMasked: .alternating
        case .maskedNullRows, .codes: .fewScattered
        case .maskedValidRows: .mostly
        case .maskedNullRuns: .longStretch
        default: .none
        }
    }

    private var numbers: [Int64] {
        (0..<rowCount).map { row in
            let mixed = Int64(row * 7_919 % 1_009)
            switch self {
            case .plainBase: return -5 - mixed % 100
            case .patched:
                return row % 200 == 7 ? mixed * 5_000 : Int64(row / 1_024) * 1_000 + mixed % 4
            case .multiplied: return mixed % 8 * 1_000 - 77
            case .delta: return Int64(row % 3) * 5 - Int64(row)
            case .deltaRising: return Int64(row * row)
            case .runLength: return Int64(row / 90 % 4)
            case .sequence: return Int64(row) * 7_919 - 12
            case .sequenceFalling: return -3 * Int64(row)
            case .doubleDelta: return Int64(row * row * 3) + mixed % 2
            case .numberDictionary: return mixed % 7 * (mixed % 7) * 0x1234_5678_9A - 99
            case .sparse: return row % 60 == 9 ? mixed - 500 : 77
            case .sparseBitmap: return row % 3 == 1 ? mixed % 200 : -1
            case .sparseChild: return row % 9 == 4 ? Int64(row) * 1_000_000 : 5
            case .deltaJumps:
                return Int64(row + 460) * 7_919 % 8_000_000 + (row > 700 ? 1_000_000_000_077 : 0)
            case .lz4Planes: return mixed % 3 &* 0x0101_0101_0101
            case .lz4Whole:
                return [0x1234_5678_9ABC_DEF0, 0x0FED_CBA9_8765_4321, 77][Int(mixed % 3)]
            case .unsigned: return Int64.max &+ mixed % 16 &- 8
            case .codes: return mixed % 5
            default: return mixed % 32
            }
        }
    }

    private var doubles: [Double] {
        numbers.enumerated().map { row, number in
            switch self {
            case .alp: row == 77 ? -0.0 : row == 150 ? .infinity : Double(number) / 10 + 5
            case .alpRealDouble: row % 500 == 3 ? 1e-200 : Double(number + 9).squareRoot()
            default: Double(number) / 8
            }
        }
    }

    private var floats: [Float] {
        numbers.enumerated().map { row, number in
            switch self {
            case .alpFloat: row == 77 ? -0.0 : row == 150 ? .nan : Float(number) / 10 + 5
            case .alpRealFloat: row % 500 == 3 ? 1e-30 : Float(number + 9).squareRoot()
            default: Float(number) / 8
            }
        }
    }

    private var strings: [String] {
        (0..<rowCount).map { row in
            switch self {
            case .constantText: "Köln"
            case .lz4Text: "prefix-\(row * 7_919 % 101)-Größe"
            case .fsstText, .fsstMasked:
                "https://größe.example/\(["catalogue", "basket", "login"][row % 3])?q=\(row % 7)"
            case .frontText: "größe/" + TextShape.padded(row * row, 5) + "-a"
            case .frontOverLZ4:
                "a/" + TextShape.padded(row, 3) + "/" + "größe, breite".suffix(3 + row % 9)
            case .numericString: "ORD-" + TextShape.padded(row * 7_919, 9)
            case .numericMixed:
                row == 7 ? Self.longText : ["Größe", "", "x"][row / 50 % 3] + "\(row)"
            default: String(repeating: "ä", count: row % 4) + "\(row)"
            }
        }
    }

    /// Too long for a prefix, and no symbols in it.
    private static let longText: String = {
        var random = SeededRandom(seed: 1)
        return String(
            (0..<260).map { _ in Character(UnicodeScalar(UInt8(58 + random.next() % 60))) })
    }()

    /// What a reader must say of the block, or, when `hasChosenNodes`, how that begins.
    var description: String {
        switch self {
        case .constant, .constantText: "CONST"
        case .constantNull: "CONST null"
        case .plain, .plainBase: "PLAIN u8"
        case .frameOfReference: "FOR u8 w≤5"
        case .patched: "FOR u32 w≤2 +6"
        case .multiplied: "FOR u8 w≤3 ×1000"
        case .delta: "DELTA(FOR u8 w≤1 ×15)"
        case .deltaRising: "DELTA(FOR u16 w≤10 ×2)"
        case .runLength: "RLE(PLAIN u8, PLAIN u8)"
        case .lz4Planes: "LZ4 u64 planes"
        case .lz4Whole: "LZ4 u64"
        case .nullableBitmap: "NULLABLE(FOR u8 w≤5)"
        case .maskedNullRows, .maskedNullRuns: "MASKED(FOR u8 w≤5)"
        case .maskedValidRows: "MASKED(FOR u8 w≤0 +20)"
        case .float64: "PLAIN u16 ×281474976710656"
        case .float32: "PLAIN u16 ×524288"
        case .alp: "ALP e14 f13 +2(PLAIN u8)"
        case .alpFloat: "ALP e6 f5 +2(PLAIN u8)"
        case .alpRealDouble: "ALP_RD 48+4 +36"
        case .alpRealFloat: "ALP_RD 19+4 +36"
        case .sequence, .sequenceFalling: "SEQ"
        case .doubleDelta: "DELTA2(FOR u8 w≤3)"
        case .numberDictionary: "DICT(PLAIN u8 ×78187493530, FOR u8 w≤3)"
        case .sparse: "SPARSE +4(u16)"
        case .sparseBitmap: "SPARSE +341(u8)"
        case .sparseChild: "SPARSE +122(SEQ)"
        case .deltaJumps: "DELTA(SPARSE +2(u64))"
        case .unsigned: "FOR u8 w≤4"
        case .codes: "NULLABLE(FOR u8 w≤3)"
        case .plainText: "PLAIN(PLAIN u8)"
        case .maskedText: "MASKED(PLAIN(PLAIN u8))"
        case .lz4Text: "LZ4(FOR u8 w≤2)"
        case .numericString: "NUMERIC_STRING("
        case .numericMixed: "NUMERIC_STRING("
        case .numericMasked: "MASKED(NUMERIC_STRING("
        case .fsstText: "FSST("
        case .fsstMasked: "MASKED(FSST("
        case .frontText, .frontOverLZ4: "FRONT("
        }
    }

    /// The rows as a reader must give them back.
    var cells: [BlockFixture.Cell] {
        (0..<rowCount).map { row in
            if self == .constantNull || nulls.isNull(row, of: rowCount) { return .null }
            switch self {
            case .constant: return .bits(UInt64(bitPattern: -9))
            case .float64, .alp, .alpRealDouble: return .bits(doubles[row].bitPattern)
            case .float32, .alpFloat, .alpRealFloat:
                return .bits(UInt64(floats[row].bitPattern))
            case .codes: return .string(Array("value-\(numbers[row])".utf8))
            case .constantText, .plainText, .maskedText, .lz4Text:
                return .string(Array(strings[row].utf8))
            case .numericString, .numericMixed, .numericMasked, .fsstText, .fsstMasked,
                .frontText, .frontOverLZ4:
                return .string(Array(strings[row].utf8))
            default: return .bits(UInt64(bitPattern: numbers[row]))
            }
        }
    }

    /// Whether the bytes depend on the version of liblz4.
    var isCompressed: Bool {
        self == .lz4Planes || self == .lz4Whole || self == .lz4Text || hasChosenNodes
    }

    /// Whether nodes inside are what the chooser prefers, which may change.
    var hasChosenNodes: Bool {
        switch self {
        case .numericString, .numericMixed, .numericMasked, .fsstText, .fsstMasked, .frontText,
            .frontOverLZ4:
            true
        default: false
        }
    }
}
