/// The width of the numbers of a vector, whatever the column's type: a BIGINT whose residuals
/// need seven bits arrives as `u8`.
@usableFromInline
package enum Lane: UInt8, Sendable {
    /// No numbers at all: every row has the vector's base.
    case constant = 0
    case u8 = 1, u16 = 2, u32 = 3, u64 = 4

    /// Bytes of one number.
    @inlinable
    package var byteCount: Int {
        switch self {
        case .constant: 0
        case .u8: 1
        case .u16: 2
        case .u32: 4
        case .u64: 8
        }
    }
}

/// Decoded values of one column for up to 4,096 rows: a view into the reader's scratch memory or
/// into mapped bytes, valid until the next read into the same `VectorScratch`.
@usableFromInline
package struct Vector {
    /// Integer-backed values: `base &+ multiplier &* number`, modulo 2^64, where the pattern is
    /// signed except for UINT64. Numbers are unsigned, in `lane` width.
    @usableFromInline
    package struct Integers {
        @usableFromInline package var lane: Lane
        /// `rowCount` numbers of `lane` width; unused when the lane is `.constant`.
        @usableFromInline package var values: UnsafeRawPointer
        @usableFromInline package var base: Int64
        @usableFromInline package var multiplier: Int64

        @inlinable
        package init(
            lane: Lane, values: UnsafeRawPointer, base: Int64 = 0, multiplier: Int64 = 1
        ) {
            self.lane = lane
            self.values = values
            self.base = base
            self.multiplier = multiplier
        }

        /// One value, for slow paths; kernels choose the lane once per vector.
        @inlinable
        package func value(_ row: Int) -> Int64 {
            let number: Int64 =
                switch lane {
                case .constant: 0
                case .u8: Int64(values.load(fromByteOffset: row, as: UInt8.self))
                case .u16: Int64(values.load(fromByteOffset: row &* 2, as: UInt16.self))
                case .u32: Int64(values.load(fromByteOffset: row &* 4, as: UInt32.self))
                case .u64: values.load(fromByteOffset: row &* 8, as: Int64.self)
                }
            return base &+ multiplier &* number
        }
    }

    /// The values, by how they are held.
    @usableFromInline
    package enum Content {
        /// BOOL (0 or 1), integers, DATE, TIMESTAMP and DECIMAL of up to 18 digits.
        case integers(Integers)
        case float32(UnsafePointer<Float>)
        case float64(UnsafePointer<Double>)
        /// DECIMAL of more than 18 digits; only in results.
        case wide(UnsafePointer<Int128>)
        /// Strings as positions in a dictionary.
        case codes(Integers, StringDictionary)
        /// Strings as bytes: row r is `bytes[offsets[r] ..< offsets[r + 1]]`.
        case strings(offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer)
        /// Strings as numbers in a template. A null row's number is anything.
        case numbered(Integers, NumberTemplate)
    }

    @usableFromInline package var rowCount: Int
    @usableFromInline package var content: Content
    /// Bit `row % 64` of word `row / 64` is 1 where the row is not null; nil when none is null.
    /// A null row's value is unspecified but harmless: a code is a position in its dictionary
    /// (or the dictionary is empty), an offset is in order.
    @usableFromInline package var validity: UnsafePointer<UInt64>?

    @inlinable
    package init(rowCount: Int, content: Content, validity: UnsafePointer<UInt64>?) {
        self.rowCount = rowCount
        self.content = content
        self.validity = validity
    }
}
