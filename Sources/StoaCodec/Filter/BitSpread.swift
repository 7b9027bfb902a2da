/// Moves of bits between the rows of a block and its rows that are not null.
enum BitSpread {
    /// The `count` ≤ 64 bits from bit `position` on; bits behind are anything.
    @inline(__always)
    static func bits(_ words: UnsafePointer<UInt64>, at position: Int) -> UInt64 {
        let shift = UInt64(truncatingIfNeeded: position & 63)
        let low = words[position &>> 6] &>> shift
        // Shifting in two steps: by 64 when the position is a word's first bit, which gives 0.
        return low | (words[position &>> 6 &+ 1] &<< 1) &<< (63 &- shift)
    }

    /// The low bits of `source`, one for each set bit of `places`, at those places.
    ///
    /// Source: Warren, "Hacker's Delight", 2nd edition, 7-5 (expand).
    @inline(__always)
    static func deposit(_ source: UInt64, into places: UInt64) -> UInt64 {
        if places == .max { return source }
        var mask = places
        var zeros = ~mask &<< 1
        var moves = (UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0), UInt64(0))
        func step(_ shift: UInt64) -> UInt64 {
            var parity = zeros ^ (zeros &<< 1)
            parity ^= parity &<< 2
            parity ^= parity &<< 4
            parity ^= parity &<< 8
            parity ^= parity &<< 16
            parity ^= parity &<< 32
            let move = parity & mask
            mask = (mask ^ move) | (move &>> shift)
            zeros &= ~parity
            return move
        }
        moves.0 = step(1)
        moves.1 = step(2)
        moves.2 = step(4)
        moves.3 = step(8)
        moves.4 = step(16)
        moves.5 = step(32)
        var value = source
        value = (value & ~moves.5) | (value &<< 32 & moves.5)
        value = (value & ~moves.4) | (value &<< 16 & moves.4)
        value = (value & ~moves.3) | (value &<< 8 & moves.3)
        value = (value & ~moves.2) | (value &<< 4 & moves.2)
        value = (value & ~moves.1) | (value &<< 2 & moves.1)
        value = (value & ~moves.0) | (value &<< 1 & moves.0)
        return value & places
    }
}
