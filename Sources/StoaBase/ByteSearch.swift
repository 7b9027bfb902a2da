internal import CStoa
internal import Glibc

/// Bytes in bytes.
package enum ByteSearch {
    /// Where `sought` begins, at or behind `start`; an empty one is at `start`. The time is linear
    /// in the lengths, whatever the bytes.
    package static func first(
        _ sought: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        guard let lead = sought.first, let soughtBase = sought.baseAddress else { return start }
        guard text.count - start >= sought.count, let base = text.baseAddress else { return nil }
        let count = text.count - start
        if sought.count == 1 {
            return memchr(base + start, Int32(lead), count).map { UnsafeRawPointer($0) - base }
        }
        return stoa_find(base + start, count, soughtBase, sought.count).map { $0 - base }
    }
}
