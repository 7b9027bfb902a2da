import NIOCore
import StoaBase
import StoaWire
import Testing

@Suite struct FrameDecoderTests {
    /// Three frames: a short one, an empty-bodied one, one with a body of 3,000 bytes.
    static func stream() -> [UInt8] {
        let body = (0..<3_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        var buffer = FrameEncoder.encode(Ping(body: [1, 2, 3]), requestID: 1)
        var second = FrameEncoder.encode(Cancel(), requestID: 2)
        var third = FrameEncoder.encode(BulkBatch(), requestID: 3, batch: body)
        buffer.writeBuffer(&second)
        buffer.writeBuffer(&third)
        return Array(buffer.readableBytesView)
    }

    static func decoder(limit: UInt32 = 4_096, isFirst: Bool = false) -> FrameDecoder {
        FrameDecoder(payloadByteCountLimit: limit, detectsForeignProtocols: isFirst)
    }

    /// Feeds pieces and collects the frames.
    static func frames(_ pieces: [[UInt8]]) throws -> [Frame] {
        var decoder = decoder()
        var frames: [Frame] = []
        for piece in pieces {
            var buffer = ByteBuffer(bytes: piece)
            while let frame = try decoder.decode(&buffer) { frames.append(frame) }
            #expect(buffer.readableBytes == 0)
        }
        #expect(decoder.isAtFrameBoundary)
        return frames
    }

    @Test("the same frames come out whole, byte by byte, and cut anywhere")
    func splits() throws {
        let stream = Self.stream()
        let whole = try Self.frames([stream])
        #expect(whole.map(\.header.requestID) == [1, 2, 3])
        #expect(try whole[0].decode(Ping.self).body == [1, 2, 3])
        #expect(try whole[2].decode(BulkBatch.self).batch.count == 3_000)
        let single = try Self.frames(stream.map { [$0] })
        #expect(single.map(\.payload.array) == whole.map(\.payload.array))
        for cut in 1..<min(200, stream.count) {
            let pieces = [Array(stream[..<cut]), Array(stream[cut...])]
            #expect(try Self.frames(pieces).map(\.header) == whole.map(\.header))
        }
    }

    @Test("a payload lies where a batch can be read without a copy")
    func alignment() throws {
        for frame in try Self.frames([Self.stream()]) {
            #expect(UInt(bitPattern: frame.payload.pointer) % 64 == 0)
        }
    }

    @Test("a length above the limit is refused from its four bytes alone")
    func oversized() {
        for length: UInt32 in [4_097, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF] {
            var decoder = Self.decoder()
            var buffer = ByteBuffer(integer: length, endianness: .little)
            #expect(throws: WireError.frameTooLarge(byteCount: length, byteCountLimit: 4_096)) {
                try decoder.decode(&buffer)
            }
        }
    }

    @Test("a changed byte anywhere is refused, or names another kind or request")
    func bitFlips() throws {
        let frame = Array(
            FrameEncoder.encode(Ping(body: Array(0..<32)), requestID: 9).readableBytesView)
        for bit in 0..<frame.count * 8 {
            var damaged = frame
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = Self.decoder()
            var buffer = ByteBuffer(bytes: damaged)
            guard let read = try? decoder.decode(&buffer) else { continue }
            #expect([4, 5, 8, 9, 10, 11].contains(bit / 8), "bit \(bit) went unnoticed")
            #expect(read.payload.count == 40)
        }
    }

    @Test("random bytes are refused or waited for, never a trap", arguments: 0..<8)
    func noise(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        for _ in 0..<2_000 {
            let byteCount = Int.random(in: 0..<64, using: &random)
            var bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            if byteCount > 4 { (bytes[1], bytes[2], bytes[3]) = (0, 0, 0) }
            var decoder = Self.decoder(isFirst: seed % 2 == 0)
            var buffer = ByteBuffer(bytes: bytes)
            while let frame = try? decoder.decode(&buffer) { _ = frame.payload.array }
        }
    }

    @Test("other protocols are named from their first four bytes")
    func foreign() {
        let firstBytes: [(ForeignProtocol, [UInt8])] = [
            (.http, Array("GET / HTTP/1.1\r\n".utf8)), (.http, Array("POST /write".utf8)),
            (.tls, [0x16, 3, 1, 2, 0, 1]), (.postgres, [0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F]),
            (.unknown, Array("hello there".utf8)),
        ]
        for (seen, bytes) in firstBytes {
            var decoder = Self.decoder(isFirst: true)
            var buffer = ByteBuffer(bytes: bytes)
            #expect(throws: WireError.foreignProtocol(seen)) { try decoder.decode(&buffer) }
        }
    }
}
