internal import StoaModel

/// A number that is exactly `unscaled` × 10^-`scale`, scale 0 … 38.
struct ExactNumber: Equatable {
    let unscaled: Int128
    let scale: Int

    /// The number of an integer or decimal constant, else nil.
    init?(_ literal: Literal) {
        switch literal {
        case .integer(let value): self.init(unscaled: value, scale: 0)
        case .decimal(let unscaled, let scale): self.init(unscaled: unscaled, scale: Int(scale))
        case .null, .bool, .float, .date, .timestamp, .string: return nil
        }
    }

    init(unscaled: Int128, scale: Int) {
        self.unscaled = unscaled
        self.scale = scale
    }

    /// `[+-]digits[.digits][e[+-]digits]`; nil for anything else and for what 38 digits do not
    /// hold.
    init?(text: UnsafeRawBufferPointer) {
        let letter = text.firstIndex { $0 | 0x20 == UInt8(ascii: "e") } ?? text.count
        guard let mantissa = DecimalText.parse(UnsafeRawBufferPointer(rebasing: text[..<letter]))
        else { return nil }
        var exponent = 0
        if letter < text.count {
            let digits = UnsafeRawBufferPointer(rebasing: text[(letter + 1)...])
            guard let parsed = DecimalText.parse(digits), parsed.scale == 0,
                !digits.contains(UInt8(ascii: ".")), (-99...99).contains(parsed.unscaled)
            else { return nil }
            exponent = Int(parsed.unscaled)
        }
        self.init(unscaled: mantissa.unscaled, scale: mantissa.scale - exponent, normalised: ())
    }

    /// Brings a scale of any size to 0 … 38 without a loss; nil when that cannot be.
    private init?(unscaled: Int128, scale: Int, normalised: Void) {
        var unscaled = unscaled
        var scale = scale
        while scale > 38, unscaled % 10 == 0, unscaled != 0 {
            unscaled /= 10
            scale -= 1
        }
        if unscaled == 0 { scale = min(max(scale, 0), 38) }
        while scale < 0 {
            let (product, overflowed) = unscaled.multipliedReportingOverflow(by: 10)
            guard !overflowed else { return nil }
            unscaled = product
            scale += 1
        }
        guard scale <= 38, unscaled.magnitude < Int128.powerOfTen(38).magnitude else { return nil }
        self.init(unscaled: unscaled, scale: scale)
    }

    /// The number at another scale, half away from zero; nil when it does not fit 128 bits.
    func rounded(toScale target: Int) -> Int128? {
        if target >= scale {
            let (product, overflowed) = unscaled.multipliedReportingOverflow(
                by: .powerOfTen(target - scale))
            return overflowed ? nil : product
        }
        let divisor = Int128.powerOfTen(scale - target)
        let (quotient, remainder) = unscaled.quotientAndRemainder(dividingBy: divisor)
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else {
            return quotient
        }
        return unscaled < 0 ? quotient - 1 : quotient + 1
    }

    /// The number at another scale; nil when digits would be lost or 38 are too few.
    func exactly(atScale target: Int) -> Int128? {
        if target < scale, unscaled % .powerOfTen(scale - target) != 0 { return nil }
        guard let value = rounded(toScale: target) else { return nil }
        return value.magnitude < Int128.powerOfTen(38).magnitude ? value : nil
    }

    /// Written with all digits of its scale.
    var text: [UInt8] {
        var text: [UInt8] = []
        DecimalText.append(unscaled, scale: scale, to: &text)
        return text
    }

    /// The nearest double, ties to even.
    var double: Double {
        if scale == 0, let small = Int64(exactly: unscaled) { return Double(small) }
        return Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }

    /// The nearest float, rounded once.
    var float: Float { Float(String(decoding: text, as: UTF8.self)) ?? .nan }

    /// Digits of the shortest decimal type that holds it.
    var precision: UInt8 {
        var digitCount: UInt8 = 1
        while digitCount < 38, unscaled.magnitude >= Int128.powerOfTen(Int(digitCount)).magnitude {
            digitCount += 1
        }
        return max(digitCount, UInt8(scale))
    }
}
