internal import StoaBase

/// The filters of one column, behind its last block: an optional part of a segment.
///
///     offset  size  field
///          0     4  version       1; a reader leaves out what it does not know
///          4     4  blockCount
///          8   8×n  entries       of each block: start u32, byteCount u32, both multiples of 32,
///                                 from the section's beginning; byteCount 0: no filter
///          …     …  zeros up to a multiple of 32, then the filters: see BlockFilter
///
/// The section lies in the padding of the column's last block, whose checksum covers it too, so
/// that versions without filters read the file; its own extent is in the column's entry.
struct FilterSection: Sendable {
    static let version: UInt32 = 1

    private let bytes: Bytes
    /// The places of the filters, a copy, so that they lie in the section whatever happens to it.
    private let entries: Bytes
    private let blockCount: Int

    /// The bytes of a section; nil when no block has a filter.
    static func encode(_ filters: [[UInt8]?]) -> [UInt8]? {
        guard filters.contains(where: { $0 != nil }) else { return nil }
        var output = ByteWriter()
        output.append(version)
        output.append(UInt32(filters.count))
        var start = (8 + filters.count * 8 + 31) / 32 * 32
        for filter in filters {
            output.append(UInt32(filter == nil ? 0 : start))
            output.append(UInt32(filter?.count ?? 0))
            start += filter?.count ?? 0
        }
        output.align(to: 32)
        for filter in filters { output.append(contentsOf: filter ?? []) }
        return output.bytes
    }

    /// Proves that every filter lies in the section. Nil when the version is unknown.
    ///
    /// - Throws: `SegmentDamage` with offsets from the section's beginning.
    static func decode(
        _ bytes: Bytes, blockCount: Int
    ) throws(SegmentDamage) -> FilterSection? {
        guard bytes.count >= 8 + blockCount * 8 else {
            throw .damaged(offset: 0, "a section of filters is cut short")
        }
        guard bytes.integer(at: 0, as: UInt32.self) == version else { return nil }
        guard Int(bytes.integer(at: 4, as: UInt32.self)) == blockCount else {
            throw .damaged(offset: 4, "a section of filters is of other blocks")
        }
        let entries = bytes[8..<8 + blockCount * 8].withUnsafeBytes { Bytes(copying: $0) }
        let section = FilterSection(bytes: bytes, entries: entries, blockCount: blockCount)
        for block in 0..<blockCount {
            let (start, byteCount) = section.entry(block)
            guard start % BlockFilter.bucketByteCount == 0,
                byteCount % BlockFilter.bucketByteCount == 0, start <= bytes.count,
                byteCount <= bytes.count - start
            else { throw .damaged(offset: 8 + block * 8, "a filter lies outside its section") }
        }
        return section
    }

    private func entry(_ block: Int) -> (start: Int, byteCount: Int) {
        (
            Int(entries.integer(at: block * 8, as: UInt32.self)),
            Int(entries.integer(at: block * 8 + 4, as: UInt32.self))
        )
    }

    /// The filter of a block; nil when it has none.
    func filter(_ block: Int) -> Bytes? {
        invariant(block >= 0 && block < blockCount, "the block is in the segment")
        let (start, byteCount) = entry(block)
        return byteCount == 0 ? nil : bytes[start..<start + byteCount]
    }
}
