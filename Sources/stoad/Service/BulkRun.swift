internal import StoaBase
internal import StoaEngine
internal import StoaModel
internal import StoaStorage
internal import StoaWire

/// A bulk load in progress: what the server says to it, in order, and one last reply whatever
/// happens.
final class BulkRun: RequestHandle, @unchecked Sendable {
    // SAFETY: `load`, `waiting` and `isEnded` are touched only while `lock` is held.
    private let lock = Lock()
    private let reply: any ReplySink
    private let database: Database
    private var load: BulkLoadHandle?
    /// What came before the load was open.
    private var waiting: [@Sendable (BulkLoadHandle) -> Void] = []
    private var isEnded = false

    private init(_ reply: any ReplySink, _ database: Database) {
        self.reply = reply
        self.database = database
    }

    /// Opens the load on the service's thread and answers `.bulkOpened`, or why not.
    static func start(
        _ request: BulkOpen, on database: Database, _ admission: WorkQueue,
        _ reply: any ReplySink
    ) -> BulkRun {
        let run = BulkRun(reply, database)
        admission.submit {
            do throws(ServiceError) {
                let draft = request.schema?.draft(named: request.table)
                let target = draft.map(BulkLoadTarget.create) ?? .existing(request.table)
                run.didOpen(try database.openBulk(target, label: request.label))
            } catch {
                run.end(.error(error))
            }
        }
        return run
    }

    private func didOpen(_ load: BulkLoadHandle) {
        let isWanted = lock.withLock {
            guard !isEnded else { return false }
            self.load = load
            reply.send(.bulkOpened(schema: TableSchema(load.definition)))
            for work in waiting { work(load) }
            waiting = []
            return true
        }
        if !isWanted { load.abort() }
    }

    /// Hands `work` on in the order of the calls, once the load is open and unless it has ended.
    /// The load does it on a thread of its own, so holding the lock meanwhile is short.
    private func withLoad(_ work: @escaping @Sendable (BulkLoadHandle) -> Void) {
        lock.withLock {
            guard !isEnded else { return }
            if let load { work(load) } else { waiting.append(work) }
        }
    }

    /// Sends the last reply, unless one was sent.
    private func end(_ last: Reply) {
        let load: BulkLoadHandle?? = lock.withLock {
            if isEnded { return nil }
            isEnded = true
            waiting = []
            return .some(self.load)
        }
        guard let load else { return }
        switch last {
        case .bulkCommitted: break
        case .error(let error):
            database.didFail(error, request: "load")
            load?.abort()
        default: load?.abort()
        }
        reply.send(last)
    }

    private func send(_ next: Reply) {
        lock.withLock { if !isEnded { reply.send(next) } }
    }

    func appendBulk(_ batch: Bytes) {
        withLoad { [self] load in
            load.append(batch) { result in
                switch result {
                case .success(let rowCount):
                    self.send(.bulkAccepted(rowCount: UInt64(clamping: rowCount)))
                case .failure(let error): self.end(.error(error))
                }
            }
        }
    }

    func commitBulk(rowCount: UInt64) {
        withLoad { [self] load in
            load.commit(expectedRowCount: Int(clamping: rowCount)) { result in
                switch result {
                case .success(let receipt):
                    self.end(
                        .bulkCommitted(
                            BulkCommitted(
                                lsn: receipt.lsn, generation: receipt.generation,
                                rowCount: UInt64(clamping: receipt.rowCount))))
                case .failure(let error): self.end(.error(error))
                }
            }
        }
    }

    func abortBulk() { end(.bulkAborted) }

    func cancel() { end(.error(ServiceError(.cancelled, "The load was given up."))) }
}

extension StoaWire.TableSchema {
    /// A table to create with these columns.
    fileprivate func draft(named name: String) -> TableDraft {
        TableDraft(
            name: name,
            columns: columns.map {
                TableDraft.Column(name: $0.name, type: $0.type, isNullable: $0.isNullable)
            },
            timeColumn: timeColumnIndex.map { columns[$0].name })
    }
}
