internal import StoaBase

/// The width of the numbers of a vector, whatever the column's type: a BIGINT whose residuals
/// need seven bits arrives as `u8`.
package enum Lane: UInt8, Sendable {
    /// No numbers at all: every row has the vector's base.
    case constant = 0
    case u8 = 1, u16 = 2, u32 = 3, u64 = 4

    /// Bytes of one number.
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
package struct Vector {
    /// Integer-backed values: `base &+ multiplier &* number`, modulo 2^64, where the pattern is
    /// signed except for UINT64. Numbers are unsigned, in `lane` width.
    package struct Integers {
        package var lane: Lane
        /// `rowCount` numbers of `lane` width; unused when the lane is `.constant`.
        package var values: UnsafeRawPointer
        package var base: Int64
        package var multiplier: Int64

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
    }

    package var rowCount: Int
    package var content: Content
    /// Bit `row % 64` of word `row / 64` is 1 where the row is not null; nil when none is null.
    /// A null row's value is unspecified but harmless: a code is a position in its dictionary
    /// (or the dictionary is empty), an offset is in order.
    package var validity: UnsafePointer<UInt64>?

    package init(rowCount: Int, content: Content, validity: UnsafePointer<UInt64>?) {
        self.rowCount = rowCount
        self.content = content
        self.validity = validity
    }
}

/// The distinct strings that codes stand for; immutable, shared by many vectors.
package final class StringDictionary: @unchecked Sendable {
    // SAFETY: `offsets` and `bytes` point into memory that `owner` keeps alive and unchanged.
    /// The number of strings.
    package let count: Int
    /// `count + 1` rising offsets into `bytes`.
    package let offsets: UnsafePointer<UInt32>
    package let bytes: UnsafeRawPointer
    /// Whether the strings stand in bytewise order, so that codes compare like strings.
    package let isSorted: Bool
    private let owner: AnyObject?

    package init(
        count: Int, offsets: UnsafePointer<UInt32>, bytes: UnsafeRawPointer, isSorted: Bool,
        owner: AnyObject?
    ) {
        self.count = count
        self.offsets = offsets
        self.bytes = bytes
        self.isSorted = isSorted
        self.owner = owner
    }

    /// A dictionary of copies of `strings`.
    package convenience init(_ strings: [[UInt8]], isSorted: Bool) {
        let total = strings.reduce(0) { $0 + $1.count }
        let storage = HeapBytes(byteCount: 4 * (strings.count + 1) + total)
        let offsets = storage.address.bindMemory(to: UInt32.self, capacity: strings.count + 1)
        let bytes = storage.address + 4 * (strings.count + 1)
        var end = 0
        offsets[0] = 0
        for (index, string) in strings.enumerated() {
            string.withUnsafeBytes { source in
                guard let address = source.baseAddress else { return }
                (bytes + end).copyMemory(from: address, byteCount: source.count)
            }
            end += string.count
            offsets[index + 1] = UInt32(end)
        }
        self.init(
            count: strings.count, offsets: UnsafePointer(offsets), bytes: UnsafeRawPointer(bytes),
            isSorted: isSorted, owner: storage)
    }

    /// The bytes of one string; valid while the dictionary is alive.
    package subscript(code: Int) -> UnsafeRawBufferPointer {
        invariant(code >= 0 && code < count, "a code is a position in its dictionary")
        let start = Int(offsets[code])
        return UnsafeRawBufferPointer(
            start: bytes + start, count: Int(offsets[code + 1]) - start)
    }
}

/// Memory of one reader that vectors point into; reused from read to read, never shared between
/// threads.
package final class VectorScratch {
    /// 4,096 numbers of the widest lane, 64-byte aligned.
    package let values: UnsafeMutableRawPointer
    /// A second buffer of the same size, for decoders of two steps.
    package let auxiliary: UnsafeMutableRawPointer
    /// A bit per row.
    package let validity: UnsafeMutablePointer<UInt64>
    /// Offsets of `4,096 + 1` strings.
    package let offsets: UnsafeMutablePointer<UInt32>
    /// Holds what the current vector points into besides these buffers (decompressed bytes).
    package var owner: AnyObject?

    package init() {
        let byteCount = Limits.batchRows * 8 + 64
        values = .allocate(byteCount: byteCount, alignment: 64)
        auxiliary = .allocate(byteCount: byteCount, alignment: 64)
        validity = .allocate(capacity: Limits.batchRows / 64 + 1)
        offsets = .allocate(capacity: Limits.batchRows + 16)
        values.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        auxiliary.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
        validity.initialize(repeating: 0, count: Limits.batchRows / 64 + 1)
        offsets.initialize(repeating: 0, count: Limits.batchRows + 16)
    }

    deinit {
        values.deallocate()
        auxiliary.deallocate()
        validity.deallocate()
        offsets.deallocate()
    }
}
