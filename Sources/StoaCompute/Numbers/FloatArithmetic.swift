/// Arithmetic on batches of doubles: IEEE 754, no errors.
package enum FloatArithmetic {
    package typealias Input = UnsafePointer<Double>
    package typealias Output = UnsafeMutablePointer<Double>

    /// `+`.
    package static func add(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] + right[row] }
    }

    /// `-`.
    package static func subtract(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] - right[row] }
    }

    /// `*`.
    package static func multiply(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] * right[row] }
    }

    /// `/`.
    package static func divide(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row] / right[row] }
    }

    /// `//`: the quotient towards zero.
    package static func integerDivide(
        _ left: Input, _ right: Input, rowCount: Int, into out: Output
    ) {
        for row in 0..<rowCount { out[row] = (left[row] / right[row]).rounded(.towardZero) }
    }

    /// `%`: the remainder with the sign of the dividend (C's `fmod`).
    package static func modulo(_ left: Input, _ right: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = left[row].truncatingRemainder(dividingBy: right[row]) }
    }

    /// `-x`.
    package static func negate(_ values: Input, rowCount: Int, into out: Output) {
        for row in 0..<rowCount { out[row] = -values[row] }
    }
}
