/// How a file is compressed; told by its first bytes, never by its name.
package enum Compression: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    case gzip, zstd

    /// Bytes of a file's start that `detected(in:)` wants to see.
    package static let magicByteCount = 4

    /// The compression whose data begin so; nil for anything else.
    package static func detected(in head: UnsafeRawBufferPointer) -> Compression? {
        if head.starts(with: gzipMagic) { return .gzip }
        guard head.count >= magicByteCount else { return nil }
        let word = head.loadUnaligned(as: UInt32.self).littleEndian
        // A zstd stream may begin with frames that are to be skipped.
        return word == 0xFD2F_B528 || word & 0xFFFF_FFF0 == 0x184D_2A50 ? .zstd : nil
    }

    /// The two bytes of gzip's name and the one of its only method.
    static let gzipMagic: [UInt8] = [0x1F, 0x8B, 8]

    package var description: String { rawValue }

    /// A stage that decompresses.
    func stage() -> any ByteStage {
        switch self {
        case .gzip: GzipStage()
        case .zstd: ZstdStage()
        }
    }
}
