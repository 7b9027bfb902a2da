package import StoaModel

/// Who sends batches, so that one that is sent twice is stored once.
public struct Producer: Hashable, Sendable {
    /// 128 random bits, chosen once and kept; high and low half.
    public var high: UInt64
    public var low: UInt64
    /// One of the producer's sequences of batches.
    public var stream: UInt32
    /// Grows with each start of the producer; batches of an older one are refused.
    public var epoch: UInt32

    /// A producer with that identity.
    public init(high: UInt64, low: UInt64, stream: UInt32 = 0, epoch: UInt32 = 1) {
        self.high = high
        self.low = low
        self.stream = stream
        self.epoch = epoch
    }

    /// The origin of its batch with number `sequence`.
    package func origin(sequence: UInt64) -> BatchOrigin {
        BatchOrigin(
            producerHigh: high, producerLow: low, stream: stream, epoch: epoch, sequence: sequence)
    }
}
