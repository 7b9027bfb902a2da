import NIOCore
import StoaBase
import StoaModel
import StoaServer
import StoaWire
import Testing

/// The session alone: events in, actions out, no socket.
@Suite struct SessionTests {
    static func options(_ change: (inout ServerOptions) -> Void = { _ in }) -> ServerOptions {
        var options = ServerOptions(identity: ServerIdentity(name: "test"))
        change(&options)
        return options
    }

    static func frame(_ message: some WireMessage, _ requestID: UInt32) -> Frame {
        frame(FrameEncoder.encode(message, requestID: requestID))
    }

    static func frame(_ encoded: ByteBuffer) -> Frame {
        var decoder = FrameDecoder(
            payloadByteCountLimit: 16 << 20, detectsForeignProtocols: false)
        var buffer = encoded
        guard let frame = try? decoder.decode(&buffer) else {
            Issue.record("a frame of ours should decode")
            return Frame(
                header: FrameHeader(
                    payloadByteCount: 0, rawKind: 0, requestID: 0, payloadChecksum: 0),
                payload: .empty)
        }
        return frame
    }

    /// A session past its greeting.
    static func greeted(_ change: (inout ServerOptions) -> Void = { _ in }) -> Session {
        var session = Session(options: options(change))
        let hello = Hello(payloadByteCountLimit: 16 << 20, clientName: "")
        #expect(
            words(session.received(frame(hello, 0)))
                == ["open ", "limit 16777216", "send welcome"])
        return session
    }

    /// Actions in words, for comparing.
    static func words(_ actions: [Session.Action]) -> [String] {
        actions.map { action in
            switch action {
            case .open(let name): "open \(name)"
            case .start(let id, let serial, let request):
                if case .query(let query) = request {
                    "start \(id) \(serial) credit \(query.initialCredit)"
                } else {
                    "start \(id) \(serial)"
                }
            case .cancel(let id): "cancel \(id)"
            case .addCredit(let id, let byteCount): "credit \(id) \(byteCount)"
            case .appendBulk(let id, let batch): "append \(id) \(batch.count)"
            case .commitBulk(let id, let rowCount): "commit \(id) \(rowCount)"
            case .abortBulk(let id): "abort \(id)"
            case .forget(let id): "forget \(id)"
            case .send(let buffer): "send \(name(buffer))"
            case .sendBatch(let id, _, let buffer): "batch \(id) \(buffer.readableBytes - 16)"
            case .raiseFrameLimit(let limit): "limit \(limit)"
            case .sendText: "text"
            case .linger: "linger"
            case .close: "close"
            }
        }
    }

    static func name(_ buffer: ByteBuffer) -> String {
        let frame = frame(buffer)
        if let error = try? frame.decode(ErrorMessage.self) { return error.name }
        if let accepted = try? frame.decode(BulkAccepted.self) {
            return "accepted \(accepted.credit)"
        }
        return frame.header.kind.map { "\($0)" } ?? "?"
    }

    static func query(_ session: inout Session, _ id: UInt32, credit: UInt32) -> [String] {
        words(
            session.received(
                frame(QueryRequest(sql: Array("x".utf8), initialCredit: credit), id)))
    }

    @Test("the service never gets more credit than the window, nor than the client gave")
    func credit() {
        var session = Self.greeted { $0.resultWindowByteCount = 100_000 }
        #expect(Self.query(&session, 1, credit: 1 << 30) == ["start 1 1 credit 100000"])
        #expect(Self.words(session.flushed(1, serial: 1, byteCount: 40_000)) == ["credit 1 40000"])
        var second = Self.greeted { $0.resultWindowByteCount = 100_000 }
        #expect(Self.query(&second, 1, credit: 70_000) == ["start 1 1 credit 70000"])
        #expect(second.flushed(1, serial: 1, byteCount: 70_000).isEmpty)
        #expect(Self.words(second.received(Self.frame(Credit(byteCount: 9), 1))) == ["credit 1 9"])
        #expect(second.received(Self.frame(Credit(byteCount: 9), 77)).isEmpty)
    }

    @Test("the window is shared by the results of a connection")
    func sharedWindow() {
        var session = Self.greeted { $0.resultWindowByteCount = 1_000_000 }
        #expect(Self.query(&session, 1, credit: 1 << 30) == ["start 1 1 credit 1000000"])
        #expect(Self.query(&session, 2, credit: 1 << 30) == ["start 2 2 credit 500000"])
        #expect(session.flushed(1, serial: 1, byteCount: 100_000).isEmpty)
    }

    @Test("a reply of a request that is over is dropped, also when its id runs again")
    func staleReply() {
        var session = Self.greeted()
        _ = Self.query(&session, 1, credit: 1)
        #expect(
            Self.words(session.replied(1, serial: 1, .other(.end(ResultEnd()))))
                == ["send resultEnd", "forget 1"])
        #expect(session.replied(1, serial: 1, .other(.end(ResultEnd()))).isEmpty)
        #expect(Self.query(&session, 1, credit: 1) == ["start 1 2 credit 1"])
        #expect(session.replied(1, serial: 1, .other(.end(ResultEnd()))).isEmpty)
    }

    @Test("bulk batches need credit, which comes back batch by batch")
    func bulkCredit() {
        var session = Self.greeted { $0.bulkWindowByteCount = 100 }
        let batch = FrameEncoder.encode(
            BulkBatch(), requestID: 1, batch: Array(repeating: 0, count: 72))
        #expect(Self.words(session.received(Self.frame(BulkOpen(table: "t"), 1))) == ["start 1 1"])
        #expect(
            Self.words(session.replied(1, serial: 1, .other(.bulkOpened(schema: nil))))
                == ["send bulkOpened"])
        for _ in 0..<2 {
            #expect(Self.words(session.received(Self.frame(batch))) == ["append 1 72"])
        }
        var other = session
        #expect(
            Self.words(other.received(Self.frame(batch)))
                == ["cancel 1", "forget 1", "send PROTOCOL_ERROR"])
        #expect(other.received(Self.frame(batch)).isEmpty, "it was on its way already")
        #expect(
            Self.words(session.replied(1, serial: 1, .other(.bulkAccepted(rowCount: 1))))
                == ["send accepted 80"])
        #expect(Self.words(session.received(Self.frame(batch))) == ["append 1 72"])
        #expect(
            Self.words(session.received(Self.frame(BulkCommit(rowCount: 3), 1)))
                == ["commit 1 3"])
        #expect(
            Self.words(session.received(Self.frame(batch)))
                == ["cancel 1", "forget 1", "send PROTOCOL_ERROR"])
    }

    @Test("a batch before the load is open is refused")
    func earlyBatch() {
        var session = Self.greeted()
        _ = session.received(Self.frame(BulkOpen(table: "t"), 1))
        let batch = FrameEncoder.encode(BulkBatch(), requestID: 1, batch: [0])
        #expect(
            Self.words(session.received(Self.frame(batch)))
                == ["cancel 1", "forget 1", "send PROTOCOL_ERROR"])
    }

    @Test("reading stops while unanswered batches exceed the window, and goes on after")
    func ingestWindow() {
        var session = Self.greeted { $0.ingestWindowByteCount = 100 }
        let ingest = FrameEncoder.encode(
            IngestRequest(table: "t"), requestID: 1, batch: Array(repeating: 0, count: 100))
        #expect(session.isReading)
        #expect(Self.words(session.received(Self.frame(ingest))) == ["start 1 1"])
        #expect(!session.isReading)
        let ack = IngestAck(lsn: 1, generation: 1, rowCount: 1)
        _ = session.replied(1, serial: 1, .other(.ingested(ack)))
        #expect(session.isReading)
    }

    @Test("a lost connection cancels everything and answers nothing")
    func lost() {
        var session = Self.greeted()
        for id: UInt32 in 1...3 { _ = Self.query(&session, id, credit: 1) }
        #expect(
            Self.words(session.connectionLost())
                == ["cancel 1", "forget 1", "cancel 2", "forget 2", "cancel 3", "forget 3"])
        #expect(session.connectionLost().isEmpty)
        #expect(session.replied(1, serial: 1, .other(.end(ResultEnd()))).isEmpty)
    }

    @Test("draining waits for what runs, refuses what is new, and then closes")
    func drain() {
        var session = Self.greeted()
        _ = Self.query(&session, 1, credit: 1)
        #expect(Self.words(session.didBeginDraining()) == ["send goodbye"])
        #expect(Self.query(&session, 2, credit: 1) == ["send SHUTTING_DOWN"])
        #expect(
            Self.words(session.replied(1, serial: 1, .other(.end(ResultEnd()))))
                == ["send resultEnd", "forget 1", "linger"])
        #expect(Self.query(&session, 3, credit: 1) == ["send SHUTTING_DOWN", "linger"])
        #expect(Self.words(session.lingerEnded()) == ["close"])
        #expect(Self.query(&session, 4, credit: 1) == [])
        var idle = Self.greeted()
        #expect(Self.words(idle.didBeginDraining()) == ["send goodbye", "linger"])
        #expect(Self.words(idle.received(Self.frame(Goodbye(.done), 0))) == ["close"])
    }

    @Test("a drain that takes too long ends loads with an answer, and no request that may be done")
    func drainTimedOut() {
        var session = Self.greeted()
        _ = session.received(Self.frame(BulkOpen(table: "t"), 1))
        _ = session.received(Self.frame(BulkOpen(table: "u"), 2))
        _ = session.replied(2, serial: 2, .other(.bulkOpened(schema: nil)))
        _ = session.received(Self.frame(BulkCommit(rowCount: 0), 2))
        _ = Self.query(&session, 3, credit: 1)
        _ = session.didBeginDraining()
        #expect(
            Self.words(session.drainTimedOut()) == ["cancel 1", "forget 1", "send SHUTTING_DOWN"])
    }

    @Test("a PONG says why no rows are stored")
    func health() throws {
        var well = Self.greeted()
        #expect(Self.words(well.received(Self.frame(Ping(), 1))) == ["send pong"])
        var full = Self.greeted { options in
            options.writeRefusal = { ServiceError(.diskFull, "The disk is full.") }
        }
        guard case .send(let buffer)? = full.received(Self.frame(Ping(body: [7]), 1)).first else {
            Issue.record("a PING is answered")
            return
        }
        let pong = try Self.frame(buffer).decode(Pong.self)
        #expect(pong.body == [7])
        #expect(pong.writeRefusal?.rawCode == ErrorCode.diskFull.rawValue)
        #expect(pong.writeRefusal?.message == "The disk is full.")
    }

    @Test("a silent client loses a result or a load that waits for it, not a query that works")
    func idle() {
        var working = Self.greeted { $0.resultWindowByteCount = 100_000 }
        _ = Self.query(&working, 1, credit: 70_000)
        #expect(working.idleTimedOut(isStuck: false).isEmpty)
        var stuck = working
        #expect(
            Self.words(stuck.idleTimedOut(isStuck: true))
                == ["cancel 1", "forget 1", "send goodbye", "close"])
        _ = working.flushed(1, serial: 1, byteCount: 70_000)
        #expect(
            Self.words(working.idleTimedOut(isStuck: false))
                == ["cancel 1", "forget 1", "send goodbye", "close"])
        var loading = Self.greeted()
        _ = loading.received(Self.frame(BulkOpen(table: "t"), 1))
        #expect(loading.idleTimedOut(isStuck: false).isEmpty)
        _ = loading.replied(1, serial: 1, .other(.bulkOpened(schema: nil)))
        #expect(!loading.idleTimedOut(isStuck: false).isEmpty)
    }

    @Test("a batch that the client cannot take fails its request")
    func tooLarge() {
        var session = Session(options: Self.options())
        _ = session.received(
            Self.frame(Hello(payloadByteCountLimit: 65_536, clientName: ""), 0))
        _ = Self.query(&session, 1, credit: 1)
        let batch = FrameEncoder.encode(
            ResultBatch(batchIndex: 0), requestID: 1, batch: Array(repeating: 0, count: 65_536))
        #expect(
            Self.words(session.replied(1, serial: 1, .batch(batch)))
                == ["cancel 1", "forget 1", "send FRAME_TOO_LARGE"])
    }

    @Test(
        "every kind with a random payload in every phase gives actions, never a trap",
        arguments: 0..<8)
    func noise(seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var session = Self.greeted { $0.requestLimit = 4 }
        for _ in 0..<3_000 {
            if session.phase == .closed { session = Self.greeted { $0.requestLimit = 4 } }
            let kind = UInt8.random(in: 0...60, using: &random)
            var payload = (0..<Int.random(in: 0..<96, using: &random)).map { _ in
                UInt8.random(in: 0...3, using: &random)
            }
            for index in payload.indices.prefix(4) { payload[index] = 0 }
            let header = FrameHeader(
                payloadByteCount: UInt32(payload.count), rawKind: kind,
                requestID: .random(in: 0...4, using: &random), payloadChecksum: 0)
            _ = session.received(Frame(header: header, payload: Bytes(payload)))
        }
    }
}
