package import StoaModel

/// One block as it goes to disk, and what is known of its rows.
package struct EncodedBlock: Sendable {
    /// A multiple of 64 bytes; ends in at least 64 zero bytes, so that kernels need no tail.
    package var bytes: [UInt8]
    /// For `.codes`: bounds and sum of the codes.
    package var statistics: BlockStatistics
    package var rootEncoding: Encoding
    /// The encoding tree, for example `MASKED(FOR u16 w≤11)`.
    package var description: String
    /// What the next block of the column may start from; nil where nothing was chosen.
    package var hint: ChoiceHint?
}
