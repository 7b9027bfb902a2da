internal import StoaDisk
package import StoaModel

extension StorageError {
    /// The error as a client sees it: number, sentence, what to do.
    package var serviceError: ServiceError {
        requestError ?? waitError ?? machineError
    }

    /// 1xxx: change the request.
    private var requestError: ServiceError? {
        switch self {
        case .unknownTable(let name): ServiceError(.unknownTable, "There is no table \(name).")
        case .tableExists(let name): ServiceError(.tableExists, "Table \(name) exists already.")
        case .badName(let name):
            ServiceError(
                .badName, "\"\(name)\" cannot be a name.",
                hint: "Names have 1 to 128 bytes of UTF-8 and no control characters.")
        case .duplicateColumn(let name):
            ServiceError(.duplicateColumn, "Column \(name) is there twice.")
        case .unknownColumn(let name): ServiceError(.unknownColumn, "There is no column \(name).")
        case .typeMismatch(let column, let expected, let found):
            ServiceError(
                .schemaMismatch, "Column \(column) is \(expected), the batch has \(found).")
        case .notNullViolation(let column):
            ServiceError(.notNullViolation, "Column \(column) takes no NULL.")
        case .badBatch(let reason): ServiceError(.badBatch, reason)
        case .notSupported(let reason): ServiceError(.notSupported, reason)
        case .duplicateLabel(let label):
            ServiceError(
                .duplicateLabel, "A load with the label \(label) was committed before.",
                hint: "Nothing was loaded a second time.")
        case .rowCountMismatch(let expected, let found):
            ServiceError(.badBatch, "The load was to have \(expected) rows and has \(found).")
        case .sequenceGap(let expected, let found):
            ServiceError(.sequenceGap, "Sequence \(found) came where \(expected) is expected.")
        case .sequenceReused(let sequence):
            ServiceError(.sequenceReused, "Sequence \(sequence) was used for another batch.")
        case .fenced(let epoch):
            ServiceError(.producerFenced, "The producer goes on in epoch \(epoch).")
        case .unknownProducer(let sequence):
            ServiceError(
                .unknownProducer,
                "Nothing is known of the producer, and \(sequence) is not its first sequence.")
        default: nil
        }
    }

    /// 2xxx: wait and send it again.
    private var waitError: ServiceError? {
        switch self {
        case .overloaded(let delay):
            ServiceError(
                .overloaded, "Rows arrive faster than they can be stored.",
                retryAfterMilliseconds: delay)
        case .shuttingDown: ServiceError(.shuttingDown, "The daemon is stopping.")
        case .diskFull(let free):
            ServiceError(
                .diskFull, "The disk is full, \(free) bytes are free.",
                hint: "Writes go on by themselves when there is room.",
                retryAfterMilliseconds: 1_000)
        case .disk(let error) where error.isDiskFull:
            ServiceError(.diskFull, "The disk is full.", retryAfterMilliseconds: 1_000)
        case .durabilityUnknown:
            ServiceError(
                .durabilityUnknown, "A sync failed: the batch may or may not be stored.",
                hint: "Send it again with the same sequence.", retryAfterMilliseconds: 1_000)
        default: nil
        }
    }

    /// What to do about damage, for whoever has no backup too.
    private static func damageHint(table: String) -> String {
        "Restore the file from a backup and restart the daemon; or give up the rows that need it: "
            + "ALTER TABLE \(table) DROP DAMAGED ROWS. Queries that need none of them go on."
    }

    /// 3xxx and 4xxx: the machine, or the stored bytes.
    private var machineError: ServiceError {
        switch self {
        case .disk(let error):
            ServiceError(
                .ioError,
                "\(error.operation.rawValue) of \(error.path) failed with errno \(error.errno).")
        case .directoryInUse(let processID):
            ServiceError(
                .directoryInUse,
                "Another daemon uses the data directory"
                    + (processID.map { " (process \($0))." } ?? "."))
        case .directoryNotEmpty(let name):
            ServiceError(
                .directoryNotEmpty, "The data directory holds \(name) but no database.",
                hint: "Give an empty directory, or restore the file CURRENT.")
        case .directoryUnusable(let reason): ServiceError(.directoryUnusable, reason)
        case .formatTooNew(let path, let found, let supported):
            ServiceError(
                .formatTooNew,
                "\(path) has format \(found), this program reads up to \(supported).",
                hint: "Use a newer program. Nothing was changed.")
        case .logPoisoned:
            ServiceError(
                .logPoisoned, "A sync failed: nothing is stored until the daemon is restarted.")
        case .corruptBlock(let block):
            ServiceError(
                .corruptBlock,
                "\(block.place) of column \(block.column) of table \(block.table) "
                    + (block.isUnreadable ? "cannot be read: " : "is damaged: ")
                    + "\(block.path) at byte \(block.byteOffset).",
                hint: Self.damageHint(table: block.table))
        case .corruptSegment(let path, let offset, let reason):
            ServiceError(
                .corruptSegment, "\(path) is damaged at byte \(offset): \(reason).",
                hint: Self.damageHint(table: "…"))
        case .corruptManifest(let path, let offset, let reason):
            ServiceError(
                .corruptManifest, "\(path) is damaged at byte \(offset): \(reason).",
                hint: "Nothing was changed. Restore the file, or the database from a backup; an "
                    + "older manifest is not used, because it lacks what was stored since.")
        case .corruptLog(let log):
            ServiceError(
                .corruptLog,
                "\(log.path) is damaged at byte \(log.byteOffset): \(log.reason); acknowledged "
                    + "records \(log.firstLSN) to \(log.lastLSN) are affected.",
                hint: "Nothing was changed. Restore the file, or the database from a backup.")
        default: ServiceError(.ioError, "\(self)")
        }
    }
}
