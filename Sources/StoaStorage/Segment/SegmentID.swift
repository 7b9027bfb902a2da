/// The number of a segment; never reused. Its file is `seg/` and sixteen hexadecimal digits.
package struct SegmentID: Hashable, Sendable {
    package let number: UInt64

    package init(_ number: UInt64) { self.number = number }

    /// The directory of all segments.
    package static let directory = "seg"

    /// The segment's file.
    package var path: String {
        let digits = String(number, radix: 16)
        return "seg/" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// The name the file has until it is complete and verified.
    package var temporaryPath: String { path + ".tmp" }
}
