import NIOCore
import StoaClient
import StoaServer
import StoaWire
import Testing

/// Clients that ask for much and take nothing.
@Suite(.serialized, .timeLimit(.minutes(1))) struct SlowReaderTests {
    @Test("a client that never reads what it asked for is let go, and its query cancelled")
    func neverReads() async throws {
        try await ServerTests.withServer({
            $0.handshakeTimeout = .seconds(5)
            $0.idleTimeout = .seconds(2)
        }) { server, service in
            let peer = try await RawPeer.greeted(server)
            try await peer.stopReading()
            let query = QueryRequest(
                sql: Array("rows 10000 100000".utf8), initialCredit: .max)
            try await peer.send(FrameEncoder.encode(query, requestID: 1))
            var isCancelled = false
            for _ in 0..<2_000 where !isCancelled {
                try await Task.sleep(for: .milliseconds(10))
                isCancelled = service.log.hasEntry(beginning: "cancelled after")
            }
            #expect(isCancelled)
            await peer.close()
        }
    }
}
