internal import NIOCore
internal import StoaBase
package import StoaModel
package import StoaWire

/// The rows of a result, batch by batch, as they arrive. Reading gives the server room to send
/// more; dropping the stream before its end cancels the query. For one reader.
package final class ResultStream: AsyncSequence, @unchecked Sendable {
    // SAFETY: every stored variable is touched under `lock` only.
    package typealias Element = RowBatch

    /// A column of the result.
    package struct Column: Hashable, Sendable {
        package let name: String
        package let type: ColumnType
    }

    private let connection: Connection
    private let requestID: UInt32
    private let inbox: Inbox
    private let lock = Lock()
    private var first: RowBatch?
    private var knownColumns: [Column] = []
    private var end: ResultEnd?
    private var readByteCount = 0
    private var isOver = false

    init(connection: Connection, requestID: UInt32, inbox: Inbox) {
        self.connection = connection
        self.requestID = requestID
        self.inbox = inbox
    }

    deinit {
        if !isOver { cancel() }
    }

    /// Names and types; empty for a statement without a result.
    package var columns: [Column] { lock.withLock { knownColumns } }

    /// What the result took; known after its last batch.
    package var summary: ResultEnd? { lock.withLock { end } }

    /// Asks the server to stop; reading then ends with an error of code `cancelled`.
    package func cancel() {
        connection.proceed(requestID, FrameEncoder.encode(Cancel(), requestID: requestID))
    }

    /// The next batch; nil after the last.
    package func next() async throws -> RowBatch? {
        let ahead = lock.withLock {
            defer { first = nil }
            return first
        }
        if let ahead { return ahead }
        return try await receive()
    }

    /// Waits for the first frame, so that the columns are known and early errors are thrown.
    func readAhead() async throws {
        let batch = try await receive()
        lock.withLock {
            first = batch
            knownColumns = batch?.columns.map { Column(name: $0.name, type: $0.type) } ?? []
        }
    }

    private func receive() async throws -> RowBatch? {
        do {
            while let frame = try await inbox.next() {
                switch frame.header.kind {
                case .resultBatch: return try take(frame)
                case .resultEnd:
                    let end = try frame.message(ResultEnd.self)
                    lock.withLock {
                        self.end = end
                        isOver = true
                    }
                    return nil
                case .error: throw try frame.serverError()
                default: continue
                }
            }
            return nil
        } catch {
            if error is CancellationError { cancel() }
            lock.withLock { isOver = true }
            throw error
        }
    }

    /// Decodes a batch.
    private func take(_ frame: Frame) throws -> RowBatch? {
        guard let message = try frame.message(ResultBatch.self) else { return nil }
        let batch: RowBatch
        do {
            batch = try RowBatch.decode(message.batch)
        } catch {
            cancel()
            throw ClientError(.protocolError, "the server sent a malformed batch: \(error.reason)")
        }
        returnCredit(Int(frame.header.payloadByteCount))
        return batch
    }

    /// Gives credit back by half windows: a small result then needs no frame for it.
    private func returnCredit(_ byteCount: Int) {
        let due = lock.withLock {
            readByteCount += byteCount
            guard readByteCount >= connection.options.resultWindowByteCount / 2 else { return 0 }
            defer { readByteCount = 0 }
            return readByteCount
        }
        guard due > 0 else { return }
        let credit = Credit(byteCount: UInt32(clamping: due))
        connection.proceed(requestID, FrameEncoder.encode(credit, requestID: requestID))
    }

    /// Reads the stream for `for try await`.
    package struct Iterator: AsyncIteratorProtocol {
        let stream: ResultStream

        /// The next batch; nil after the last.
        package mutating func next() async throws -> RowBatch? { try await stream.next() }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(stream: self) }
}
