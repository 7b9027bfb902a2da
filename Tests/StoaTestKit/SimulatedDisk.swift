package import StoaBase
package import StoaDisk

/// A disk in memory that remembers every change and what was made durable, and fails when told.
///
/// Deterministic: the same calls give the same steps. From the steps `CrashWalker` makes what a
/// power cut could leave behind.
package final class SimulatedDisk: Disk, @unchecked Sendable {
    // SAFETY: all state is touched only while `guardian` is held.
    private let guardian = Lock()
    private var image: DiskImage
    private var nextFile: Int
    private var nextHandle: Int32 = 3
    private var openFiles: [Int32: Int] = [:]
    private var lockHolders: [Int: Int32] = [:]
    private var recorded: [DiskStep] = []
    private var calls = 0
    private var failure: Failure?
    private var capacity: Int?
    private var isSyncIgnored: (@Sendable (DiskError.Operation, String) -> Bool)?

    /// How often somebody wrote behind the store's back.
    private var touches: [String: Int64] = [:]
    /// What was mapped under each path: a mapping here is a copy, which a changed file shows in.
    private var mappings: [String: [Bytes]] = [:]

    private struct Failure {
        var call: Int
        var errno: Int32
        var isForGood: Bool
    }

    /// A disk that holds `image`, all of it durable.
    package init(_ image: DiskImage = DiskImage()) {
        self.image = image
        nextFile = (image.files.keys.max() ?? 0) + 1
    }

    /// Every step so far.
    package var steps: [DiskStep] { guardian.withLock { recorded } }

    /// The number of steps so far.
    package var stepCount: Int { guardian.withLock { recorded.count } }

    /// The number of calls so far that could have failed.
    package var callCount: Int { guardian.withLock { calls } }

    /// What the disk holds now, durable or not.
    package var contents: DiskImage { guardian.withLock { image } }

    /// Makes the `number`-th call from the start fail, once, or with every call after it.
    package func failOperation(_ number: Int, errno: Int32, isForGood: Bool = false) {
        guardian.withLock {
            failure = Failure(call: number, errno: errno, isForGood: isForGood)
        }
    }

    /// Ends injected failures.
    package func stopFailing() { guardian.withLock { failure = nil } }

    /// Plants a bug: syncs that `isIgnored` names (a file's or directory's path) succeed and make
    /// nothing durable, as if the call had been forgotten.
    package func ignoreSyncs(
        _ isIgnored: @escaping @Sendable (DiskError.Operation, String) -> Bool
    ) {
        guardian.withLock { isSyncIgnored = isIgnored }
    }

    /// From now on the files may not grow beyond this many bytes together; nil: no limit.
    package func setCapacity(_ byteCount: Int?) { guardian.withLock { capacity = byteCount } }

    // MARK: Contents

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile {
        try guardian.withLock { () throws(DiskError) in
            try count(.open, path)
            let file: Int
            if mode == .createNew {
                guard image.names[path] == nil, !image.directories.contains(path) else {
                    throw DiskError(.open, path: path, errno: 17)
                }
                guard image.directories.contains(DiskImage.directory(of: path)) else {
                    throw DiskError(.open, path: path, errno: 2)
                }
                try checkRoom(.open, path, growth: 1)
                file = nextFile
                nextFile += 1
                record(.setName(path: path, file: file))
            } else {
                guard let found = image.names[path] else {
                    throw DiskError(.open, path: path, errno: 2)
                }
                file = found
            }
            let handle = nextHandle
            nextHandle += 1
            openFiles[handle] = file
            return DiskFile(handle: handle, path: path)
        }
    }

    package func close(_ file: DiskFile) {
        guardian.withLock {
            guard let number = openFiles.removeValue(forKey: file.handle) else { return }
            if lockHolders[number] == file.handle { lockHolders[number] = nil }
        }
    }

    package func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        try guardian.withLock { () throws(DiskError) in
            try count(.read, file.path)
            let content = image.files[try number(file, .read)] ?? []
            let readCount = max(0, min(buffer.count, content.count - offset))
            guard readCount > 0 else { return 0 }
            content.withUnsafeBytes { source in
                buffer.copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + readCount]))
            }
            return readCount
        }
    }

    package func write(
        _ file: DiskFile, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            let number = try number(file, .write)
            do throws(DiskError) {
                try count(.write, file.path)
            } catch {
                // A write that fails may have written a part.
                let half = UnsafeRawBufferPointer(rebasing: bytes.prefix(bytes.count / 2))
                if !half.isEmpty {
                    record(.write(file: number, offset: offset, bytes: Array(half)))
                }
                throw error
            }
            let growth = offset + bytes.count - (image.files[number]?.count ?? 0)
            try checkRoom(.write, file.path, growth: growth)
            record(.write(file: number, offset: offset, bytes: Array(bytes)))
        }
    }

    package func syncData(_ file: DiskFile) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            let number = try number(file, .syncData)
            do throws(DiskError) {
                try count(.syncData, file.path)
            } catch {
                recorded.append(.failedSyncFile(number))
                throw error
            }
            if isSyncIgnored?(.syncData, file.path) ?? false { return }
            recorded.append(.syncFile(number))
        }
    }

    package func allocate(_ file: DiskFile, byteCount: Int) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.allocate, file.path)
            let number = try number(file, .allocate)
            let growth = byteCount - (image.files[number]?.count ?? 0)
            guard growth > 0 else { return }
            try checkRoom(.allocate, file.path, growth: growth)
            record(.resize(file: number, byteCount: byteCount))
        }
    }

    package func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.truncate, file.path)
            let number = try number(file, .truncate)
            let growth = byteCount - (image.files[number]?.count ?? 0)
            try checkRoom(.truncate, file.path, growth: growth)
            record(.resize(file: number, byteCount: byteCount))
        }
    }

    package func map(_ file: DiskFile, byteCount: Int) throws(DiskError) -> Bytes {
        try guardian.withLock { () throws(DiskError) in
            try count(.map, file.path)
            let content = image.files[try number(file, .map)] ?? []
            guard byteCount >= 0, content.count >= byteCount else {
                throw DiskError(.map, path: file.path, errno: 22)
            }
            let bytes = content.withUnsafeBytes {
                Bytes(copying: UnsafeRawBufferPointer(rebasing: $0.prefix(byteCount)))
            }
            mappings[file.path, default: []].append(bytes)
            return bytes
        }
    }

    /// Gives a file the stamp of one that was written to.
    package func touch(_ path: String) { guardian.withLock { touches[path, default: 0] += 1 } }

    /// Changes a byte of all that was mapped under a path, as a failing device or a writer does
    /// behind the back of those who read; the file itself stays. Returns the byte that was there.
    package func changeMapping(_ path: String, at offset: Int, to byte: UInt8) -> UInt8? {
        guardian.withLock {
            var before: UInt8?
            for bytes in mappings[path] ?? [] where offset < bytes.count {
                let address = UnsafeMutableRawPointer(mutating: bytes.pointer) + offset
                before = address.load(as: UInt8.self)
                address.storeBytes(of: byte, as: UInt8.self)
            }
            return before
        }
    }

    package func lock(_ file: DiskFile) throws(DiskError) -> Bool {
        try guardian.withLock { () throws(DiskError) in
            try count(.lock, file.path)
            let number = try number(file, .lock)
            guard lockHolders[number] ?? file.handle == file.handle else { return false }
            lockHolders[number] = file.handle
            return true
        }
    }

    // MARK: Names

    package func syncDirectory(_ path: String) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            do throws(DiskError) {
                try count(.syncDirectory, path)
            } catch {
                recorded.append(.failedSyncDirectory(path))
                throw error
            }
            guard image.directories.contains(path) else {
                throw DiskError(.syncDirectory, path: path, errno: 2)
            }
            if isSyncIgnored?(.syncDirectory, path) ?? false { return }
            recorded.append(.syncDirectory(path))
        }
    }

    package func makeDirectory(_ path: String) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.makeDirectory, path)
            guard image.names[path] == nil else {
                throw DiskError(.makeDirectory, path: path, errno: 17)
            }
            guard !image.directories.contains(path) else { return }
            try checkRoom(.makeDirectory, path, growth: 1)
            record(.makeDirectory(path: path))
        }
    }

    package func list(_ path: String) throws(DiskError) -> [String] {
        try guardian.withLock { () throws(DiskError) in
            try count(.list, path)
            guard image.directories.contains(path) else {
                throw DiskError(.list, path: path, errno: 2)
            }
            let prefix = path.isEmpty ? "" : path + "/"
            var names: [String] = []
            for name in image.names.keys where DiskImage.directory(of: name) == path {
                names.append(String(name.utf8.dropFirst(prefix.utf8.count)) ?? name)
            }
            for name in image.directories
            where !name.isEmpty && DiskImage.directory(of: name) == path {
                names.append(String(name.utf8.dropFirst(prefix.utf8.count)) ?? name)
            }
            return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        }
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.rename, path)
            guard let file = image.names[path],
                image.directories.contains(DiskImage.directory(of: newPath))
            else { throw DiskError(.rename, path: path, errno: 2) }
            record(.rename(path: path, newPath: newPath, file: file))
        }
    }

    package func link(_ path: String, to newPath: String) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.link, path)
            guard let file = image.names[path] else {
                throw DiskError(.link, path: path, errno: 2)
            }
            guard image.names[newPath] == nil else {
                throw DiskError(.link, path: path, errno: 17)
            }
            record(.setName(path: newPath, file: file))
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        try guardian.withLock { () throws(DiskError) in
            try count(.remove, path)
            guard image.names[path] != nil else {
                throw DiskError(.remove, path: path, errno: 2)
            }
            record(.removeName(path: path))
        }
    }

    package func status(_ path: String) throws(DiskError) -> DiskFileStatus? {
        try guardian.withLock { () throws(DiskError) in
            try count(.status, path)
            if image.directories.contains(path) {
                return DiskFileStatus(byteCount: 0, isDirectory: true)
            }
            guard let file = image.names[path] else { return nil }
            var stamp = DiskFileStamp()
            stamp.modifiedNanoseconds = touches[path] ?? 0
            return DiskFileStatus(
                byteCount: image.files[file]?.count ?? 0, isDirectory: false, stamp: stamp)
        }
    }

    package func freeByteCount() throws(DiskError) -> Int {
        try guardian.withLock { () throws(DiskError) in
            try count(.freeByteCount, "")
            return capacity.map { max(0, $0 - image.byteCount) } ?? 1 << 40
        }
    }

    // MARK: Inside

    private func record(_ change: DiskChange) {
        image.apply(change)
        recorded.append(.change(change))
    }

    private func count(_ operation: DiskError.Operation, _ path: String) throws(DiskError) {
        calls += 1
        guard let failure, calls == failure.call || (failure.isForGood && calls > failure.call)
        else { return }
        throw DiskError(operation, path: path, errno: failure.errno)
    }

    private func checkRoom(
        _ operation: DiskError.Operation, _ path: String, growth: Int
    ) throws(DiskError) {
        guard let capacity, growth > 0, image.byteCount + growth > capacity else { return }
        throw DiskError(operation, path: path, errno: 28)
    }

    private func number(
        _ file: DiskFile, _ operation: DiskError.Operation
    ) throws(DiskError) -> Int {
        guard let number = openFiles[file.handle] else {
            throw DiskError(operation, path: file.path, errno: 9)
        }
        return number
    }
}
