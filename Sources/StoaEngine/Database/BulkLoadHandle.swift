package import StoaBase
package import StoaModel
internal import StoaStorage

/// A bulk load in progress: batches in file order, then one commit. Its work is done in order
/// on threads that all loads share; the completion of each append is the sign to send the next, and
/// a sender that has a few batches under way at most keeps the memory bounded.
package final class BulkLoadHandle: Sendable {
    /// The table as it is, or as it will be when the load is committed.
    package let definition: TableDefinition
    private let queue: SerialQueue
    private let box: BulkBox

    init(_ load: BulkLoad, on pool: ThreadPool) {
        queue = SerialQueue(on: pool)
        box = BulkBox(load)
        definition = load.definition
    }

    /// Adds rows. `bytes` are an encoded batch from outside: they are checked here.
    package func append(
        _ bytes: Bytes, completion: @escaping @Sendable (Result<Int, ServiceError>) -> Void
    ) {
        let box = box
        queue.submit { completion(box.append(bytes)) }
    }

    /// Makes all rows visible at once, if there are `expectedRowCount` of them.
    package func commit(
        expectedRowCount: Int,
        completion: @escaping @Sendable (Result<IngestReceipt, ServiceError>) -> Void
    ) {
        let box = box
        queue.submit { completion(box.commit(expectedRowCount: expectedRowCount)) }
        queue.finish()
    }

    /// Leaves nothing of the load. Allowed at any time; nothing after a commit.
    package func abort() {
        let box = box
        queue.submit { box.abort() }
        queue.finish()
    }

    deinit { queue.finish() }
}
