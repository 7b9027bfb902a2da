internal import StoaModel

/// Single numbers of packed vectors.
extension BitPacking {
    /// The number at one position.
    static func number(_ source: UnsafeRawPointer, width: Int, at position: Int) -> UInt64 {
        switch Lane(width: width) {
        case .constant: 0
        case .u8: UInt64(number(source, UInt8.self, width, position))
        case .u16: UInt64(number(source, UInt16.self, width, position))
        case .u32: UInt64(number(source, UInt32.self, width, position))
        case .u64: number(source, UInt64.self, width, position)
        }
    }

    /// Rows of one vector that are wanted, in a list of rows of a block.
    struct Picked {
        let rows: UnsafePointer<UInt16>
        /// Of `rows`.
        let places: Range<Int>
        /// The vector's first row.
        let firstRow: Int
    }

    /// Writes the wanted numbers, each with `addend` added, to their places in `target`, in a lane
    /// that holds them.
    static func pick(
        _ picked: Picked, from source: UnsafeRawPointer, width: Int, adding addend: UInt64,
        into target: UnsafeMutableRawPointer, lane: Lane
    ) {
        switch lane {
        case .constant: return
        case .u8: pick(picked, source, width, addend, target, UInt8.self)
        case .u16: pick(picked, source, width, addend, target, UInt16.self)
        case .u32: pick(picked, source, width, addend, target, UInt32.self)
        case .u64: pick(picked, source, width, addend, target, UInt64.self)
        }
    }

    private static func pick<T: FixedWidthInteger & UnsignedInteger>(
        _ picked: Picked, _ source: UnsafeRawPointer, _ width: Int, _ addend: UInt64,
        _ target: UnsafeMutableRawPointer, _: T.Type
    ) {
        switch Lane(width: width) {
        case .constant: pick(picked, addend, target, T.self) { _ in UInt8(0) }
        case .u8: pick(picked, addend, target, T.self) { number(source, UInt8.self, width, $0) }
        case .u16: pick(picked, addend, target, T.self) { number(source, UInt16.self, width, $0) }
        case .u32: pick(picked, addend, target, T.self) { number(source, UInt32.self, width, $0) }
        case .u64: pick(picked, addend, target, T.self) { number(source, UInt64.self, width, $0) }
        }
    }

    @inline(__always)
    private static func pick<
        S: FixedWidthInteger & UnsignedInteger, T: FixedWidthInteger & UnsignedInteger
    >(
        _ picked: Picked, _ addend: UInt64, _ target: UnsafeMutableRawPointer, _: T.Type,
        _ number: (Int) -> S
    ) {
        let output = target.assumingMemoryBound(to: T.self)
        let added = T(truncatingIfNeeded: addend)
        let (rows, firstRow) = (picked.rows, picked.firstRow)
        for place in picked.places {
            let number = number(Int(rows[place]) &- firstRow)
            output[place] = T(truncatingIfNeeded: number) &+ added
        }
    }

    /// Without a branch that depends on the position, so that several numbers are fetched at once.
    @inline(__always)
    private static func number<S: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _: S.Type, _ width: Int, _ position: Int
    ) -> S {
        let words = source.assumingMemoryBound(to: S.self)
        let laneBits = S.bitWidth
        let laneCount = 1_024 / laneBits
        // The inverse of the layout's order: P is its own.
        let permuted = (position & 127) &>> 4 & ~(laneCount &>> 4 &- 1)
        let group = ((permuted & 1) &<< 2) | (permuted & 2) | ((permuted & 4) &>> 2)
        let bit = (group &* 8 &+ position &>> 7) &* width
        let shift = bit & (laneBits &- 1)
        let index = bit / laneBits &* laneCount &+ position & (laneCount &- 1)
        // A number in one word gets that word's bits again, above its width.
        let next = shift &+ width > laneBits ? laneCount : 0
        let low = words[index] &>> S(truncatingIfNeeded: shift)
        let high = words[index &+ next] &<< S(truncatingIfNeeded: laneBits &- shift)
        return (low | high) & S(truncatingIfNeeded: UInt64.mask(width: width))
    }
}
