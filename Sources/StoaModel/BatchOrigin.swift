/// Who sent a batch, and which of its batches it is: the key of exactly-once ingest.
///
/// Source: decision 11 of the design. Deduplication is keyed by (`producer`, `stream`), both
/// chosen by the client and independent of tables.
package struct BatchOrigin: Hashable, Sendable {
    /// 128 random bits, high and low half; both zero: no producer, no deduplication.
    package var producerHigh: UInt64
    package var producerLow: UInt64
    package var stream: UInt32
    /// Grows at each restart of the producer; an older one is fenced.
    package var epoch: UInt32
    /// 1, 2, 3, … within one stream.
    package var sequence: UInt64

    package init(
        producerHigh: UInt64, producerLow: UInt64, stream: UInt32, epoch: UInt32, sequence: UInt64
    ) {
        self.producerHigh = producerHigh
        self.producerLow = producerLow
        self.stream = stream
        self.epoch = epoch
        self.sequence = sequence
    }

    /// A batch without a producer.
    package static let none = BatchOrigin(
        producerHigh: 0, producerLow: 0, stream: 0, epoch: 0, sequence: 0)

    package var isNone: Bool { producerHigh == 0 && producerLow == 0 }
}
