internal import StoaBase
internal import StoaCodec

/// Sees to it that an answer was made of the bytes that were written. One for each query.
///
/// A query tells it of every segment before it reads there; before an answer goes out it asks
/// whether all of them still are what they were. Where one is not, what the query read there is
/// verified again: the answer is right, or an error.
package final class ReadGuard: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held.
    private struct Reads {
        let segment: Segment
        let mark: SegmentWatch.Mark
        /// Of the process when the segment was looked at.
        let doubtCount: UInt64
        var places: Set<DamageRegister.Place> = []
    }

    private let lock = Lock()
    private var reads: [ObjectIdentifier: Reads] = [:]
    /// Whether nothing was read since all was found unchanged.
    private var isChecked = true

    package init() {}

    /// Notes that a column's block is about to be read.
    func willRead(_ place: DamageRegister.Place, of segment: Segment) {
        let id = ObjectIdentifier(segment)
        let isKnown = lock.withLock {
            isChecked = false
            return reads[id]?.places.insert(place) != nil
        }
        if isKnown { return }
        let doubtCount = DecodingDoubt.count
        let found = Reads(
            segment: segment, mark: segment.watch.look(), doubtCount: doubtCount,
            places: [place])
        lock.withLock {
            // Another worker may have been quicker; what it saw is older, and so the stricter.
            if reads[id]?.places.insert(place) == nil { reads[id] = found }
        }
    }

    /// Before an answer goes out: all that was read so far is what was written.
    ///
    /// - Throws: `corruptBlock` or `corruptSegment` otherwise.
    package func check() throws(StorageError) {
        let open = lock.withLock { () -> [Reads] in
            defer { isChecked = true }
            return isChecked ? [] : Array(reads.values)
        }
        for read in open { try Self.check(read) }
    }

    /// The same for what was read of one block's segment.
    package func check(_ block: ScanBlock) throws(StorageError) {
        guard let segment = block.segment,
            let read = lock.withLock({ reads[ObjectIdentifier(segment)] })
        else { return }
        try Self.check(read)
    }

    /// Verifies what was read of one block's segment again.
    package func verifyAgain(_ block: ScanBlock) throws(StorageError) {
        guard let segment = block.segment,
            let places = lock.withLock({ reads[ObjectIdentifier(segment)]?.places })
        else { return }
        for place in places { try segment.verifyAgain(place) }
    }

    private static func check(_ read: Reads) throws(StorageError) {
        let segment = read.segment
        // Somebody else may have found damage since, of which the file's stamp tells nothing.
        if segment.watch.isUnchanged(since: read.mark), segment.damages.isEmpty,
            DecodingDoubt.count == read.doubtCount
        {
            return
        }
        for place in read.places { try segment.verifyAgain(place) }
        // What is right now may have been wrong for a moment.
        if segment.watch.wasWritten(since: read.mark) {
            throw .corruptSegment(
                path: segment.path, byteOffset: 0,
                reason: "somebody wrote to the file while the query read it; its checksums are "
                    + "right now, so that the query can be repeated")
        }
    }
}
