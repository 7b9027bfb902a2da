package import StoaModel

/// From the narrow lanes of vectors to plain 64-bit numbers, and sums that need no such step.
package enum IntegerLanes {
    /// The values as 64-bit patterns: in place when they are that already, else in `buffer`.
    package static func widen(
        _ source: Vector.Integers, rowCount: Int, into buffer: UnsafeMutablePointer<Int64>
    ) -> UnsafePointer<Int64> {
        let (base, multiplier) = (source.base, source.multiplier)
        switch source.lane {
        case .constant: buffer.update(repeating: base, count: rowCount)
        case .u8: widen(source.values, UInt8.self, (base, multiplier), rowCount, buffer)
        case .u16: widen(source.values, UInt16.self, (base, multiplier), rowCount, buffer)
        case .u32: widen(source.values, UInt32.self, (base, multiplier), rowCount, buffer)
        case .u64:
            if base == 0, multiplier == 1 {
                return source.values.assumingMemoryBound(to: Int64.self)
            }
            widen(source.values, UInt64.self, (base, multiplier), rowCount, buffer)
        }
        return UnsafePointer(buffer)
    }

    @inline(__always)
    private static func widen<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ lane: T.Type, _ line: (base: Int64, multiplier: Int64),
        _ rowCount: Int, _ buffer: UnsafeMutablePointer<Int64>
    ) {
        let numbers = values.assumingMemoryBound(to: T.self)
        let (base, multiplier) = line
        if multiplier == 1 {
            for row in 0..<rowCount {
                buffer[row] = base &+ Int64(truncatingIfNeeded: numbers[row])
            }
        } else if T.bitWidth <= 32, multiplier > 0, multiplier <= Int64(UInt32.max) {
            // One instruction multiplies numbers of 32 bits into 64.
            let factor = UInt64(UInt32(truncatingIfNeeded: multiplier))
            for row in 0..<rowCount {
                let number = UInt64(UInt32(truncatingIfNeeded: numbers[row]))
                buffer[row] = base &+ Int64(bitPattern: factor &* number)
            }
        } else {
            for row in 0..<rowCount {
                buffer[row] = base &+ multiplier &* Int64(truncatingIfNeeded: numbers[row])
            }
        }
    }

    /// Codes of strings: always plain unsigned numbers below 2^32.
    package static func codes(
        _ source: Vector.Integers, rowCount: Int, into buffer: UnsafeMutablePointer<UInt32>
    ) -> UnsafePointer<UInt32> {
        let base = UInt32(truncatingIfNeeded: source.base)
        let multiplier = UInt32(truncatingIfNeeded: source.multiplier)
        switch source.lane {
        case .constant: buffer.update(repeating: base, count: rowCount)
        case .u8: codes(source.values, UInt8.self, (base, multiplier), rowCount, buffer)
        case .u16: codes(source.values, UInt16.self, (base, multiplier), rowCount, buffer)
        case .u32:
            if base == 0, multiplier == 1 {
                return source.values.assumingMemoryBound(to: UInt32.self)
            }
            codes(source.values, UInt32.self, (base, multiplier), rowCount, buffer)
        case .u64: codes(source.values, UInt64.self, (base, multiplier), rowCount, buffer)
        }
        return UnsafePointer(buffer)
    }

    @inline(__always)
    private static func codes<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ lane: T.Type, _ line: (base: UInt32, multiplier: UInt32),
        _ rowCount: Int, _ buffer: UnsafeMutablePointer<UInt32>
    ) {
        let numbers = values.assumingMemoryBound(to: T.self)
        let (base, multiplier) = line
        for row in 0..<rowCount {
            buffer[row] = base &+ multiplier &* UInt32(truncatingIfNeeded: numbers[row])
        }
    }

    /// Smallest and largest of at least one signed number.
    package static func bounds(
        _ values: UnsafePointer<Int64>, rowCount: Int
    ) -> ClosedRange<Int64> {
        var low = values[0]
        var high = values[0]
        for row in 0..<rowCount {
            let value = values[row]
            low = value < low ? value : low
            high = value > high ? value : high
        }
        return low...high
    }

    /// Signed numbers as 128-bit ones.
    package static func toWide(
        _ values: UnsafePointer<Int64>, isUnsigned: Bool, rowCount: Int,
        into buffer: UnsafeMutablePointer<Int128>
    ) {
        if isUnsigned {
            for row in 0..<rowCount { buffer[row] = Int128(UInt64(bitPattern: values[row])) }
        } else {
            for row in 0..<rowCount { buffer[row] = Int128(values[row]) }
        }
    }
}
