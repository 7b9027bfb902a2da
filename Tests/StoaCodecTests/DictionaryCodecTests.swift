import StoaBase
import StoaCodec
import StoaModel
import Testing

@Suite struct DictionaryCodecTests {
    static func strings(_ dictionary: StringDictionary) -> [[UInt8]] {
        (0..<dictionary.count).map { [UInt8](dictionary[$0]) }
    }

    enum Shape: String, CaseIterable {
        case none, one, few, many, unsorted

        var dictionary: StringDictionary {
            let texts: [String] =
                switch self {
                case .none: []
                case .one: [""]
                case .few: ["", "a", "ab", "b", "ä"]
                case .many: (0..<70_000).map { "customer-\(1_000_000 + $0)-name" }
                case .unsorted: ["b", "a", "b"]
                }
            return StringDictionary(texts.map { Array($0.utf8) }, isSorted: self != .unsorted)
        }
    }

    @Test("a dictionary comes back string by string", arguments: Shape.allCases)
    func roundTrip(shape: Shape) throws {
        let dictionary = shape.dictionary
        let bytes = DictionaryCodec.encode(dictionary)
        let decoded = try DictionaryCodec.decode(Bytes(bytes))
        #expect(decoded.isSorted == dictionary.isSorted)
        let isSame = Self.strings(decoded) == Self.strings(dictionary)
        #expect(isSame)
        if shape == .many {
            #expect(bytes.count * 3 < dictionary.count * 21, "names that share much are small")
        }
    }

    @Test("every truncated dictionary is refused", arguments: [Shape.none, .few, .unsorted])
    func truncation(shape: Shape) {
        let bytes = DictionaryCodec.encode(shape.dictionary)
        for byteCount in bytes.indices {
            #expect(throws: CodecError.self) {
                try DictionaryCodec.decode(Bytes(Array(bytes[..<byteCount])))
            }
        }
    }

    @Test("a dictionary with any bit flipped is refused or read")
    func bitFlips() {
        let bytes = DictionaryCodec.encode(Shape.few.dictionary)
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard let decoded = try? DictionaryCodec.decode(Bytes(damaged)) else { continue }
            _ = Self.strings(decoded)
        }
    }

    @Test("a dictionary that claims an order it has not is refused")
    func order() {
        for texts in [["b", "a"], ["a", "a"]] {
            let dictionary = StringDictionary(texts.map { Array($0.utf8) }, isSorted: true)
            #expect(throws: CodecError.notSorted) {
                try DictionaryCodec.decode(Bytes(DictionaryCodec.encode(dictionary)))
            }
        }
    }
}
