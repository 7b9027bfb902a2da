internal import StoaBase
internal import StoaModel
internal import StoaStorage

/// A load as its thread uses it: after the first failure nothing more is taken, and the load is
/// gone.
final class BulkBox: @unchecked Sendable {
    // SAFETY: used by one piece of the load's queue at a time.
    private var load: BulkLoad?
    private var failure: ServiceError?

    init(_ load: BulkLoad) { self.load = load }

    deinit { load?.abort() }

    /// The rows added.
    func append(_ bytes: Bytes) -> Result<Int, ServiceError> {
        guard let load else { return .failure(ended) }
        do {
            let batch = try RowBatch.decode(bytes)
            try load.append(batch)
            return .success(batch.rowCount)
        } catch let error as BatchError {
            return fail(
                ServiceError(
                    .badBatch, "The batch is damaged: \(error.reason)."))
        } catch let error as StorageError {
            return fail(error.serviceError)
        } catch {
            return fail(ServiceError(.ioError, "The load failed."))
        }
    }

    func commit(expectedRowCount: Int) -> Result<IngestReceipt, ServiceError> {
        guard let load else { return .failure(ended) }
        self.load = nil
        do {
            return .success(IngestReceipt(try load.commit(expectedRowCount: expectedRowCount)))
        } catch {
            return .failure(error.serviceError)
        }
    }

    func abort() {
        load?.abort()
        load = nil
    }

    private func fail<Success>(_ error: ServiceError) -> Result<Success, ServiceError> {
        failure = error
        abort()
        return .failure(error)
    }

    private var ended: ServiceError {
        failure ?? ServiceError(.unknownRequest, "The load has ended.")
    }
}

extension IngestReceipt {
    init(_ receipt: AppendReceipt) {
        self.init(
            lsn: receipt.lsn, generation: receipt.generation, rowCount: receipt.rowCount,
            isDuplicate: receipt.isDuplicate)
    }
}
