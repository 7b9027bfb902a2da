internal import StoaModel

/// The two powers of ten between a float and its integer d: d is the float × 10^exponent ×
/// 10^-factor, rounded; the float is d × 10^factor × 10^-exponent, in exactly two multiplications
/// by the constants below, each rounded once.
///
/// Source: Afroozeh, Kuffo and Boncz, "ALP: Adaptive Lossless floating-Point Compression"
/// (SIGMOD 2023), and the ALP encoding of the Parquet format.
struct ALPScale: Equatable {
    let format: FloatFormat
    let exponent: Int
    let factor: Int

    /// The largest exponent; a factor is never above its exponent.
    static func exponentLimit(_ format: FloatFormat) -> Int { format == .float32 ? 10 : 18 }

    /// 2^51 + 2^52. Adding it to a double below 2^51 rounds it to a whole number, which then
    /// stands in the low bits; AVX2 has no instruction that converts 64-bit integers.
    static let magic = 6_755_399_441_055_744.0
    static let magicBits: UInt64 = 0x4338_0000_0000_0000
    /// Scaled doubles from here on are exceptions.
    private static let doubleLimit = 2_251_799_813_685_248.0
    /// Scaled floats from here on are exceptions.
    private static let floatLimit = 2_147_483_647.0

    private static let powers: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
        1e16, 1e17, 1e18,
    ]
    private static let inverses: [Double] = [
        1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13,
        1e-14, 1e-15, 1e-16, 1e-17, 1e-18,
    ]
    private static let floatPowers: [Float] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10,
    ]
    private static let floatInverses: [Float] = [
        1e0, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10,
    ]

    // MARK: Encode

    /// The constants of one scale, looked up once.
    struct Constants {
        let up: Double
        let down: Double
        let back: (Double, Double)
        let floatBack: (Float, Float)

        init(_ scale: ALPScale) {
            up = powers[scale.exponent]
            down = inverses[scale.factor]
            back = (powers[scale.factor], inverses[scale.exponent])
            let isFloat = scale.format == .float32
            floatBack =
                isFloat
                ? (floatPowers[scale.factor], floatInverses[scale.exponent]) : (1, 1)
        }

        /// The integer of a double, and 0 where it decodes to the same bits, else 1.
        @inline(__always)
        func double(_ pattern: UInt64) -> (number: UInt64, isException: UInt8) {
            let scaled = Double(bitPattern: pattern) * up * down
            let shifted = scaled + magic
            let decoded = (shifted - magic) * back.0 * back.1
            let differs: UInt8 = decoded.bitPattern == pattern ? 0 : 1
            let isFar: UInt8 = scaled.magnitude < doubleLimit ? 0 : 1
            return (shifted.bitPattern &- magicBits, differs | isFar)
        }

        /// The integer of a float, scaled as a double.
        @inline(__always)
        func float(_ pattern: UInt64) -> (number: UInt64, isException: UInt8) {
            let value = Float(bitPattern: UInt32(truncatingIfNeeded: pattern))
            let scaled = Double(value) * up * down
            let shifted = scaled + magic
            let number = Int32(truncatingIfNeeded: shifted.bitPattern &- magicBits)
            let decoded = Float(number) * floatBack.0 * floatBack.1
            let differs: UInt8 = decoded.bitPattern == value.bitPattern ? 0 : 1
            let isFar: UInt8 = scaled.magnitude < floatLimit ? 0 : 1
            return (UInt64(bitPattern: Int64(number)), differs | isFar)
        }
    }

    /// The integers of some floats and a 1 for each that is an exception.
    @inline(never)
    func encode(
        _ patterns: UnsafePointer<UInt64>, count: Int, into numbers: UnsafeMutablePointer<UInt64>,
        _ exceptions: UnsafeMutablePointer<UInt8>
    ) {
        let constants = Constants(self)
        if format == .float64 {
            for row in 0..<count {
                (numbers[row], exceptions[row]) = constants.double(patterns[row])
            }
        } else {
            for row in 0..<count {
                (numbers[row], exceptions[row]) = constants.float(patterns[row])
            }
        }
    }

    // MARK: Decode

    /// Floats from their integers, as bits in the format's lane.
    func decode(_ numbers: Vector.Integers, count: Int, into target: UnsafeMutableRawPointer) {
        let constants = Constants(self)
        if format == .float64 {
            let output = target.assumingMemoryBound(to: Double.self)
            let factors = DoubleFactors(numbers, constants)
            switch numbers.lane {
            case .constant: output.update(repeating: factors.value(0), count: count)
            case .u8: Self.bytesToDoubles(numbers.values, count, factors, output)
            case .u16: Self.shortsToDoubles(numbers.values, count, factors, output)
            case .u32: Self.wordsToDoubles(numbers.values, count, factors, output)
            case .u64: Self.longsToDoubles(numbers.values, count, factors, output)
            }
        } else {
            let output = target.assumingMemoryBound(to: Float.self)
            let factors = FloatFactors(numbers, constants)
            switch numbers.lane {
            case .constant: output.update(repeating: factors.value(0), count: count)
            case .u8: Self.bytesToFloats(numbers.values, count, factors, output)
            case .u16: Self.shortsToFloats(numbers.values, count, factors, output)
            case .u32: Self.wordsToFloats(numbers.values, count, factors, output)
            case .u64: Self.longsToFloats(numbers.values, count, factors, output)
            }
        }
    }

    /// What turns a number of a lane into a double.
    struct DoubleFactors {
        let addend: UInt64
        let multiplier: UInt64
        let back: (Double, Double)

        init(_ numbers: Vector.Integers, _ constants: Constants) {
            addend = UInt64(bitPattern: numbers.base) &+ magicBits
            multiplier = UInt64(bitPattern: numbers.multiplier)
            back = constants.back
        }

        @inline(__always)
        func value(_ number: UInt64) -> Double {
            let shifted = Double(bitPattern: number &* multiplier &+ addend)
            return (shifted - magic) * back.0 * back.1
        }

        /// The same when the multiplier is 1.
        @inline(__always)
        func plainValue(_ number: UInt64) -> Double {
            (Double(bitPattern: number &+ addend) - magic) * back.0 * back.1
        }
    }

    /// What turns a number of a lane into a float.
    struct FloatFactors {
        let base: UInt32
        let multiplier: UInt32
        let back: (Float, Float)

        init(_ numbers: Vector.Integers, _ constants: Constants) {
            base = UInt32(truncatingIfNeeded: numbers.base)
            multiplier = UInt32(truncatingIfNeeded: numbers.multiplier)
            back = constants.floatBack
        }

        @inline(__always)
        func value(_ number: UInt32) -> Float {
            Float(Int32(bitPattern: number &* multiplier &+ base)) * back.0 * back.1
        }
    }

    @inline(__always)
    private static func run<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: DoubleFactors,
        _ target: UnsafeMutablePointer<Double>, _: T.Type
    ) {
        let input = source.assumingMemoryBound(to: T.self)
        if factors.multiplier == 1 {
            for row in 0..<count {
                target[row] = factors.plainValue(UInt64(truncatingIfNeeded: input[row]))
            }
        } else {
            for row in 0..<count {
                target[row] = factors.value(UInt64(truncatingIfNeeded: input[row]))
            }
        }
    }

    @inline(__always)
    private static func run<T: FixedWidthInteger & UnsignedInteger>(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: FloatFactors,
        _ target: UnsafeMutablePointer<Float>, _: T.Type
    ) {
        let input = source.assumingMemoryBound(to: T.self)
        for row in 0..<count {
            target[row] = factors.value(UInt32(truncatingIfNeeded: input[row]))
        }
    }

    // MARK: One entry per lane, so that each loop is compiled for its types.

    @inline(never)
    private static func bytesToDoubles(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: DoubleFactors,
        _ target: UnsafeMutablePointer<Double>
    ) { run(source, count, factors, target, UInt8.self) }

    @inline(never)
    private static func shortsToDoubles(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: DoubleFactors,
        _ target: UnsafeMutablePointer<Double>
    ) { run(source, count, factors, target, UInt16.self) }

    @inline(never)
    private static func wordsToDoubles(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: DoubleFactors,
        _ target: UnsafeMutablePointer<Double>
    ) { run(source, count, factors, target, UInt32.self) }

    @inline(never)
    private static func longsToDoubles(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: DoubleFactors,
        _ target: UnsafeMutablePointer<Double>
    ) { run(source, count, factors, target, UInt64.self) }

    @inline(never)
    private static func bytesToFloats(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: FloatFactors,
        _ target: UnsafeMutablePointer<Float>
    ) { run(source, count, factors, target, UInt8.self) }

    @inline(never)
    private static func shortsToFloats(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: FloatFactors,
        _ target: UnsafeMutablePointer<Float>
    ) { run(source, count, factors, target, UInt16.self) }

    @inline(never)
    private static func wordsToFloats(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: FloatFactors,
        _ target: UnsafeMutablePointer<Float>
    ) { run(source, count, factors, target, UInt32.self) }

    @inline(never)
    private static func longsToFloats(
        _ source: UnsafeRawPointer, _ count: Int, _ factors: FloatFactors,
        _ target: UnsafeMutablePointer<Float>
    ) { run(source, count, factors, target, UInt64.self) }
}
