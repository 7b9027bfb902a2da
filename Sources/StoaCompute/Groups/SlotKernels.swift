internal import StoaBase
package import StoaModel

/// From the values of one small key to digits, and from digits to slots.
package enum SlotKernels {
    /// `digits = value - low`; what lies outside 32 bits is 2^32 - 1.
    package static func distances(
        _ source: Vector.Integers, from low: Int64, rowCount: Int,
        into digits: UnsafeMutablePointer<UInt32>
    ) {
        let first = UInt64(bitPattern: source.base &- low)
        let multiplier = UInt64(bitPattern: source.multiplier)
        switch source.lane {
        case .constant:
            digits.update(repeating: UInt32(clamping: first), count: rowCount)
        case .u8:
            distances(source.values, UInt8.self, (first, multiplier), rowCount, digits)
        case .u16:
            distances(source.values, UInt16.self, (first, multiplier), rowCount, digits)
        case .u32:
            distances(source.values, UInt32.self, (first, multiplier), rowCount, digits)
        case .u64:
            distances(source.values, UInt64.self, (first, multiplier), rowCount, digits)
        }
    }

    @inline(__always)
    private static func distances<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ lane: T.Type, _ line: (first: UInt64, multiplier: UInt64),
        _ rowCount: Int, _ digits: UnsafeMutablePointer<UInt32>
    ) {
        let numbers = values.assumingMemoryBound(to: T.self)
        let (first, multiplier) = line
        // No number of the lane can leave 32 bits: arithmetic stays in 32-bit lanes. One below the
        // least, which there is not, would become more than 2^31, which is no digit either.
        let isNear = Int64(bitPattern: first).magnitude < 1 << 31
        if T.bitWidth < 32, multiplier == 1,
            isNear || first <= UInt64(UInt32.max) - UInt64(T.max)
        {
            let narrow = UInt32(truncatingIfNeeded: first)
            for row in 0..<rowCount {
                digits[row] = narrow &+ UInt32(truncatingIfNeeded: numbers[row])
            }
            return
        }
        for row in 0..<rowCount {
            let distance = first &+ multiplier &* UInt64(truncatingIfNeeded: numbers[row])
            digits[row] =
                distance > UInt64(UInt32.max) ? .max : UInt32(truncatingIfNeeded: distance)
        }
    }

    /// `digits = map[code]`. Codes are positions in the map.
    package static func translate(
        _ source: Vector.Integers, _ map: UnsafePointer<UInt32>, rowCount: Int,
        into digits: UnsafeMutablePointer<UInt32>
    ) {
        let base = UInt32(truncatingIfNeeded: source.base)
        let multiplier = UInt32(truncatingIfNeeded: source.multiplier)
        switch source.lane {
        case .constant: digits.update(repeating: map[Int(base)], count: rowCount)
        case .u8: translate(source.values, UInt8.self, (base, multiplier), map, rowCount, digits)
        case .u16:
            translate(source.values, UInt16.self, (base, multiplier), map, rowCount, digits)
        case .u32:
            translate(source.values, UInt32.self, (base, multiplier), map, rowCount, digits)
        case .u64:
            translate(source.values, UInt64.self, (base, multiplier), map, rowCount, digits)
        }
    }

    @inline(__always)
    private static func translate<T: FixedWidthInteger & UnsignedInteger>(
        _ values: UnsafeRawPointer, _ lane: T.Type, _ line: (base: UInt32, multiplier: UInt32),
        _ map: UnsafePointer<UInt32>, _ rowCount: Int, _ digits: UnsafeMutablePointer<UInt32>
    ) {
        let codes = values.assumingMemoryBound(to: T.self)
        let (base, multiplier) = line
        for row in 0..<rowCount {
            digits[row] = map[Int(base &+ multiplier &* UInt32(truncatingIfNeeded: codes[row]))]
        }
    }

    /// Keeps the digits of some rows, rising.
    package static func compact(
        _ digits: UnsafeMutablePointer<UInt32>, rows: UnsafePointer<UInt16>, count: Int
    ) {
        for index in 0..<count { digits[index] = digits[Int(rows[index])] }
    }

    /// Gives null rows the digit `null`.
    package static func markNulls(
        _ validity: UnsafePointer<UInt64>, rows: UnsafePointer<UInt16>, count: Int,
        null: UInt32, in digits: UnsafeMutablePointer<UInt32>
    ) {
        for index in 0..<count where !MaskWords.isSet(validity, Int(rows[index])) {
            digits[index] = null
        }
    }

    /// The least and greatest of at least one digit.
    package static func bounds(
        _ digits: UnsafePointer<UInt32>, count: Int
    ) -> ClosedRange<UInt32> {
        var low = digits[0]
        var high = digits[0]
        for index in 0..<count {
            let digit = digits[index]
            low = digit < low ? digit : low
            high = digit > high ? digit : high
        }
        return low...high
    }

    /// `slots = slots × radix + digits`.
    package static func combine(
        _ slots: UnsafeMutablePointer<UInt32>, radix: UInt32, _ digits: UnsafePointer<UInt32>,
        count: Int
    ) {
        for index in 0..<count { slots[index] = slots[index] &* radix &+ digits[index] }
    }

    /// `wide = wide × radix + digits`.
    package static func combine(
        _ wide: UnsafeMutablePointer<UInt64>, radix: UInt64, _ digits: UnsafePointer<UInt32>,
        count: Int
    ) {
        for index in 0..<count {
            wide[index] = wide[index] &* radix &+ UInt64(truncatingIfNeeded: digits[index])
        }
    }
}
