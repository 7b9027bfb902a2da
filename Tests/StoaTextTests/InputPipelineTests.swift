import StoaBase
import StoaText
import Testing

@Suite("From the bytes of a file to text")
struct InputPipelineTests {
    /// Reads everything, giving the source's bytes and taking the text in pieces of these sizes.
    static func unpack(
        _ bytes: [UInt8], _ compression: Compression?, _ encoding: TextEncoding = .utf8,
        sourceStep: Int = .max, roomStep: Int = 1 << 16, bufferByteCount: Int = 256 << 10
    ) throws -> [UInt8] {
        let pipeline = InputPipeline(
            compression: compression, encoding: encoding, bufferByteCount: bufferByteCount)
        var rest = bytes[...]
        var text: [UInt8] = []
        var room = [UInt8](repeating: 0, count: roomStep)
        while true {
            let count = try room.withUnsafeMutableBytes { target in
                try pipeline.read(into: target) { wanted in
                    let piece = rest.prefix(min(wanted.count, sourceStep))
                    wanted.copyBytes(from: piece)
                    rest = rest.dropFirst(piece.count)
                    return piece.count
                }
            }
            if count == 0 { return text }
            text += room[..<count]
        }
    }

    /// A table of about 90 kB whose lines are not all alike.
    static let table: [UInt8] = {
        var random = SeededRandom(seed: 7)
        return Array(
            (0..<4_000).map { "\($0),\(random.next() % 1_000),name \($0 % 17)\n" }.joined().utf8)
    }()

    @Test("one member, several members and none of text come out whole")
    func wholes() throws {
        let table = Self.table
        for compression in Compression.allCases {
            let packed = Packed.pack(table, as: compression)
            let two = packed + Packed.pack(Array("x,y\n".utf8), as: compression)
            let empty = Packed.pack([], as: compression)
            #expect(try Self.unpack(packed, compression) == table)
            #expect(try Self.unpack(two, compression) == table + Array("x,y\n".utf8))
            #expect(try Self.unpack(empty + packed + empty, compression) == table)
            #expect(try Self.unpack(empty, compression) == [])
            #expect(packed.withUnsafeBytes { Compression.detected(in: $0) } == compression)
        }
        #expect(try Self.unpack(Packed.gzip(table) + [0, 0, 0], .gzip) == table)
    }

    @Test("pieces of any size give the same text", arguments: [1, 2, 3, 5, 17, 4_096])
    func pieces(_ step: Int) throws {
        let table = Array(Self.table.prefix(9_000))
        for compression in Compression.allCases {
            let packed = Packed.pack(table, as: compression)
            let found = try Self.unpack(
                packed + packed, compression, .latin1, sourceStep: step,
                roomStep: max(4, step), bufferByteCount: 16 + step)
            #expect(found == table + table)
        }
    }

    @Test("data cut at any byte are an error, never a shorter text")
    func truncation() throws {
        let table = Array(Self.table.prefix(600))
        for compression in Compression.allCases {
            let packed = Packed.pack(table, as: compression)
            for count in 4..<packed.count {
                #expect(throws: InputFault.truncated(compression), "\(compression) at \(count)") {
                    try Self.unpack(Array(packed[..<count]), compression)
                }
            }
        }
    }

    @Test("a bit that changed is an error or changes nothing of the text")
    func flips() throws {
        let table = Array(Self.table.prefix(600))
        for compression in Compression.allCases {
            let packed = Packed.pack(table, as: compression)
            var faultCount = 0
            for bit in 0..<(packed.count * 8) {
                var damaged = packed
                damaged[bit / 8] ^= 1 << UInt8(bit % 8)
                do {
                    // What is left over are bits without a meaning, as gzip's time of the file.
                    #expect(try Self.unpack(damaged, compression) == table, "bit \(bit)")
                } catch is InputFault {
                    faultCount += 1
                }
            }
            #expect(faultCount > packed.count * 7)
        }
    }

    @Test("bytes behind the compressed data are an error, and so is noise")
    func noise() throws {
        var random = SeededRandom(seed: 3)
        for compression in Compression.allCases {
            let packed = Packed.pack(Array("a,b\n".utf8), as: compression)
            #expect(throws: InputFault.trailingBytes(compression)) {
                try Self.unpack(packed + Array("1,2\n3,4\n".utf8), compression)
            }
            for length in 1...200 {
                let bytes = packed.prefix(4) + (0..<length).map { _ in UInt8(random.next() & 255) }
                #expect(throws: InputFault.self) { try Self.unpack(Array(bytes), compression) }
            }
        }
        #expect(throws: InputFault.trailingBytes(.gzip)) {
            try Self.unpack(Packed.gzip([65]) + [0x1F, 0x8B], .gzip)
        }
    }

    @Test("a window beyond 128 MiB is refused with what to do")
    func windows() throws {
        let packed = Packed.zstd(Self.table, windowBits: 28)
        #expect(throws: InputFault.windowTooLarge) { try Self.unpack(packed, .zstd) }
        #expect(InputFault.windowTooLarge.hint.contains("--long=31"))
    }

    @Test("a file that grows a thousandfold passes through the same buffers")
    func bombs() throws {
        let zeros = [UInt8](repeating: UInt8(ascii: "0"), count: 64 << 20)
        for compression in Compression.allCases {
            let pipeline = InputPipeline(compression: compression, encoding: .utf8)
            var rest = Packed.pack(zeros, as: compression)[...]
            #expect(rest.count < 100_000)
            var room = [UInt8](repeating: 0, count: 1 << 20)
            var total = 0
            while true {
                let count = try room.withUnsafeMutableBytes { target in
                    try pipeline.read(into: target) { wanted in
                        let piece = rest.prefix(wanted.count)
                        wanted.copyBytes(from: piece)
                        rest = rest.dropFirst(piece.count)
                        return piece.count
                    }
                }
                if count == 0 { break }
                total += count
            }
            #expect(total == zeros.count)
        }
    }
}
