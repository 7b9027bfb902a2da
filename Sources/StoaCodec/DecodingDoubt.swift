internal import Synchronization

/// How often bytes of a checked block did not mean what the check had found: they changed after
/// it. Decoders then keep within their bounds, give some values or other, and count it here;
/// whoever made an answer of them verifies the bytes again.
package enum DecodingDoubt {
    private static let counter = Atomic<UInt64>(0)

    /// Of this process so far.
    package static var count: UInt64 { counter.load(ordering: .acquiring) }

    @inline(never)
    static func add() { counter.add(1, ordering: .acquiringAndReleasing) }
}
