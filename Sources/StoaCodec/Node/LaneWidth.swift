internal import StoaModel

extension Lane {
    /// The narrowest lane for numbers of `width` bits, 0 … 64.
    @inline(__always)
    init(width: Int) {
        self =
            width == 0
            ? .constant : width <= 8 ? .u8 : width <= 16 ? .u16 : width <= 32 ? .u32 : .u64
    }

    /// The narrowest lane for numbers up to `largest`.
    @inline(__always)
    init(largest: UInt64) { self.init(width: 64 - largest.leadingZeroBitCount) }

    /// Bits of one number.
    var bitCount: Int { byteCount * 8 }

    /// The name in descriptions.
    var name: String {
        switch self {
        case .constant: "u0"
        case .u8: "u8"
        case .u16: "u16"
        case .u32: "u32"
        case .u64: "u64"
        }
    }

    /// The number at `index` of an array of this lane.
    @inline(__always)
    func load(_ source: UnsafeRawPointer, _ index: Int) -> UInt64 {
        switch self {
        case .constant: 0
        case .u8: UInt64(source.loadUnaligned(fromByteOffset: index, as: UInt8.self))
        case .u16: UInt64(source.loadUnaligned(fromByteOffset: index &* 2, as: UInt16.self))
        case .u32: UInt64(source.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self))
        case .u64: source.loadUnaligned(fromByteOffset: index &* 8, as: UInt64.self)
        }
    }

    /// Stores the low bits of `number` at `index` of an array of this lane.
    @inline(__always)
    func store(_ number: UInt64, to target: UnsafeMutableRawPointer, _ index: Int) {
        switch self {
        case .constant: return
        case .u8:
            target.storeBytes(
                of: UInt8(truncatingIfNeeded: number), toByteOffset: index, as: UInt8.self)
        case .u16:
            target.storeBytes(
                of: UInt16(truncatingIfNeeded: number), toByteOffset: index &* 2, as: UInt16.self)
        case .u32:
            target.storeBytes(
                of: UInt32(truncatingIfNeeded: number), toByteOffset: index &* 4, as: UInt32.self)
        case .u64: target.storeBytes(of: number, toByteOffset: index &* 8, as: UInt64.self)
        }
    }
}

extension UInt64 {
    /// Bits needed for this number; 0 for 0.
    @inline(__always)
    var width: Int { 64 &- leadingZeroBitCount }

    /// All ones in the low `width` bits, 0 … 64.
    @inline(__always)
    static func mask(width: Int) -> UInt64 {
        width >= 64 ? .max : (1 &<< UInt64(truncatingIfNeeded: width)) &- 1
    }
}
