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

    @Test("a payload is reserved as its bytes come, not by its header, and given back with it")
    func reservation() throws {
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        var decoder = FrameDecoder(
            payloadByteCountLimit: 16 << 20, detectsForeignProtocols: false, budget: budget)
        let body = (0..<5 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let stream = Array(
            FrameEncoder.encode(BulkBatch(), requestID: 3, batch: body).readableBytesView)
        var header = ByteBuffer(bytes: stream[..<FrameHeader.byteCount])
        #expect(try decoder.decode(&header) == nil)
        #expect(budget.reservedByteCount == 0)
        var frame: Frame?
        for start in stride(from: FrameHeader.byteCount, to: stream.count, by: 10_000) {
            let end = min(stream.count, start + 10_000)
            var piece = ByteBuffer(bytes: stream[start..<end])
            frame = try decoder.decode(&piece)
            #expect(piece.readableBytes == 0 && !decoder.needsMemory)
            let came = end - FrameHeader.byteCount
            #expect(budget.reservedByteCount >= came)
            #expect(budget.reservedByteCount <= came * 4 + 64)
        }
        #expect(try frame?.decode(BulkBatch.self).batch.array == body)
        #expect(budget.peakByteCount <= body.count * 2)
        frame = nil
        #expect(budget.reservedByteCount == 0)
    }

    @Test("without memory a decoder stands still, goes on when there is some, or lets a frame pass")
    func withoutMemory() throws {
        let budget = MemoryBudget(byteCountLimit: 10_000)
        var decoder = FrameDecoder(
            payloadByteCountLimit: 1 << 20, detectsForeignProtocols: false, budget: budget)
        let body = [UInt8](repeating: 7, count: 6_000)
        var input = FrameEncoder.encode(BulkBatch(), requestID: 1, batch: body)
        var ping = FrameEncoder.encode(Ping(), requestID: 2)
        input.writeBuffer(&ping)
        try budget.reserve(9_000)
        #expect(try decoder.decode(&input) == nil)
        #expect(decoder.needsMemory && decoder.isInPayload)
        budget.release(9_000)
        let frame = try #require(try decoder.decode(&input))
        #expect(frame.isKept && frame.payload.count == 6_008)
        #expect(try decoder.decode(&input)?.header.requestID == 2)

        var second = FrameEncoder.encode(BulkBatch(), requestID: 4, batch: body)
        var last = FrameEncoder.encode(Ping(), requestID: 5)
        second.writeBuffer(&last)
        #expect(try decoder.decode(&second) == nil)
        #expect(decoder.needsMemory)
        decoder.letPass()
        let passed = try #require(try decoder.decode(&second))
        #expect(!passed.isKept && passed.header.requestID == 4 && passed.payload.count == 0)
        #expect(try decoder.decode(&second)?.header.requestID == 5)
        withExtendedLifetime(frame) {}
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
