/// Which floats stand behind 64-bit patterns.
enum FloatFormat {
    /// The low 32 bits of each pattern.
    case float32
    case float64

    /// The lane of the floats' bits.
    var byteCount: Int { self == .float32 ? 4 : 8 }

    /// The flag of ALP and ALP_RD nodes: bit 0 says FLOAT32.
    static let float32Flag: UInt16 = 1

    var flags: UInt16 { self == .float32 ? Self.float32Flag : 0 }

    init(flags: UInt16) { self = flags & Self.float32Flag == 0 ? .float64 : .float32 }
}
