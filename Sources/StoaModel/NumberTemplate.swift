internal import StoaBase

/// What strings have in common that are a prefix and a zero-padded number: `ORD-000007919` is
/// the number 7,919 in the template of prefix `ORD-` and nine digits.
///
/// The canonical form of a string: its longest run of trailing digits, at most the last 18, is
/// the number; everything before is the prefix. A string without trailing digits has none. Every
/// string has one canonical form, and no other string has the same.
@usableFromInline
package final class NumberTemplate: Sendable {
    /// Most digits of a number: all of them fit 63 bits.
    @usableFromInline package static let digitCountLimit = 18
    /// Longest prefix, in bytes, so that a batch written out stays small.
    package static let prefixByteCountLimit = 255

    package let prefix: [UInt8]
    /// Digits of every number, with leading zeros; 1 … 18.
    package let digitCount: Int

    package init(prefix: [UInt8], digitCount: Int) {
        invariant(
            digitCount >= 1 && digitCount <= Self.digitCountLimit
                && prefix.count <= Self.prefixByteCountLimit, "a template is within its limits")
        self.prefix = prefix
        self.digitCount = digitCount
    }

    /// Bytes of every string.
    package var byteCount: Int { prefix.count + digitCount }

    /// One more than the greatest number: 10 to the power of `digitCount`.
    package var numberLimit: UInt64 { Self.powers[digitCount] }

    /// 10 to the power of 0 … 18.
    static let powers: [UInt64] = (0...digitCountLimit).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    /// Whether both make the same string of a number.
    package func isEqual(to other: NumberTemplate) -> Bool {
        self === other || (digitCount == other.digitCount && prefix == other.prefix)
    }

    /// Writes the `byteCount` bytes of one string; of a number that is too large, its last
    /// digits. For single strings; `NumberedText` writes many.
    package func write(_ number: UInt64, into target: UnsafeMutableRawPointer) {
        for (index, byte) in prefix.enumerated() {
            target.storeBytes(of: byte, toByteOffset: index, as: UInt8.self)
        }
        var rest = number
        var position = byteCount
        while position > prefix.count {
            position -= 1
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: 0x30 + rest % 10), toByteOffset: position,
                as: UInt8.self)
            rest /= 10
        }
    }

    /// The digits at the end of a string in its canonical form, and the number that they are.
    @inlinable
    package static func split(
        _ string: UnsafeRawBufferPointer
    ) -> (digitCount: Int, number: UInt64) {
        var digitCount = 0
        var number: UInt64 = 0
        var power: UInt64 = 1
        let limit = string.count < digitCountLimit ? string.count : digitCountLimit
        while digitCount < limit {
            let digit = string[string.count &- 1 &- digitCount] &- 0x30
            if digit > 9 { break }
            number &+= UInt64(digit) &* power
            power &*= 10
            digitCount &+= 1
        }
        return (digitCount, number)
    }
}
