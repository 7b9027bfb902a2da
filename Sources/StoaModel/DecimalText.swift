/// Reads and writes scaled integers as text.
package enum DecimalText {
    /// A number that text spelled exactly: `unscaled` × 10^-`scale`.
    package struct Parsed: Equatable, Sendable {
        package var unscaled: Int128
        package var scale: Int

        package init(unscaled: Int128, scale: Int) {
            self.unscaled = unscaled
            self.scale = scale
        }
    }

    /// `[+-]digits[.digits]` with at least one digit and at most 38 significant ones; nil for
    /// anything else. `scale` is the count of digits written after the point.
    package static func parse(_ text: UnsafeRawBufferPointer) -> Parsed? {
        var index = 0
        var isNegative = false
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+")
        {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        var unscaled: Int128 = 0
        var scale = 0
        var digitCount = 0
        var isPastPoint = false
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == UInt8(ascii: "."), !isPastPoint {
                isPastPoint = true
                continue
            }
            guard byte >= 48, byte <= 57 else { return nil }
            guard unscaled < Int128.powerOfTen(37) else { return nil }
            unscaled = unscaled * 10 + Int128(byte - 48)
            digitCount += 1
            if isPastPoint { scale += 1 }
        }
        guard digitCount > 0, scale <= 38 else { return nil }
        return Parsed(unscaled: isNegative ? -unscaled : unscaled, scale: scale)
    }

    /// The number at another scale; nil when digits other than zero would be lost or it would
    /// not fit 38 digits.
    package static func rescale(_ number: Parsed, to scale: Int) -> Int128? {
        if scale >= number.scale {
            guard scale - number.scale <= 38 else { return nil }
            let (product, overflowed) = number.unscaled.multipliedReportingOverflow(
                by: .powerOfTen(scale - number.scale))
            return overflowed || product.magnitude >= Int128.powerOfTen(38).magnitude
                ? nil : product
        }
        let (quotient, remainder) = number.unscaled.quotientAndRemainder(
            dividingBy: .powerOfTen(number.scale - scale))
        return remainder == 0 ? quotient : nil
    }

    /// Writes all `scale` digits after the point: 150 at scale 2 is `1.50`.
    package static func append(_ unscaled: Int128, scale: Int, to text: inout [UInt8]) {
        if unscaled < 0 { text.append(UInt8(ascii: "-")) }
        let digits = Array(String(unscaled.magnitude).utf8)
        let padding = max(0, scale + 1 - digits.count)
        let padded = [UInt8](repeating: UInt8(ascii: "0"), count: padding) + digits
        text.append(contentsOf: padded.prefix(padded.count - scale))
        guard scale > 0 else { return }
        text.append(UInt8(ascii: "."))
        text.append(contentsOf: padded.suffix(scale))
    }
}
