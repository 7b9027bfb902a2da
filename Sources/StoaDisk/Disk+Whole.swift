/// Calls made of the protocol's own, for whole arrays and whole files.
extension Disk {
    /// Writes all of an array at `offset`.
    package func write(
        _ file: DiskFile, at offset: Int, array bytes: [UInt8]
    ) throws(DiskError) {
        // Through a result: a typed throw out of the closure crashes the 6.3.1 optimiser.
        let result = bytes.withUnsafeBytes { buffer -> Result<Void, DiskError> in
            do throws(DiskError) {
                return .success(try write(file, at: offset, buffer))
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// The bytes of a small file.
    package func readAll(_ path: String, byteCountLimit: Int) throws(DiskError) -> [UInt8] {
        let file = try open(path, .read)
        defer { close(file) }
        let size = min(try status(path)?.byteCount ?? 0, byteCountLimit)
        var failure: DiskError?
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            do throws(DiskError) {
                count = try read(file, at: 0, into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
