import NIOCore
import StoaBase
import StoaModel
import StoaWire
import Testing

@Suite struct PayloadTests {
    /// A PING payload with one option of a tag that does not exist.
    static func ping(optionFlags: UInt16) -> Bytes {
        var writer = ByteWriter()
        writer.append(UInt32(16))
        writer.append(UInt32(0))
        writer.append(UInt16(9_999))
        writer.append(optionFlags)
        writer.append(UInt32(3))
        writer.append(contentsOf: [7, 7, 7])
        writer.align(to: 8)
        writer.append(contentsOf: [42])
        return Bytes(writer.bytes)
    }

    static func decode<M: WireMessage>(_ payload: Bytes, _ type: M.Type) throws -> M {
        let header = FrameHeader(
            payloadByteCount: UInt32(payload.count), rawKind: M.kind.rawValue, requestID: 1,
            payloadChecksum: 0)
        return try Frame(header: header, payload: payload).decode(type)
    }

    @Test("an unknown option is skipped, unless it must be understood")
    func unknownOption() throws {
        #expect(try Self.decode(Self.ping(optionFlags: 0), Ping.self).body == [42])
        #expect(throws: WireError.unknownOption(tag: 9_999)) {
            try Self.decode(Self.ping(optionFlags: 1), Ping.self)
        }
        #expect(WireError.unknownOption(tag: 9_999).serviceError.code == .notSupported)
        #expect(!WireError.unknownOption(tag: 9_999).endsConnection)
    }

    @Test(
        "a batch of every kind of message starts at a multiple of 8 in memory",
        arguments: [FrameKind.resultBatch, .ingest, .bulkBatch])
    func alignment(kind: FrameKind) throws {
        let frame = try GoldenTests.frame(GoldenFrame.encoded(kind))
        let batch =
            switch kind {
            case .ingest: try frame.decode(IngestRequest.self).batch
            case .bulkBatch: try frame.decode(BulkBatch.self).batch
            default: try frame.decode(ResultBatch.self).batch
            }
        #expect(UInt(bitPattern: batch.pointer) % 8 == 0)
        #expect(try RowBatch.decode(batch).columns.count == 17)
    }

    @Test("versions negotiate to the lower, and none in common is refused")
    func versions() throws {
        var hello = Hello(payloadByteCountLimit: 1 << 20, clientName: "")
        hello.maximumVersion = 9
        #expect(try hello.negotiatedVersion() == 1)
        hello.minimumVersion = 2
        #expect(throws: WireError.versionMismatch(minimum: 2, maximum: 9)) {
            try hello.negotiatedVersion()
        }
    }

    @Test("every error code crosses the wire whole", arguments: ErrorCode.allCases)
    func errors(code: ErrorCode) throws {
        let error = ServiceError(
            code, "a sentence", position: 3..<5, hint: "a hint", retryAfterMilliseconds: 9)
        let message = ErrorMessage(error, endsConnection: true)
        let bytes = Array(FrameEncoder.encode(message, requestID: 1).readableBytesView)
        #expect(try GoldenTests.frame(bytes).decode(ErrorMessage.self) == message)
    }
}
