import StoaBase
import StoaText
import Testing

@Suite("Splitting delimited text")
struct RecordSplitterTests {
    enum Shape: CaseIterable {
        case plain, noLastEnd, carriageReturns, onlyReturns, quoted, quotedLineEnds, doubledQuotes
        case emptyCells, emptyLines, quoteInside, blanks, mixedEnds

        var text: String {
            switch self {
            case .plain: "a,b\nc,d\n"
            case .noLastEnd: "a,b\nc,d"
            case .carriageReturns: "a,b\r\nc,d\r\n"
            case .onlyReturns: "a,b\rc,d\r"
            case .quoted: "\"a\",\"b,c\"\n\"d\",e\n"
            case .quotedLineEnds: "\"a\nb\",\"c\r\nd\"\n\"e\rf\",g\n"
            case .doubledQuotes: "\"say \"\"hi\"\"\",\"\"\"\"\n\"a\"\"b\",c"
            case .emptyCells: ",\n\"\",\n,\"\"\n"
            case .emptyLines: "\n\na,b\n\n\nc,d\n\n"
            case .quoteInside: "5\" pipe,6\"\na\"\"b,c\n"
            case .blanks: " a , \" b\"\n"
            case .mixedEnds: "a,b\nc,d\r\ne,f\rg,h"
            }
        }

        var rows: [[String?]] {
            switch self {
            case .plain, .noLastEnd, .carriageReturns, .onlyReturns, .emptyLines:
                [["a", "b"], ["c", "d"]]
            case .quoted: [["a", "b,c"], ["d", "e"]]
            case .quotedLineEnds: [["a\nb", "c\r\nd"], ["e\rf", "g"]]
            case .doubledQuotes: [["say \"hi\"", "\""], ["a\"b", "c"]]
            case .emptyCells: [[nil, nil], ["", nil], [nil, ""]]
            case .quoteInside: [["5\" pipe", "6\""], ["a\"\"b", "c"]]
            case .blanks: [[" a ", " \" b\""]]
            case .mixedEnds: [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]
            }
        }
    }

    @Test("every form of RFC 4180 and its relatives reads as it should", arguments: Shape.allCases)
    func forms(_ shape: Shape) throws {
        let found = try TextFixture.strings(Array(shape.text.utf8), columnCount: 2)
        #expect(found.rows == shape.rows)
        #expect(found.rejects.isEmpty)
    }

    @Test("wherever a file is cut, its rows and line numbers are the same")
    func cuts() throws {
        let text = Array(
            """
            a,"b\nb"\r\n"c,c",d\r"e ""e""\n",f\n\ng,h\n"x"y,z\n"",\n1,2,3\r\n"é\r\n日",😀\n"open,
            last,"q"\n"never,1\nx,y
            """.utf8)
        let expected = try read(pieces(text, cut: text.count))
        #expect(expected.rows == expectedRows)
        #expect(expected.rejects.map(\.line) == [7, 9, 12, 14])
        for cut in 0..<text.count {
            let found = try read(pieces(text, cut: cut))
            #expect(found.rows == expected.rows)
            #expect(found.rejects == expected.rejects)
        }
    }

    private var expectedRows: [[String?]] {
        [
            ["a", "b\nb"], ["c,c", "d"], ["e \"e\"\n", "f"], ["g", "h"], ["", nil],
            ["é\r\n日", "😀"], ["x", "y"],
        ]
    }

    private func read(
        _ parts: [[UInt8]]
    ) throws -> (rows: [[String?]], rejects: [RejectedRecord]) {
        var rows: [[String?]] = []
        var rejects: [RejectedRecord] = []
        var lineCount = 0
        for part in parts {
            let found = try TextFixture.strings(part, columnCount: 2)
            rows += found.rows
            rejects += found.rejects.map { record in
                var record = record
                record.line += lineCount
                return record
            }
            lineCount += found.lineCount
        }
        return (rows, rejects)
    }

    /// The file in the pieces a chunk reader would give out when a read ends at `cut`.
    private func pieces(_ text: [UInt8], cut: Int) -> [[UInt8]] {
        var parts: [[UInt8]] = []
        var rest = text[...]
        var available = cut
        while !rest.isEmpty {
            let isFinal = available >= rest.count
            let window = Array(rest.prefix(available))
            let whole = window.withUnsafeBytes {
                RecordCutter.wholeRecords(in: $0, delimiter: UInt8(ascii: ","), isFinal: isFinal)
            }
            parts.append(Array(window.prefix(whole)))
            rest = rest.dropFirst(whole)
            available = rest.count
        }
        return parts.filter { !$0.isEmpty }
    }

    @Test("what is no row is rejected with its line, its reason and its text")
    func rejects() throws {
        let text = "a,b\n1\n\"x\ny\",z,w\n\"q\"r,s\nc,d\n\"open,e\n"
        let found = try TextFixture.strings(Array(text.utf8), columnCount: 2)
        #expect(found.rows == [["a", "b"], ["c", "d"]])
        #expect(found.rejects.map(\.line) == [1, 2, 4, 6])
        #expect(
            found.rejects.map(\.reason) == [
                "1 values instead of 2", "3 values instead of 2", "text behind a closing quote",
                "a quoted value that never ends",
            ])
        #expect(String(decoding: found.rejects[1].text, as: UTF8.self) == "\"x\ny\",z,w")
        #expect(found.lineCount == 7)
    }

    @Test("an empty line is a row without a value where there is one column")
    func singleColumn() throws {
        let found = try TextFixture.strings(Array("a\n\nb\n".utf8), columnCount: 1)
        #expect(found.rows == [["a"], [nil], ["b"]])
    }

    @Test("random text is read as the plainest reader reads it", arguments: 0..<20)
    func reference(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let alphabet = Array("ab,\"\"\n\r, x;1".utf8)
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...60, using: &random)).map { _ in
                alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            let columnCount = Int.random(in: 1...3, using: &random)
            let isCut = Bool.random(using: &random)
            let found = try TextFixture.strings(text, columnCount: columnCount, isCut: isCut)
            let expected = PlainReader.rows(text, columnCount: columnCount)
            #expect(found.rows == expected, "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test("a chunk is cut and split the same with and without its structure", arguments: 0..<40)
    func structure(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        // From hardly any oddity, so that hundreds of bytes are regular, to nothing else.
        let oddity = [0.0, 0.002, 0.02, 0.3][Int(seed % 4)]
        for _ in 0..<60 {
            let columnCount = Int.random(in: 1...3, using: &random)
            let text = Self.almostRegular(oddity: oddity, columnCount: columnCount, &random)
            for isFinal in [false, true] {
                let chunk = TextChunk(text)
                let whole = RecordCutter.wholeRecords(in: chunk, delimiter: 44, isFinal: isFinal)
                let expected = RecordCutter.wholeRecords(
                    in: chunk.text, delimiter: 44, isFinal: isFinal)
                #expect(whole == expected, "\(String(decoding: text, as: UTF8.self))")
            }
            let found = try TextFixture.strings(text, columnCount: columnCount, isCut: true)
            let expected = try TextFixture.strings(text, columnCount: columnCount)
            #expect(found.rows == expected.rows, "\(String(decoding: text, as: UTF8.self))")
            #expect(found.rejects.map(\.line) == expected.rejects.map(\.line))
            #expect(found.rejects.map(\.reason) == expected.rejects.map(\.reason))
            #expect(found.lineCount == expected.lineCount)
        }
    }

    /// Records with quoted and plain cells, and a few bytes that stand anywhere.
    private static func almostRegular(
        oddity: Double, columnCount: Int, _ random: inout SeededRandom
    ) -> [UInt8] {
        var text: [UInt8] = []
        let strays = Array("\"\"\n\r,x".utf8)
        for _ in 0..<Int.random(in: 0...30, using: &random) {
            for column in 0..<columnCount {
                if column > 0 { text.append(44) }
                let letters = [UInt8](
                    repeating: 97, count: Int.random(in: 0...12, using: &random))
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text += [34] + letters + [34]
                case 1: text += [34] + letters + (oddity > 0 ? [34, 34] : []) + [44] + [34]
                default: text += letters
                }
                if Double.random(in: 0..<1, using: &random) < oddity {
                    text.append(strays[Int.random(in: 0..<strays.count, using: &random)])
                }
            }
            text += Bool.random(using: &random) ? [10] : [13, 10]
        }
        return text
    }

    @Test("random bytes never trap", arguments: 0..<10)
    func garbage(_ seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 0...300, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            _ = try TextFixture.strings(text, columnCount: 3)
            let chunk = TextChunk(text)
            _ = RecordCutter.wholeRecords(in: chunk, delimiter: 44, isFinal: false)
            _ = try? FileProposal.propose(chunk)
        }
    }
}

/// The slowest and simplest reader: one character after the other. Its rows are those of the
/// records that keep the rules; the others are left out.
private enum PlainReader {
    static func rows(_ text: [UInt8], columnCount: Int) -> [[String?]] {
        var rows: [[String?]] = []
        var position = 0
        while position < text.count {
            if columnCount > 1, text[position] == 10 || text[position] == 13 {
                position += 1
                continue
            }
            var cells: [String?] = []
            var isSound = true
            let start = position
            while true {
                guard let (cell, cellIsSound) = readCell(text, &position) else {
                    // A quote that never closes costs its line.
                    isSound = false
                    position = start
                    while position < text.count, ![10, 13].contains(text[position]) {
                        position += 1
                    }
                    break
                }
                cells.append(cell)
                isSound = isSound && cellIsSound
                guard position < text.count, text[position] == 44 else { break }
                position += 1
            }
            if position < text.count {
                let isPair =
                    text[position] == 13 && position + 1 < text.count
                    && text[position + 1] == 10
                position += isPair ? 2 : 1
            }
            if isSound, cells.count == columnCount { rows.append(cells) }
        }
        return rows
    }

    private static func readCell(_ text: [UInt8], _ position: inout Int) -> (String?, Bool)? {
        var bytes: [UInt8] = []
        let isQuoted = position < text.count && text[position] == 34
        var isSound = true
        if isQuoted {
            position += 1
            while true {
                guard position < text.count else { return nil }
                if text[position] == 34 {
                    guard position + 1 < text.count, text[position + 1] == 34 else { break }
                    position += 1
                }
                bytes.append(text[position])
                position += 1
            }
            position += 1
        }
        while position < text.count, ![44, 10, 13].contains(text[position]) {
            if isQuoted { isSound = false }
            bytes.append(text[position])
            position += 1
        }
        if bytes.isEmpty, !isQuoted { return (nil, true) }
        return (String(decoding: bytes, as: UTF8.self), isSound)
    }
}
