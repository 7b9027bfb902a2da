internal import StoaBase

/// Memory for one payload while it arrives; not cleared, because every byte is written before
/// anyone reads it. The system commits pages as they are written, so a claimed length costs
/// nothing until bytes come.
final class PayloadMemory: @unchecked Sendable {
    // SAFETY: the decoder alone writes, before the bytes are shared; nobody writes afterwards.
    let address: UnsafeMutableRawPointer
    private let byteCount: Int

    /// Memory for `byteCount` bytes plus 64 zero bytes that kernels may read behind them.
    init(byteCount: Int) {
        self.byteCount = byteCount
        address = .allocate(byteCount: byteCount + 64, alignment: 64)
        (address + byteCount).initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }

    deinit { address.deallocate() }

    /// The bytes, once all of them are written.
    var bytes: Bytes { Bytes(base: UnsafeRawPointer(address), count: byteCount, owner: self) }
}
