import NIOCore
import StoaBase
import StoaClient
import StoaModel
import StoaServer
import StoaWire
import Testing

/// A server with little memory, and clients that hold it.
@Suite(.serialized, .timeLimit(.minutes(1))) struct PressureTests {
    /// A server whose requests have 1 MiB and whose frames may have half of it.
    static func withLittleMemory(
        _ change: @escaping (inout ServerOptions) -> Void = { _ in },
        _ body: (Server, MemoryBudget, MemoryBudget) async throws -> Void
    ) async throws {
        let requests = MemoryBudget(byteCountLimit: 1 << 20)
        let results = MemoryBudget(byteCountLimit: 1 << 20)
        try await ServerTests.withServer({
            $0.requestMemory = requests
            $0.resultMemory = results
            $0.connectionLimit = 16
            $0.payloadByteCountLimit = 512 << 10
            change(&$0)
        }) { server, _ in try await body(server, requests, results) }
        #expect(requests.reservedByteCount == 0 && results.reservedByteCount == 0)
    }

    static func header(_ byteCount: Int, requestID: UInt32 = 1) -> [UInt8] {
        FrameHeader(
            payloadByteCount: UInt32(byteCount), rawKind: FrameKind.ingest.rawValue, flags: 1,
            requestID: requestID, payloadChecksum: 0
        ).encode()
    }

    @Test("a frame that comes byte by byte ends at its deadline, with a sentence")
    func drip() async throws {
        try await Self.withLittleMemory({ $0.frameTimeout = .milliseconds(300) }) { server, _, _ in
            let peer = try await RawPeer.greeted(server)
            try await peer.send(Self.header(1_000))
            peer.keepSending(ByteBuffer(bytes: [1]), every: .milliseconds(50))
            let error = try await peer.error()
            #expect(error.rawCode == ErrorCode.timeout.rawValue && error.endsConnection)
            await peer.close()
        }
    }

    @Test("a client that reads no PONG is not read from, and costs what it is guaranteed")
    func pongs() async throws {
        try await Self.withLittleMemory { server, _, results in
            let peer = try await RawPeer.greeted(server)
            try await peer.stopReading()
            let ping = FrameEncoder.encode(
                Ping(body: [UInt8](repeating: 1, count: 1_000)), requestID: 1)
            peer.keepSending(ping, every: .microseconds(20))
            for _ in 0..<100 {
                try await Task.sleep(for: .milliseconds(20))
                #expect(results.reservedByteCount < 64 << 10)
            }
            let connection = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            try await connection.ping()
            await connection.close()
            await peer.close()
        }
    }
}
