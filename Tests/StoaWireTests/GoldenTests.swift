import Foundation
import NIOCore
import StoaBase
import StoaModel
import StoaWire
import Testing

/// The bytes of the protocol as files, which clients in other languages read too.
///
/// `STOA_WRITE_GOLDEN=1 swift test --filter GoldenTests` writes files that do not exist yet; the
/// released ones never change.
@Suite struct GoldenTests {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Golden")

    static func file(_ kind: FrameKind) -> URL { folder.appending(path: "\(kind).hex") }

    /// The bytes in a file: hexadecimal digits, lines that begin with # are comments.
    static func bytes(_ url: URL) throws -> [UInt8] {
        let text = try String(contentsOf: url, encoding: .utf8)
        let digits = text.split(separator: "\n").filter { !$0.hasPrefix("#") }.joined()
            .filter(\.isHexDigit)
        return stride(from: 0, to: digits.count, by: 2).compactMap { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start...].prefix(2), radix: 16)
        }
    }

    static func hex(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: 32).map { start in
            bytes[start..<min(start + 32, bytes.count)].map { byte in
                String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
            }.joined()
        }.joined(separator: "\n") + "\n"
    }

    static func frame(_ bytes: [UInt8]) throws -> Frame {
        var decoder = FrameDecoder(
            payloadByteCountLimit: 1 << 20, detectsForeignProtocols: false)
        var buffer = ByteBuffer(bytes: bytes)
        return try #require(try decoder.decode(&buffer))
    }

    @Test("every kind is written as its golden file says", arguments: FrameKind.allCases)
    func encoding(kind: FrameKind) throws {
        let file = Self.file(kind)
        let encoded = GoldenFrame.encoded(kind)
        let mayWrite = ProcessInfo.processInfo.environment["STOA_WRITE_GOLDEN"] == "1"
        if mayWrite, !FileManager.default.fileExists(atPath: file.path) {
            try Self.hex(encoded).write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try Self.bytes(file) == encoded)
    }

    @Test("every golden frame is read and written again unchanged", arguments: FrameKind.allCases)
    func decoding(kind: FrameKind) throws {
        let bytes = try Self.bytes(Self.file(kind))
        let frame = try Self.frame(bytes)
        #expect(frame.header.kind == kind)
        #expect(Array(try GoldenFrame.reencoded(frame).readableBytesView) == bytes)
    }

    @Test(
        "every golden payload, truncated anywhere, is refused or read, never a trap",
        arguments: FrameKind.allCases)
    func truncation(kind: FrameKind) throws {
        let frame = try Self.frame(GoldenFrame.encoded(kind))
        for byteCount in 0..<frame.payload.count {
            let shorter = Frame(header: frame.header, payload: frame.payload[0..<byteCount])
            _ = try? GoldenFrame.reencoded(shorter)
            if byteCount < 8 {
                #expect(throws: WireError.self) { try GoldenFrame.reencoded(shorter) }
            }
        }
    }

    @Test(
        "every golden payload with any bit flipped is refused or read, never a trap",
        arguments: FrameKind.allCases)
    func bitFlips(kind: FrameKind) throws {
        let frame = try Self.frame(GoldenFrame.encoded(kind))
        let payload = frame.payload.array
        for bit in 0..<min(payload.count, 512) * 8 {
            var damaged = payload
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            _ = try? GoldenFrame.reencoded(Frame(header: frame.header, payload: Bytes(damaged)))
        }
    }

    @Test("a PONG that says why no rows are stored is read and written as its golden file says")
    func refusingPong() throws {
        let bytes = try Self.bytes(Self.folder.appending(path: "pongRefusing.hex"))
        let pong = try Self.frame(bytes).decode(Pong.self)
        let refusal = Pong.WriteRefusal(ServiceError(.diskFull, "The disk is full."))
        #expect(pong == Pong(writeRefusal: refusal))
        #expect(Array(FrameEncoder.encode(pong, requestID: 7).readableBytesView) == bytes)
        let payload = try Self.frame(bytes).payload.array
        for bit in 0..<payload.count * 8 {
            var damaged = payload
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            let header = try Self.frame(bytes).header
            _ = try? Frame(header: header, payload: Bytes(damaged)).decode(Pong.self)
        }
    }

    @Test("random payloads of every kind are refused or read, never a trap", arguments: 0..<8)
    func noise(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        for kind in FrameKind.allCases {
            for _ in 0..<200 {
                let byteCount = Int.random(in: 0..<160, using: &random)
                var bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
                if byteCount >= 4 {
                    let optionsByteCount = Int.random(in: 0..<20, using: &random) * 8
                    (bytes[0], bytes[1], bytes[2], bytes[3]) = (UInt8(optionsByteCount), 0, 0, 0)
                }
                let header = FrameHeader(
                    payloadByteCount: UInt32(byteCount), rawKind: kind.rawValue, requestID: 1,
                    payloadChecksum: 0)
                _ = try? GoldenFrame.reencoded(Frame(header: header, payload: Bytes(bytes)))
            }
        }
    }

    @Test("numbers of kinds and options are never given twice")
    func numbers() {
        #expect(FrameKind.allCases.count == 24)
        #expect(Set(FrameKind.allCases.map(\.rawValue)).count == 24)
        #expect(Set(OptionTag.allCases.map(\.rawValue)) == Set(1...15))
    }
}
