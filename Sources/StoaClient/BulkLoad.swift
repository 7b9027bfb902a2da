internal import NIOCore
internal import StoaBase
package import StoaWire

/// A bulk load: batches in the order of the rows, several of them on their way at once, then one
/// commit. Until then nothing is visible; a lost connection or a dropped load leaves nothing.
package actor BulkLoad {
    /// The columns that the load fills, if the server tells them.
    package nonisolated let schema: TableSchema?
    private let connection: Connection
    private let requestID: UInt32
    private let inbox: Inbox
    private var credit: Int
    private var sentRowCount: UInt64 = 0
    /// Rows that the server has taken in.
    package private(set) var acceptedRowCount: UInt64 = 0
    private var isOver = false

    init(connection: Connection, requestID: UInt32, inbox: Inbox, opened: BulkOpened) {
        self.connection = connection
        self.requestID = requestID
        self.inbox = inbox
        schema = opened.schema
        credit = Int(opened.initialCredit)
    }

    deinit {
        if !isOver {
            connection.proceed(requestID, FrameEncoder.encode(BulkAbort(), requestID: requestID))
        }
    }

    /// Sends a batch (`RowBatch.encode`, best 1 to 4 MiB) of `rowCount` rows; waits while the
    /// server's window is full.
    ///
    /// - Throws: ``ClientError`` with what the server found wrong, with this batch or an earlier
    ///   one. The load is then over and has left nothing.
    package func send(_ batch: [UInt8], rowCount: Int) async throws {
        try connection.checkSize(batch.count)
        while let frame = try inbox.poll() { try take(frame) }
        while credit <= 0 { try await takeNext() }
        let frame = FrameEncoder.encode(BulkBatch(), requestID: requestID, batch: batch)
        credit -= frame.readableBytes - FrameHeader.byteCount
        sentRowCount += UInt64(rowCount)
        connection.proceed(requestID, frame)
    }

    /// Makes all rows durable and visible at once.
    package func commit() async throws -> BulkCommitted {
        let commit = BulkCommit(rowCount: sentRowCount)
        connection.proceed(requestID, FrameEncoder.encode(commit, requestID: requestID))
        while true {
            if let committed = try await takeNext() { return committed }
        }
    }

    /// Gives the load up; nothing is left of it.
    package func abort() async {
        guard !isOver else { return }
        isOver = true
        connection.proceed(requestID, FrameEncoder.encode(BulkAbort(), requestID: requestID))
        while let frame = try? await inbox.next(), frame.header.kind != .bulkAborted {}
    }

    @discardableResult
    private func takeNext() async throws -> BulkCommitted? {
        guard let frame = try await inbox.next() else {
            throw ClientError(.closed, "the bulk load is over")
        }
        return try take(frame)
    }

    @discardableResult
    private func take(_ frame: Frame) throws -> BulkCommitted? {
        switch frame.header.kind {
        case .bulkCommitted:
            isOver = true
            return try frame.message(BulkCommitted.self)
        case .error:
            isOver = true
            throw try frame.serverError()
        default:
            guard let accepted = try frame.message(BulkAccepted.self) else { return nil }
            credit += Int(accepted.credit)
            acceptedRowCount = accepted.rowCount
            return nil
        }
    }
}
