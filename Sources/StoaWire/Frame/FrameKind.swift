/// What a frame is; the fifth byte of its header. Append; never renumber, never reuse.
///
/// 64 … 79 are kept for authentication. Kinds from 128 on are for experiments and never released.
package enum FrameKind: UInt8, CaseIterable, Sendable {
    case hello = 1
    case welcome = 2
    case ping = 3
    case pong = 4
    case goodbye = 5
    case error = 6
    case cancel = 7
    case credit = 8
    case progress = 9
    case throttle = 10

    case query = 16
    case resultBatch = 17
    case resultEnd = 18
    case aggregate = 19

    case ingest = 32
    case ingestAck = 33

    case bulkOpen = 48
    case bulkOpened = 49
    case bulkBatch = 50
    case bulkAccepted = 51
    case bulkCommit = 52
    case bulkCommitted = 53
    case bulkAbort = 54
    case bulkAborted = 55
}
