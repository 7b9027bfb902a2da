internal import CStoa

/// Moves that go by a table in registers.
package enum ByteTables {
    /// Spreads `count` numbers of 1, 2, 4 or 8 bytes over whole words of a mask: each row gets
    /// the number of the next row whose bit is set.
    ///
    /// - Returns: How many words were done. It stops before a word that could need a number
    ///   behind the last, and does nothing where the machine has no such instruction.
    package static func spread(
        _ source: UnsafeRawPointer, count: Int, byteCount: Int, mask: UnsafePointer<UInt64>,
        wordCount: Int, into target: UnsafeMutableRawPointer
    ) -> Int {
        stoa_spread(source, count, byteCount, mask, wordCount, target)
    }

    /// Fills `target` with the entries of a table of 16 at `count` codes, which are below 16.
    package static func lookUp(
        _ codes: UnsafePointer<UInt8>, count: Int, table: UnsafePointer<UInt16>,
        into target: UnsafeMutablePointer<UInt16>
    ) {
        stoa_look_up(codes, count, table, target)
    }
}
