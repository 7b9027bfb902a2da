internal import StoaBase
internal import StoaDisk

/// The bytes of a segment file before they are a `Segment`.
enum SegmentFile {
    /// Maps a file of which the length is known; nil: whatever length it has.
    static func map(
        _ path: String, expectedByteCount: Int?, disk: any Disk
    ) throws(StorageError) -> Bytes {
        let found: DiskFileStatus?
        do throws(DiskError) { found = try disk.status(path) } catch { throw .disk(error) }
        guard let found, !found.isDirectory else {
            throw .corruptSegment(path: path, byteOffset: 0, reason: "the file is missing")
        }
        let smallest = SegmentHeader.byteCount + SegmentTrailer.byteCount
        guard found.byteCount >= smallest, found.byteCount == expectedByteCount ?? found.byteCount
        else {
            throw .corruptSegment(
                path: path, byteOffset: found.byteCount,
                reason: "the file has \(found.byteCount) bytes instead of "
                    + "\(expectedByteCount.map(String.init) ?? "at least \(smallest)")")
        }
        do throws(DiskError) {
            let file = try disk.open(path, .read)
            defer { disk.close(file) }
            return try disk.map(file, byteCount: found.byteCount)
        } catch {
            throw .disk(error)
        }
    }

    /// Reads header, trailer and footer, and proves them.
    static func decodeFooter(_ file: Bytes, path: String) throws(StorageError) -> SegmentFooter {
        do throws(SegmentDamage) {
            let header = try SegmentHeader.decode(file)
            let trailer = try SegmentTrailer.decode(file)
            return try SegmentFooter.decode(file, header: header, trailer: trailer)
        } catch {
            throw error.storageError(path: path)
        }
    }

    /// The footer's checksum as the trailer of a decoded file states it.
    static func footerChecksum(_ file: Bytes) -> UInt32 {
        file.integer(at: file.count - SegmentTrailer.byteCount + 16)
    }
}
