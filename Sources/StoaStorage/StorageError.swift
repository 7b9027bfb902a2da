package import StoaDisk
package import StoaModel

/// What storage can refuse. A case exists only if some caller acts differently on it.
///
/// Carries places and numbers, never row values: errors end up in logs.
package enum StorageError: Error, Equatable, Sendable {
    // The request is wrong: change it.
    /// There is no such table (any more); the name, or the id when the name is not known.
    case unknownTable(String)
    case tableExists(String)
    case badName(String)
    case duplicateColumn(String)
    /// The batch has a column that the table lacks, or a draft names a column that it lacks.
    case unknownColumn(String)
    case typeMismatch(column: String, expected: ColumnType, found: ColumnType)
    case notNullViolation(column: String)
    case badBatch(String)
    case notSupported(String)
    case duplicateLabel(String)
    /// A bulk load has another number of rows than its sender counted.
    case rowCountMismatch(expected: Int, found: Int)
    /// A producer left batches out; it has to go on at `expected`.
    case sequenceGap(expected: UInt64, found: UInt64)
    /// A number that was used before came again with other bytes.
    case sequenceReused(sequence: UInt64)
    /// A newer life of the same producer has taken over.
    case fenced(currentEpoch: UInt32)
    /// A producer that nothing is known of does not start at 1.
    case unknownProducer(sequence: UInt64)

    // No room or no time now: wait and send it again.
    case overloaded(retryAfterMilliseconds: UInt32)
    case shuttingDown
    case diskFull(freeByteCount: Int)
    /// The batch may or may not have reached the disk; send it again with the same sequence.
    case durabilityUnknown

    // The machine refuses: the operator acts.
    case disk(DiskError)
    case directoryInUse(processID: Int32?)
    /// The directory holds something else; the first foreign name.
    case directoryNotEmpty(String)
    case directoryUnusable(String)
    case formatTooNew(path: String, found: UInt32, supported: UInt32)
    /// A sync failed, so nothing is accepted until a restart has read the disk again.
    case logPoisoned

    // Stored bytes are not what was written.
    case corruptBlock(CorruptBlock)
    case corruptSegment(path: String, byteOffset: Int, reason: String)
    case corruptManifest(path: String, byteOffset: Int, reason: String)
    case corruptLog(CorruptLog)
}

/// Which block of a segment is damaged.
package struct CorruptBlock: Equatable, Sendable {
    package var path: String
    package var table: String
    package var column: String
    /// The block's position in its column.
    package var blockIndex: Int
    package var byteOffset: Int
    package var expectedChecksum: UInt32
    package var foundChecksum: UInt32
    /// Whether the file was cut or the device fails, so that the bytes cannot be read at all.
    package var isUnreadable = false

    /// The place in words.
    package var place: String {
        switch blockIndex {
        case DamageRegister.Place.dictionaryBlock: "The dictionary"
        case DamageRegister.Place.filterBlock: "The filters"
        default: "Block \(blockIndex)"
        }
    }

    package init(
        path: String, table: String, column: String, blockIndex: Int, byteOffset: Int
    ) {
        self.path = path
        self.table = table
        self.column = column
        self.blockIndex = blockIndex
        self.byteOffset = byteOffset
        expectedChecksum = 0
        foundChecksum = 0
    }
}

/// Where acknowledged bytes of the log are damaged, and what they held.
package struct CorruptLog: Equatable, Sendable {
    package var path: String
    package var byteOffset: Int
    /// The first record that cannot be read.
    package var firstLSN: UInt64
    /// The last record that is known to have been durable.
    package var lastLSN: UInt64
    package var reason: String

    package init(
        path: String, byteOffset: Int, firstLSN: UInt64, lastLSN: UInt64, reason: String
    ) {
        self.path = path
        self.byteOffset = byteOffset
        self.firstLSN = firstLSN
        self.lastLSN = lastLSN
        self.reason = reason
    }
}

extension StorageError {
    /// Whether the error is the disk having no room, which ends by itself.
    package var isDiskFull: Bool {
        switch self {
        case .diskFull: true
        case .disk(let error): error.isDiskFull
        default: false
        }
    }
}

extension DiskError {
    /// ENOSPC or EDQUOT.
    package var isDiskFull: Bool { errno == 28 || errno == 122 }

    /// Whether a sync failed: written bytes can then be trusted no more.
    package var isSyncFailure: Bool { operation == .syncData || operation == .syncDirectory }
}

extension StorageError {
    /// Whether a sync failed, so that nothing written since can be trusted.
    package var isSyncFailure: Bool {
        if case .disk(let error) = self { error.isSyncFailure } else { false }
    }
}
