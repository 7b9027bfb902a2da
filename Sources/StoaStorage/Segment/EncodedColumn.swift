internal import StoaBase
internal import StoaCodec
internal import StoaModel

/// One column of a segment, encoded and proved to decode, waiting for its place in the file.
struct EncodedColumn: Sendable {
    /// The bytes of the dictionary; nil for columns without one.
    var dictionary: [UInt8]?
    var dictionaryCount = 0
    var blocks: [Block] = []
    /// The bytes of the filter section; nil without filters.
    var filters: [UInt8]?

    /// One block and what the footer will say of it.
    struct Block: Sendable {
        var bytes: [UInt8]
        var rootEncoding: UInt8
        var statistics: BlockStatistics
        var codes: ClosedRange<UInt32>?
        /// What tells absent values from present ones, if it pays.
        var filter: [UInt8]?
    }

    /// Bytes of the dictionary, all blocks and the filters, each padded.
    var byteCount: Int {
        blocks.reduce(
            SegmentLayout.align(dictionary?.count ?? 0)
                + SegmentLayout.align(filters?.count ?? 0)
        ) {
            $0 + SegmentLayout.align($1.bytes.count)
        }
    }
}
