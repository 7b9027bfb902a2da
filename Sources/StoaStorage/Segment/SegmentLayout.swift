/// Where things start in a segment file.
enum SegmentLayout {
    /// Every extent starts at a multiple of this: a cache line, and the widest register.
    static let alignment = 64
    /// The unit in which the kernel maps and drops memory.
    static let pageByteCount = 4_096
    /// A column of at least this many bytes starts on a page, so that it can be advised alone.
    static let pageAlignedByteCount = 64 << 10

    /// The next multiple of `alignment` at or behind `offset`.
    static func align(_ offset: Int, to alignment: Int = SegmentLayout.alignment) -> Int {
        (offset + alignment - 1) / alignment * alignment
    }
}
