import CZlib
import CZstd
import StoaText

/// Compresses as the programs do.
enum Packed {
    static func gzip(_ text: [UInt8], level: Int32 = 6) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, level, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = text
        return input.withUnsafeMutableBytes { source in
            let limit = Int(deflateBound(&stream, UInt(source.count))) + 64
            return [UInt8](unsafeUninitializedCapacity: limit) { target, count in
                stream.next_in = source.baseAddress?.assumingMemoryBound(to: Bytef.self)
                stream.avail_in = UInt32(source.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(limit)
                deflate(&stream, Z_FINISH)
                count = limit - Int(stream.avail_out)
            }
        }
    }

    /// With a checksum, as the program `zstd` writes it.
    static func zstd(_ text: [UInt8], windowBits: Int32? = nil) -> [UInt8] {
        let context = ZSTD_createCCtx()
        defer { ZSTD_freeCCtx(context) }
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
        if let windowBits {
            ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, windowBits)
            // Without the size the window cannot be narrowed to it.
            ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0)
        }
        var bytes = [UInt8](repeating: 0, count: ZSTD_compressBound(text.count))
        var source = ZSTD_inBuffer(src: nil, size: 0, pos: 0)
        var count = 0
        text.withUnsafeBytes { from in
            bytes.withUnsafeMutableBytes { to in
                source = ZSTD_inBuffer(src: from.baseAddress, size: from.count, pos: 0)
                var target = ZSTD_outBuffer(dst: to.baseAddress, size: to.count, pos: 0)
                // Two calls, so that the length is not known at the start.
                if windowBits != nil {
                    ZSTD_compressStream2(context, &target, &source, ZSTD_e_continue)
                }
                while ZSTD_compressStream2(context, &target, &source, ZSTD_e_end) != 0 {}
                count = target.pos
            }
        }
        return Array(bytes[..<count])
    }

    static func pack(_ text: [UInt8], as compression: Compression) -> [UInt8] {
        switch compression {
        case .gzip: gzip(text)
        case .zstd: zstd(text)
        }
    }
}
