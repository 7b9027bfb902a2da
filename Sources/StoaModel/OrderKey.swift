/// Floats and unsigned numbers as signed integers in the same order, so that one kernel compares,
/// groups and sorts all of them.
///
/// A float's key is its bit pattern with the magnitude flipped below zero; -0.0 has the key of
/// 0.0 and every NaN the key of one NaN above +Inf, which is the order of the design's §3.
@usableFromInline
package enum OrderKey {
    /// The key of every NaN.
    package static let nan: Int64 = 0x7FF8_0000_0000_0000

    /// The key of a float.
    @inlinable
    package static func key(_ value: Double) -> Int64 {
        // `0.0 + value` turns -0.0 into 0.0 and leaves everything else.
        let bits = Int64(bitPattern: (0.0 + value).bitPattern)
        let ordered = bits ^ Int64(bitPattern: UInt64(bitPattern: bits &>> 63) &>> 1)
        return value == value ? ordered : 0x7FF8_0000_0000_0000
    }

    /// The float of a key.
    @inlinable
    package static func float(_ key: Int64) -> Double {
        // The flip is its own inverse: it leaves the sign bit, which decides it.
        let bits = key ^ Int64(bitPattern: UInt64(bitPattern: key &>> 63) &>> 1)
        return Double(bitPattern: UInt64(bitPattern: bits))
    }

    /// The keys of floats.
    package static func keys(
        _ values: UnsafePointer<Double>, rowCount: Int, into buffer: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount { buffer[row] = key(values[row]) }
    }

    /// The keys of unsigned 64-bit patterns: their order with the sign bit flipped.
    package static func keys(
        unsigned values: UnsafePointer<Int64>, rowCount: Int,
        into buffer: UnsafeMutablePointer<Int64>
    ) {
        for row in 0..<rowCount { buffer[row] = values[row] ^ .min }
    }
}
