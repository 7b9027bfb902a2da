package import StoaModel

/// One numbered sequence of batches: a producer's stream.
package struct ProducerKey: Hashable, Comparable, Sendable {
    package var high: UInt64
    package var low: UInt64
    package var stream: UInt32

    package init(_ origin: BatchOrigin) {
        high = origin.producerHigh
        low = origin.producerLow
        stream = origin.stream
    }

    package init(high: UInt64, low: UInt64, stream: UInt32) {
        self.high = high
        self.low = low
        self.stream = stream
    }

    /// By producer, then stream.
    package static func < (left: ProducerKey, right: ProducerKey) -> Bool {
        (left.high, left.low, left.stream) < (right.high, right.low, right.stream)
    }
}

/// What is remembered of one stream.
package struct ProducerState: Equatable, Sendable {
    /// Batches whose fingerprints are remembered.
    package static let recentCountLimit = 64

    /// A batch that was accepted.
    package struct Batch: Equatable, Sendable {
        package var lsn: UInt64
        package var fingerprint: UInt32

        package init(lsn: UInt64, fingerprint: UInt32) {
            self.lsn = lsn
            self.fingerprint = fingerprint
        }
    }

    package var epoch: UInt32
    package var lastSequence: UInt64
    /// Microseconds since 1970 UTC of the last batch.
    package var lastTime: Int64
    /// The last batches, the one of `lastSequence` at the end.
    package var recent: [Batch]

    package init(epoch: UInt32, lastSequence: UInt64, lastTime: Int64, recent: [Batch]) {
        self.epoch = epoch
        self.lastSequence = lastSequence
        self.lastTime = lastTime
        self.recent = recent
    }

    /// The batch of a sequence, if it is remembered.
    package func batch(_ sequence: UInt64) -> Batch? {
        let distance = lastSequence - sequence
        return distance < UInt64(recent.count) ? recent[recent.count - 1 - Int(distance)] : nil
    }
}

/// Decides for every batch whether it is new. Keyed by (producer, stream), independent of tables.
///
/// Pure; the same rules run on live traffic and on replay.
package struct ProducerTable: Equatable, Sendable {
    package private(set) var states: [ProducerKey: ProducerState] = [:]

    package init() {}

    package init(_ states: [ProducerKey: ProducerState]) { self.states = states }

    /// What is to be done with a batch.
    package enum Verdict: Equatable, Sendable {
        case accept
        /// It is stored already, under that LSN (of the last known batch when it is forgotten).
        case duplicate(lsn: UInt64)
    }

    /// Judges a batch and changes nothing.
    ///
    /// - Throws: `sequenceGap`, `sequenceReused`, `fenced`, `unknownProducer`.
    package func judge(
        _ origin: BatchOrigin, fingerprint: UInt32
    ) throws(StorageError) -> Verdict {
        if origin.isNone { return .accept }
        guard let state = states[ProducerKey(origin)] else {
            guard origin.sequence == 1 else { throw .unknownProducer(sequence: origin.sequence) }
            return .accept
        }
        guard origin.epoch >= state.epoch else { throw .fenced(currentEpoch: state.epoch) }
        if origin.sequence <= state.lastSequence {
            guard let stored = state.batch(origin.sequence) else {
                return .duplicate(lsn: state.recent.last?.lsn ?? 0)
            }
            guard stored.fingerprint == fingerprint else {
                throw .sequenceReused(sequence: origin.sequence)
            }
            return .duplicate(lsn: stored.lsn)
        }
        guard origin.sequence == state.lastSequence + 1 else {
            throw .sequenceGap(expected: state.lastSequence + 1, found: origin.sequence)
        }
        return .accept
    }

    /// Remembers an accepted batch. Returns what was known before, for `restore`.
    @discardableResult
    package mutating func accept(
        _ origin: BatchOrigin, _ batch: ProducerState.Batch, time: Int64
    ) -> ProducerState? {
        if origin.isNone { return nil }
        let key = ProducerKey(origin)
        let before = states[key]
        var state =
            before
            ?? ProducerState(epoch: origin.epoch, lastSequence: 0, lastTime: time, recent: [])
        state.epoch = origin.epoch
        state.lastSequence = origin.sequence
        state.lastTime = time
        if state.recent.count == ProducerState.recentCountLimit { state.recent.removeFirst() }
        state.recent.append(batch)
        states[key] = state
        return before
    }

    /// Takes back what `accept` did, latest first.
    package mutating func restore(_ origin: BatchOrigin, _ before: ProducerState?) {
        if !origin.isNone { states[ProducerKey(origin)] = before }
    }
}
