import Glibc
import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Which encoding strings like those of real tables take, and at what size. The table is printed.
@Suite struct TextChoiceTests {
    static let rowCount = 65_536

    /// Columns as they come.
    enum Column: String, CaseIterable {
        case orderIDs, orderIDsAcrossAWrap, counters, customerNames, urls, logLines, emails, hashes
        case oneRegion, serials

        /// The encoding at the root, and the most bits that a value may take.
        var expected: (root: Encoding, bits: Double) {
            switch self {
            case .orderIDs: (.numericString, 1)
            case .orderIDsAcrossAWrap: (.numericString, 1)
            case .counters: (.numericString, 8)
            case .customerNames: (.fsst, 40)
            case .urls: (.frontCoded, 100)
            case .logLines: (.lz4, 60)
            case .emails: (.fsst, 70)
            case .hashes: (.plain, 17 * 8)
            case .oneRegion: (.constant, 1)
            case .serials: (.numericString, 18)
            }
        }

        private static let names = [
            "Anna", "Bjørn", "Chloé", "Dmitri", "Elif", "Farah", "Günter", "Hana", "Igor", "Jing",
            "Kwame", "Lucía", "Mohamed", "Nadia", "Olga", "Pedro", "Quentin", "Rosa", "Søren",
            "Tomás",
        ]
        private static let families = [
            "Andersen", "Bauer", "Costa", "Dubois", "Eriksson", "Fischer", "García", "Hansen",
            "Ivanova", "Jansen", "Kowalski", "Lefebvre", "Müller", "Novák", "O’Brien", "Petrov",
        ]

        func strings(count: Int) -> [String] {
            var random = SeededRandom(seed: 20)
            func pick(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }
            func name() -> String { Self.names[pick(Self.names.count)] }
            func family() -> String { Self.families[pick(Self.families.count)] }
            return (0..<count).map { row in
                switch self {
                case .orderIDs: return "ORD-" + TextShape.padded(row * 7_919 % 1_000_000_000, 9)
                case .orderIDsAcrossAWrap:
                    return "ORD-" + TextShape.padded((row + 80_000) * 7_919 % 1_000_000_000, 9)
                case .counters: return "session\(row)"
                case .customerNames:
                    return
                        "\(name()) \(Character(UnicodeScalar(UInt8(65 + pick(26))))). \(family())"
                case .urls:
                    return "https://www.example.org/\(name())/articles/"
                        + "\(pick(1 << 30))?ref=\(family())"
                case .logLines:
                    return "INFO 10.0.\(pick(4)).\(pick(256)) connection accepted by worker "
                        + "\(pick(8)) of pool main, waiting for the first request of the session "
                        + "(keep-alive)"
                case .emails:
                    return "\(name()).\(family())\(pick(1_000))@mail\(pick(5)).example.com"
                case .hashes:
                    return String(
                        (0..<16).map { _ in Character(UnicodeScalar(UInt8(40 + pick(80)))) })
                case .oneRegion: return "EMEA"
                case .serials: return "SN\(TextShape.padded(pick(90_000), 8))"
                }
            }
        }
    }

    @Test("strings of real tables take the encoding they are made for", arguments: Column.allCases)
    func columns(column: Column) throws {
        let strings = column.strings(count: Self.rowCount)
        let block = BlockFixture.encode(strings)
        let bits = Double(block.bytes.count * 8) / Double(strings.count)
        Self.printRow("\(column)", strings, bits, block.description)
        #expect(block.rootEncoding == column.expected.root, "\(column): \(block.description)")
        #expect(bits <= column.expected.bits, "\(column): \(bits) bits")
    }

    @Test("a dictionary takes the smallest of all encodings")
    func dictionaries() throws {
        func root(_ strings: [String], _ name: String) throws -> Encoding? {
            let sorted = Set(strings).map { Array($0.utf8) }.sorted {
                $0.lexicographicallyPrecedes($1)
            }
            let dictionary = StringDictionary(sorted, isSorted: true)
            let bytes = DictionaryCodec.encode(dictionary)
            let decoded = try DictionaryCodec.decode(Bytes(bytes))
            let isSame = (0..<decoded.count).allSatisfy { Array(decoded[$0]) == sorted[$0] }
            #expect(isSame && decoded.count == sorted.count)
            // The root node's first byte stands behind the header.
            let root = Encoding(rawValue: bytes[64])
            Self.printRow(
                name, strings, Double(bytes.count * 8) / Double(sorted.count), root?.name ?? "?")
            return root
        }
        #expect(try root(Column.urls.strings(count: 20_000), "sorted urls") == .frontCoded)
        #expect(try root(Column.serials.strings(count: 20_000), "sorted serials") == .numericString)
        #expect(try root(Column.orderIDs.strings(count: 20_000), "sorted ids") == .numericString)
    }

    @Test("the columns of the sample file take at most what they are")
    func sample() throws {
        let columns = try Self.sampleColumns()
        for (name, strings) in columns {
            let block = BlockFixture.encode(strings)
            let bits = Double(block.bytes.count * 8) / Double(strings.count)
            Self.printRow(name, strings, bits, block.description)
            let total = strings.reduce(0) { $0 + $1.utf8.count }
            #expect(block.bytes.count <= total + strings.count * 2 + 512, "\(name)")
        }
        #expect(columns.count == 14)
    }

    private static func printRow(
        _ name: String, _ strings: [String], _ bits: Double, _ text: String
    ) {
        let plain = Double(strings.reduce(0) { $0 + $1.utf8.count } * 8) / Double(strings.count)
        print(name, Int(plain * 10) / 10, "->", Double(Int(bits * 100)) / 100, "bits", text)
    }

    /// The columns of `tools/samples/birdstrikes.csv`, whose cells have no line ends.
    private static func sampleColumns() throws -> [(name: String, strings: [String])] {
        let folder = String(#filePath.prefix(upTo: try #require(#filePath.lastIndex(of: "/"))))
        let path = folder + "/../../tools/samples/birdstrikes.csv"
        let file = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(file) }
        var text: [UInt8] = []
        while case let character = fgetc(file), character != EOF { text.append(UInt8(character)) }
        let rows = text.split(separator: 0x0A).map { line -> [String] in
            var cells = [[UInt8]](repeating: [], count: 1)
            var isQuoted = false
            for byte in line where byte != 0x0D {
                if byte == 0x22 {
                    isQuoted.toggle()
                } else if byte == 0x2C, !isQuoted {
                    cells.append([])
                } else {
                    cells[cells.count - 1].append(byte)
                }
            }
            return cells.map { String(decoding: $0, as: UTF8.self) }
        }
        return rows[0].enumerated().map { index, name in
            (name, rows.dropFirst().map { index < $0.count ? $0[index] : "" })
        }
    }
}
