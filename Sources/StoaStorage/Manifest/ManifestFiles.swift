internal import StoaBase
package import StoaDisk

/// Why a manifest did not become the current one.
package enum CommitFailure: Error, Equatable, Sendable {
    /// Nothing has changed; the same change may be tried again.
    case refused(StorageError)
    /// The old or the new manifest may hold after a cut: only a restart can tell.
    case unknown(StorageError)

    package var error: StorageError {
        switch self {
        case .refused(let error), .unknown(let error): error
        }
    }
}

/// Writes manifests and makes them current.
package struct ManifestFiles: Sendable {
    private let disk: any Disk

    package init(disk: any Disk) { self.disk = disk }

    /// Makes `manifest` the current one and returns its checksum. The order is the promise: the
    /// manifest is durable under its name before CURRENT names it, and the last step, the sync of
    /// the data directory, is the commit.
    package func commit(_ manifest: Manifest) throws(CommitFailure) -> UInt32 {
        let bytes = ManifestCodec.encode(manifest)
        let checksum = ManifestCodec.checksum(bytes)
        let temporaryPath = manifest.path + ".tmp"
        try prepare(temporaryPath, bytes)
        try refusing { () throws(DiskError) in
            try disk.rename(temporaryPath, to: manifest.path)
        }
        try doubting { () throws(DiskError) in try disk.syncDirectory(Manifest.directory) }
        let current = CurrentFile(
            generation: manifest.generation, manifestByteCount: UInt64(bytes.count),
            manifestChecksum: checksum)
        try prepare(CurrentFile.temporaryPath, current.encode())
        try doubting { () throws(DiskError) in
            try disk.rename(CurrentFile.temporaryPath, to: CurrentFile.path)
            try disk.syncDirectory("")
        }
        return checksum
    }

    /// Writes and syncs a file under a name that nothing refers to.
    private func prepare(_ path: String, _ bytes: [UInt8]) throws(CommitFailure) {
        do throws(DiskError) {
            try disk.replace(path, with: bytes)
        } catch {
            try? disk.remove(path)
            guard error.isDiskFull || !error.isSyncFailure else {
                throw .unknown(.disk(error))
            }
            throw .refused(.disk(error))
        }
    }

    private func refusing(_ body: () throws(DiskError) -> Void) throws(CommitFailure) {
        do throws(DiskError) { try body() } catch { throw .refused(.disk(error)) }
    }

    private func doubting(_ body: () throws(DiskError) -> Void) throws(CommitFailure) {
        do throws(DiskError) { try body() } catch { throw .unknown(.disk(error)) }
    }
}

extension Disk {
    /// Writes and syncs a whole file; the name is not durable yet.
    func replace(_ path: String, with bytes: [UInt8]) throws(DiskError) {
        if try status(path) != nil { try remove(path) }
        let file = try open(path, .createNew)
        defer { close(file) }
        try write(file, at: 0, array: bytes)
        try syncData(file)
    }
}
