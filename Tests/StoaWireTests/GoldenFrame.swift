import NIOCore
import StoaBase
import StoaModel
import StoaWire
import Testing

/// One frame of every kind, as it stands in `Golden/<kind>.hex`.
enum GoldenFrame {
    /// The frame that this build writes.
    static func encoded(_ kind: FrameKind) -> [UInt8] {
        Array(buffer(kind).readableBytesView)
    }

    private static func buffer(_ kind: FrameKind) -> ByteBuffer {
        switch kind {
        case .hello: frame(hello, 0)
        case .welcome: frame(welcome, 0)
        case .ping: frame(Ping(body: [1, 2, 3]), 7)
        case .pong: frame(Pong(body: [1, 2, 3]), 7)
        case .goodbye: frame(Goodbye(.shuttingDown, message: "the server is shutting down"), 0)
        case .error: frame(error, 258)
        case .cancel: frame(Cancel(), 258)
        case .credit: frame(Credit(byteCount: 1 << 20), 258)
        case .progress: frame(progress, 258)
        case .throttle:
            frame(Throttle(.sealing, retryAfterMilliseconds: 250, ingestWindow: 1 << 20), 0)
        case .query: frame(query, 258)
        case .resultBatch:
            FrameEncoder.encode(ResultBatch(batchIndex: 0), requestID: 258, batch: batch)
        case .resultEnd: frame(resultEnd, 258)
        case .aggregate: frame(aggregate, 258)
        case .ingest: FrameEncoder.encode(ingest, requestID: 259, batch: batch)
        case .ingestAck:
            frame(IngestAck(isDuplicate: true, lsn: 17, generation: 18, rowCount: 3), 259)
        case .bulkOpen: frame(BulkOpen(table: "trades", label: "day 1", schema: schema), 260)
        case .bulkOpened: frame(BulkOpened(initialCredit: 16 << 20, schema: schema), 260)
        case .bulkBatch: FrameEncoder.encode(BulkBatch(), requestID: 260, batch: batch)
        case .bulkAccepted: frame(BulkAccepted(credit: 1_096, rowCount: 3), 260)
        case .bulkCommit: frame(BulkCommit(rowCount: 3), 260)
        case .bulkCommitted: frame(BulkCommitted(lsn: 19, generation: 19, rowCount: 3), 260)
        case .bulkAbort: frame(BulkAbort(), 260)
        case .bulkAborted: frame(BulkAborted(), 260)
        }
    }

    private static func frame(_ message: some WireMessage, _ requestID: UInt32) -> ByteBuffer {
        FrameEncoder.encode(message, requestID: requestID)
    }

    /// Decodes the payload as its own kind and writes it again.
    static func reencoded(_ frame: Frame) throws -> ByteBuffer {
        let requestID = frame.header.requestID
        func again<M: WireMessage>(_ type: M.Type) throws -> ByteBuffer {
            FrameEncoder.encode(try frame.decode(type), requestID: requestID)
        }
        switch try #require(frame.header.kind) {
        case .hello: return try again(Hello.self)
        case .welcome: return try again(Welcome.self)
        case .ping: return try again(Ping.self)
        case .pong: return try again(Pong.self)
        case .goodbye: return try again(Goodbye.self)
        case .error: return try again(ErrorMessage.self)
        case .cancel: return try again(Cancel.self)
        case .credit: return try again(Credit.self)
        case .progress: return try again(Progress.self)
        case .throttle: return try again(Throttle.self)
        case .query: return try again(QueryRequest.self)
        case .resultBatch: return try again(ResultBatch.self)
        case .resultEnd: return try again(ResultEnd.self)
        case .aggregate: return try again(AggregateRequest.self)
        case .ingest: return try again(IngestRequest.self)
        case .ingestAck: return try again(IngestAck.self)
        case .bulkOpen: return try again(BulkOpen.self)
        case .bulkOpened: return try again(BulkOpened.self)
        case .bulkBatch: return try again(BulkBatch.self)
        case .bulkAccepted: return try again(BulkAccepted.self)
        case .bulkCommit: return try again(BulkCommit.self)
        case .bulkCommitted: return try again(BulkCommitted.self)
        case .bulkAbort: return try again(BulkAbort.self)
        case .bulkAborted: return try again(BulkAborted.self)
        }
    }

    private static let hello = Hello(payloadByteCountLimit: 16 << 20, clientName: "golden/1")

    private static let welcome = Welcome(
        requestLimit: 64, limits: (16 << 20, 32 << 20, 600),
        identity: ServerIdentity(
            name: "stoad/1", databaseHigh: 0x0123_4567_89AB_CDEF,
            databaseLow: 0xFEDC_BA98_7654_3210, incarnation: 1))

    private static let error = ErrorMessage(
        ServiceError(
            .unknownColumn, "there is no column prize", position: 7..<12,
            hint: "Did you mean price?"))

    private static let progress = Progress(
        rowsDone: 65_536, rowsTotal: 1_000_000, bytesRead: 524_288, elapsedNanoseconds: 1_000_000)

    private static let query: QueryRequest = {
        var query = QueryRequest(
            sql: Array("SELECT sum(price) FROM trades".utf8), initialCredit: 8 << 20)
        query.minimumGeneration = 17
        query.timeoutMilliseconds = 30_000
        query.wantsProgress = true
        query.settings = [.init(key: "threads", value: "2")]
        query.parameters = [
            .init(name: "", value: TypedValue(type: .int16, bytes: [0x39, 0x30])),
            .init(name: "name", value: TypedValue(type: .string, bytes: Array("ü".utf8))),
            .init(
                name: "gone",
                value: TypedValue(
                    type: .decimal(precision: 18, scale: 2), bytes: nil)),
        ]
        return query
    }()

    private static let resultEnd: ResultEnd = {
        var end = ResultEnd()
        end.rowCount = 3
        end.affectedRowCount = 0
        end.elapsedNanoseconds = 1_234_567
        end.rowsScanned = 65_536
        end.rowsSkipped = 131_072
        end.blocksScanned = 1
        end.blocksSkipped = 2
        end.bytesRead = 98_304
        end.generation = 18
        return end
    }()

    private static let aggregate: AggregateRequest = {
        var request = AggregateRequest(table: "trades", initialCredit: 1 << 20)
        request.filters = [
            .init(
                column: "ticker", comparison: .isIn,
                values: [
                    TypedValue(type: .string, bytes: Array("A".utf8)),
                    TypedValue(type: .string, bytes: Array("B".utf8)),
                ])
        ]
        request.groupColumns = [.init(column: "ts", bucketMicroseconds: 3_600_000_000)]
        request.calls = [.init(function: .countAll), .init(function: .sum, column: "price")]
        request.orders = [.init(outputIndex: 1, isDescending: true)]
        request.limit = 10
        request.offset = 20
        return request
    }()

    private static let ingest = IngestRequest(
        table: "trades",
        origin: BatchOrigin(
            producerHigh: 0x0123_4567_89AB_CDEF, producerLow: 1, stream: 2, epoch: 3, sequence: 4))

    private static let schema = TableSchema(
        columns: [
            .init(name: "ts", type: .timestamp, isNullable: false),
            .init(name: "price", type: .decimal(precision: 18, scale: 4)),
        ], timeColumnIndex: 0)

    /// Three rows of every type, the middle one null, and a column with a dictionary.
    static let batch: [UInt8] = {
        let types: [ColumnType] = [
            .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
            .float64, .decimal(precision: 18, scale: 4), .decimal(precision: 38, scale: 10), .date,
            .timestamp, .string,
        ]
        var columns = types.map { type in
            var builder = ColumnBuilder(name: "\(type)", type: type)
            builder.append(literal(type, isLast: false))
            builder.appendNull()
            builder.append(literal(type, isLast: true))
            return builder
        }
        let words = StringDictionary([Array("ja".utf8), Array("n€in".utf8)], isSorted: true)
        var coded = ColumnBuilder(name: "coded", dictionary: words)
        for code: UInt32 in [1, 0, 1] { coded.append(code: code) }
        columns.append(coded)
        return RowBatch.encode(columns)
    }()

    private static func literal(_ type: ColumnType, isLast: Bool) -> Literal {
        switch type {
        case .bool: .bool(isLast)
        case .float32, .float64: .float(isLast ? .infinity : -1.5)
        case .decimal(_, let scale): .decimal(unscaled: isLast ? 123_456 : -5, scale: scale)
        case .date: .date(isLast ? CivilTime.lastDay : CivilTime.firstDay)
        case .timestamp: .timestamp(isLast ? 1_700_000_000_123_456 : -1)
        case .string: .string(Array((isLast ? "Größe €" : "").utf8))
        default:
            .integer(type.integerRange.map { isLast ? $0.upperBound : $0.lowerBound } ?? 0)
        }
    }
}
