internal import StoaBase

/// Why a file is no segment that this version reads, before the path is known.
enum SegmentDamage: Error, Equatable {
    case damaged(offset: Int, String)
    case tooNew(UInt32, UInt32)
    case unknownFeatures(UInt32)

    static func checksum(
        offset: Int, what: String, stored: UInt32, actual: UInt32
    ) -> SegmentDamage {
        .damaged(
            offset: offset,
            "the \(what)'s checksum is \(hexadecimal(actual)), stored is \(hexadecimal(stored))")
    }

    func storageError(path: String) -> StorageError {
        switch self {
        case .damaged(let offset, let reason):
            .corruptSegment(path: path, byteOffset: offset, reason: reason)
        case .tooNew(let found, let supported):
            .formatTooNew(path: path, found: found, supported: supported)
        case .unknownFeatures(let bits):
            .notSupported(
                "\(path) needs features that this version does not have (bits "
                    + "\(hexadecimal(bits))); a newer version of stoa wrote it")
        }
    }
}

/// `0x` and eight digits.
func hexadecimal(_ number: UInt32) -> String {
    let digits = String(number, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
}
