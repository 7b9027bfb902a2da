import NIOCore
import StoaBase
import StoaClient
import StoaModel
import StoaServer
import StoaWire
import Testing

/// Bytes that no Stoa client sends, against a server that has to go on.
@Suite(.serialized, .timeLimit(.minutes(1))) struct BadInputTests {
    static func withServer(
        _ change: (inout ServerOptions) -> Void = { _ in }, _ body: (Server) async throws -> Void
    ) async throws {
        try await ServerTests.withServer(change) { server, _ in
            try await body(server)
            // Whatever happened, others are served.
            let connection = try await Connection.connect("stoa://127.0.0.1:\(server.port)")
            try await connection.ping()
            await connection.close()
        }
    }

    /// A frame with header fields of one's choice.
    static func raw(
        kind: UInt8, flags: UInt8 = 0, requestID: UInt32 = 1, payload: [UInt8]
    ) -> [UInt8] {
        FrameHeader(
            payloadByteCount: UInt32(payload.count), rawKind: kind, flags: flags,
            requestID: requestID, payloadChecksum: Checksum.crc32c(payload)
        ).encode() + payload
    }

    @Test("an HTTP request is answered so that a browser shows what to do")
    func http() async throws {
        try await Self.withServer { server in
            let peer = try await RawPeer.connect(server)
            try await peer.send(Array("GET /query?q=1 HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
            let answer = await peer.textUntilClosed()
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
            #expect(answer.contains("speaks the Stoa protocol, and an HTTP request arrived"))
            let body = try #require(answer.split(separator: "\r\n\r\n").last)
            #expect(answer.contains("Content-Length: \(body.utf8.count)\r\n"))
        }
    }

    @Test("TLS, PostgreSQL and noise are told what was seen")
    func foreign() async throws {
        try await Self.withServer { server in
            let cases: [([UInt8], String)] = [
                ([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC], "a TLS handshake arrived"),
                ([0, 0, 0, 8, 4, 0xD2, 0x16, 0x2F], "a PostgreSQL startup message arrived"),
                (Array("hello stoa\r\n".utf8), "the first bytes are no HELLO"),
            ]
            for (bytes, expected) in cases {
                let peer = try await RawPeer.connect(server)
                try await peer.send(bytes)
                #expect(await peer.textUntilClosed().contains(expected))
            }
        }
    }

    @Test("a first frame that is no HELLO, or none of ours, ends the connection with an error")
    func noHello() async throws {
        try await Self.withServer { server in
            let ping = Array(FrameEncoder.encode(Ping(), requestID: 1).readableBytesView)
            let wrongMagic = Self.raw(
                kind: 1, requestID: 0, payload: Array(repeating: 0, count: 32))
            for bytes in [ping, wrongMagic, Self.raw(kind: 99, payload: [])] {
                let peer = try await RawPeer.connect(server)
                try await peer.send(bytes)
                let error = try await peer.error()
                #expect(error.name == "PROTOCOL_ERROR")
                #expect(error.endsConnection)
                _ = await peer.textUntilClosed()
            }
        }
    }

    @Test("a client of a later version only is told the versions spoken here")
    func version() async throws {
        try await Self.withServer { server in
            let peer = try await RawPeer.connect(server)
            let hello = Hello(
                minimumVersion: 2, maximumVersion: 3, payloadByteCountLimit: 1 << 20,
                clientName: "later")
            try await peer.send(FrameEncoder.encode(hello, requestID: 0))
            #expect(try await peer.error().name == "VERSION_MISMATCH")
            _ = await peer.textUntilClosed()
        }
    }

    @Test("a client that says nothing, or half a HELLO, is let go after the handshake time")
    func slowHandshake() async throws {
        try await Self.withServer({ $0.handshakeTimeout = .milliseconds(100) }) { server in
            let half: [UInt8] = [32, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
            for bytes in [[], [32, 0], half] {
                let peer = try await RawPeer.connect(server)
                // On a busy machine the time may be over before they are sent.
                if !bytes.isEmpty { try? await peer.send(bytes) }
                #expect(try await peer.error().name == "TIMEOUT")
                _ = await peer.textUntilClosed()
            }
        }
    }

    @Test("a silent connection is closed after the idle time, a pinging one is not")
    func idle() async throws {
        try await Self.withServer({
            $0.handshakeTimeout = .seconds(5)
            $0.idleTimeout = .seconds(1)
        }) { server in
            let silent = try await RawPeer.greeted(server)
            let busy = try await RawPeer.greeted(server)
            busy.keepSending(FrameEncoder.encode(Ping(), requestID: 1), every: .milliseconds(100))
            for _ in 0..<3_000 where !silent.hasEnded {
                try await Task.sleep(for: .milliseconds(10))
            }
            #expect(try await silent.frames(1).first?.decode(Goodbye.self).reason == .idle)
            #expect(!busy.hasEnded)
            await busy.close()
        }
    }

    @Test("a damaged, an oversized and a malformed header end the connection with an error")
    func brokenFrames() async throws {
        try await Self.withServer { server in
            let ping = FrameEncoder.encode(Ping(body: [1]), requestID: 1)
            var damaged = Array(ping.readableBytesView)
            damaged[damaged.count - 1] ^= 1
            let cases: [([UInt8], String)] = [
                (damaged, "PROTOCOL_ERROR"),
                ([0xFF, 0xFF, 0xFF, 0xFF], "FRAME_TOO_LARGE"),
                ([1, 0, 0, 1], "FRAME_TOO_LARGE"),
                (Self.raw(kind: 3, flags: 2, payload: []), "PROTOCOL_ERROR"),
            ]
            for (bytes, name) in cases {
                let peer = try await RawPeer.greeted(server)
                try await peer.send(bytes)
                let error = try await peer.error()
                #expect(error.name == name)
                #expect(error.endsConnection)
                _ = await peer.textUntilClosed()
            }
        }
    }

    @Test("an unknown kind, option or field fails its request alone")
    func requestErrors() async throws {
        try await Self.withServer { server in
            let peer = try await RawPeer.greeted(server)
            let option: [UInt8] = [16, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 1, 0, 1, 0, 0, 0]
            let cases: [([UInt8], String)] = [
                (Self.raw(kind: 200, payload: [1, 2]), "PROTOCOL_ERROR"),
                (Self.raw(kind: 2, payload: []), "PROTOCOL_ERROR"),
                (Self.raw(kind: 16, payload: [0, 0, 0]), "PROTOCOL_ERROR"),
                (
                    Self.raw(kind: 3, payload: option + Array(repeating: 0, count: 8)),
                    "NOT_SUPPORTED"
                ),
                (Self.raw(kind: 32, payload: Array(repeating: 0, count: 40)), "PROTOCOL_ERROR"),
                (
                    Self.raw(kind: 16, requestID: 0, payload: Array(repeating: 0, count: 24)),
                    "PROTOCOL_ERROR"
                ),
                (Self.raw(kind: 52, payload: Array(repeating: 0, count: 16)), "UNKNOWN_REQUEST"),
            ]
            for (bytes, name) in cases {
                try await peer.send(bytes)
                let error = try await peer.error()
                #expect(error.name == name)
                #expect(!error.endsConnection)
            }
            try await peer.send(FrameEncoder.encode(Ping(body: [9]), requestID: 5))
            #expect(try await peer.frames(1).first?.decode(Pong.self).body == [9])
            await peer.close()
        }
    }

    @Test("an aggregation without SQL is understood and answered NOT_SUPPORTED")
    func aggregate() async throws {
        try await Self.withServer { server in
            let peer = try await RawPeer.greeted(server)
            var request = AggregateRequest(table: "t", initialCredit: 1)
            request.calls = [.init(function: .countAll)]
            try await peer.send(FrameEncoder.encode(request, requestID: 1))
            #expect(try await peer.error().name == "NOT_SUPPORTED")
            await peer.close()
        }
    }

    @Test("a request id that is in use ends the connection")
    func requestInUse() async throws {
        try await Self.withServer { server in
            let peer = try await RawPeer.greeted(server)
            let hang = QueryRequest(sql: Array("hang".utf8), initialCredit: 1)
            try await peer.send(FrameEncoder.encode(hang, requestID: 3))
            try await peer.send(FrameEncoder.encode(hang, requestID: 3))
            let error = try await peer.error()
            #expect(error.endsConnection)
            _ = await peer.textUntilClosed()
        }
    }

    @Test("a connection with a full window of unanswered batches is not read further")
    func fullWindow() async throws {
        try await Self.withServer({ $0.ingestWindowByteCount = 100_000 }) { server in
            let peer = try await RawPeer.greeted(server)
            let batch = EchoService.numbers(0..<10_000)
            let hang = IngestRequest(table: "hang")
            for id in 1...10 {
                try await peer.send(
                    FrameEncoder.encode(hang, requestID: UInt32(id), batch: batch))
            }
            // The window is full after two batches: this ping is not answered until they end.
            try await peer.send(FrameEncoder.encode(Ping(), requestID: 99))
            try await Task.sleep(for: .milliseconds(100))
            #expect(peer.receivedByteCount == 0)
            #expect(!peer.hasEnded)
            await peer.close()
        }
    }

    @Test("garbage after the greeting never takes the server down", arguments: 0..<4)
    func garbage(seed: Int) async throws {
        try await Self.withServer { server in
            var random = SeededRandom(seed: UInt64(seed))
            for _ in 0..<20 {
                let peer = try await RawPeer.greeted(server)
                for _ in 0..<10 {
                    let byteCount = Int.random(in: 0..<200, using: &random)
                    let payload = (0..<byteCount).map { _ in
                        UInt8.random(in: 0...255, using: &random)
                    }
                    let kind = FrameKind.allCases.randomElement(using: &random)?.rawValue ?? 0
                    try? await peer.send(Self.raw(kind: kind, payload: payload))
                }
                await peer.close()
            }
        }
    }
}
