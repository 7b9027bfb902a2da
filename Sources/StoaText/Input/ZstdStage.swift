internal import CZstd
internal import StoaBase

/// Decompresses zstd: one frame or several behind one another, frames to be skipped among them
/// (RFC 8878). Checksums are verified where the file has them.
final class ZstdStage: ByteStage {
    /// nil when there was no memory for it.
    private let stream: OpaquePointer?
    /// Whether the last frame is complete, so that the file may end here.
    private var isBetweenFrames = false

    /// The largest window is 2 to this power: 128 MiB, what `zstd` takes without `--long`.
    private static let windowBits: Int32 = 27

    init() {
        stream = ZSTD_createDStream()
        ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Self.windowBits)
    }

    deinit { ZSTD_freeDStream(stream) }

    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(InputFault) -> (consumed: Int, produced: Int) {
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        guard stream != nil else { throw .outOfMemory(.zstd) }
        if input.isEmpty, isBetweenFrames { return (0, 0) }
        let status = ZSTD_decompressStream(stream, &target, &source)
        if ZSTD_isError(status) != 0 { throw fault(status) }
        isBetweenFrames = status == 0
        if input.isEmpty, isLast, target.pos == 0, !isBetweenFrames { throw .truncated(.zstd) }
        return (source.pos, target.pos)
    }

    private func fault(_ status: Int) -> InputFault {
        let code = ZSTD_getErrorCode(status)
        if code == ZSTD_error_frameParameter_windowTooLarge { return .windowTooLarge }
        if code == ZSTD_error_memory_allocation { return .outOfMemory(.zstd) }
        if code == ZSTD_error_prefix_unknown { return .trailingBytes(.zstd) }
        return .corrupt(.zstd)
    }
}
