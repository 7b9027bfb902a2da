internal import StoaModel

/// A result that is one batch and needs no work.
final class KnownResultPhase: Phase {
    private let batch: (bytes: [UInt8], rowCount: Int)
    private let emitter: ResultEmitter

    init(_ batch: (bytes: [UInt8], rowCount: Int), _ emitter: ResultEmitter) {
        self.batch = batch
        self.emitter = emitter
    }

    override func finish() throws(ServiceError) -> Phase? {
        emitter.emit(batch)
        emitter.finish()
        return nil
    }
}
