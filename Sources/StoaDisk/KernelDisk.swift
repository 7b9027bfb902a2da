internal import CStoa
internal import Glibc
package import StoaBase

/// The files of one directory, through the kernel.
///
/// Every path is resolved beneath the directory that was opened at the start, names of `..` and
/// symbolic links at the end of a path are refused, and an interrupted call is made again.
package final class KernelDisk: Disk, @unchecked Sendable {
    // SAFETY: both fields are written once; the kernel orders calls on descriptors.
    /// The directory as it was given, for messages.
    package let root: String
    private let directory: Int32

    /// Opens the directory, and makes it first when its parent is there.
    ///
    /// - Throws: `DiskError` of `makeDirectory` or `open`; nothing was made by then, except
    ///   possibly the empty directory.
    package init(root: String) throws(DiskError) {
        self.root = root
        let created = mkdir(root, 0o700) == 0
        if !created, errno != EEXIST {
            throw DiskError(.makeDirectory, path: root, errno: errno)
        }
        let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC
        directory = Glibc.open(root, flags)
        if directory < 0 { throw DiskError(.open, path: root, errno: errno) }
        guard created else { return }
        let parent = Glibc.openat(directory, "..", flags)
        guard parent >= 0 else { return }
        fsync(parent)
        Glibc.close(parent)
    }

    deinit { Glibc.close(directory) }

    package func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile {
        try Self.check(path, .open)
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .createNew: O_RDWR | O_CREAT | O_EXCL
            }
        let descriptor = try Self.retrying(.open, path) {
            Glibc.openat(directory, path, flags | O_CLOEXEC | O_NOFOLLOW, 0o600)
        }
        return DiskFile(handle: descriptor, path: path)
    }

    package func close(_ file: DiskFile) { Glibc.close(file.handle) }

    package func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        guard let start = buffer.baseAddress else { return 0 }
        var readCount = 0
        while readCount < buffer.count {
            let count = try Self.retrying(.read, file.path) {
                pread(file.handle, start + readCount, buffer.count - readCount, offset + readCount)
            }
            if count == 0 { break }
            readCount += count
        }
        return readCount
    }

    package func write(
        _ file: DiskFile, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(DiskError) {
        guard let start = bytes.baseAddress else { return }
        var written = 0
        while written < bytes.count {
            let count = try Self.retrying(.write, file.path) {
                pwrite(file.handle, start + written, bytes.count - written, offset + written)
            }
            // A write of nothing without an error would repeat for ever.
            if count == 0 { throw DiskError(.write, path: file.path, errno: EIO) }
            written += count
        }
    }

    package func syncData(_ file: DiskFile) throws(DiskError) {
        // Not called a second time after a failure: the kernel may have dropped the pages.
        guard fdatasync(file.handle) == 0 else {
            throw DiskError(.syncData, path: file.path, errno: errno)
        }
    }

    package func allocate(_ file: DiskFile, byteCount: Int) throws(DiskError) {
        let code = stoa_preallocate(file.handle, Int64(byteCount))
        if code == 0 { return }
        guard code == EOPNOTSUPP || code == ENOSYS else {
            throw DiskError(.allocate, path: file.path, errno: code)
        }
        // The file system cannot reserve space: only the size grows, and a full disk shows later.
        var status = stat()
        guard fstat(file.handle, &status) == 0 else {
            throw DiskError(.allocate, path: file.path, errno: errno)
        }
        if Int(status.st_size) < byteCount { try truncate(file, to: byteCount) }
    }

    package func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError) {
        _ = try Self.retrying(.truncate, file.path) { Int(ftruncate(file.handle, byteCount)) }
    }

    package func map(_ file: DiskFile, byteCount: Int) throws(DiskError) -> Bytes {
        if byteCount == 0 { return .empty }
        var status = stat()
        guard fstat(file.handle, &status) == 0 else {
            throw DiskError(.map, path: file.path, errno: errno)
        }
        // Reading a mapping past the end of its file kills the process.
        guard byteCount > 0, Int(status.st_size) >= byteCount else {
            throw DiskError(.map, path: file.path, errno: EINVAL)
        }
        guard let address = mmap(nil, byteCount, PROT_READ, MAP_SHARED, file.handle, 0),
            address != MAP_FAILED
        else { throw DiskError(.map, path: file.path, errno: errno) }
        let guardIndex = stoa_guard_add(address, byteCount)
        guard guardIndex >= 0 else {
            munmap(address, byteCount)
            throw DiskError(.map, path: file.path, errno: ENOMEM)
        }
        let mapping = Mapping(address: address, byteCount: byteCount, guardIndex: guardIndex)
        return Bytes(base: UnsafeRawPointer(address), count: byteCount, owner: mapping)
    }

    package func lostPageCount(_ mapping: Bytes?) -> UInt64 {
        guard let mapping else { return stoa_guard_lost_total() }
        return mapping.owner(as: Mapping.self).map { stoa_guard_lost($0.guardIndex) } ?? 0
    }

    package func lock(_ file: DiskFile) throws(DiskError) -> Bool {
        let code = stoa_lock_exclusive(file.handle)
        if code == EAGAIN || code == EACCES { return false }
        if code != 0 { throw DiskError(.lock, path: file.path, errno: code) }
        return true
    }

    /// Unmaps with its last reference.
    private final class Mapping {
        let address: UnsafeMutableRawPointer
        let byteCount: Int
        /// Of the guard against pages that cannot be read.
        let guardIndex: Int32

        init(address: UnsafeMutableRawPointer, byteCount: Int, guardIndex: Int32) {
            self.address = address
            self.byteCount = byteCount
            self.guardIndex = guardIndex
        }

        deinit {
            stoa_guard_remove(guardIndex)
            munmap(address, byteCount)
        }
    }
}

// MARK: Names

extension KernelDisk {
    package func syncDirectory(_ path: String) throws(DiskError) {
        let descriptor = try openDirectory(path, .syncDirectory)
        defer { Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw DiskError(.syncDirectory, path: path, errno: errno)
        }
    }

    package func makeDirectory(_ path: String) throws(DiskError) {
        try Self.check(path, .makeDirectory)
        guard mkdirat(directory, path, 0o700) != 0 else { return }
        let code = errno
        guard code == EEXIST, let found = try status(path), found.isDirectory else {
            throw DiskError(.makeDirectory, path: path, errno: code)
        }
    }

    package func list(_ path: String) throws(DiskError) -> [String] {
        let descriptor = try openDirectory(path, .list)
        guard let stream = fdopendir(descriptor) else {
            let code = errno
            Glibc.close(descriptor)
            throw DiskError(.list, path: path, errno: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            // The name ends with a zero byte inside its fixed field.
            let name = withUnsafeBytes(of: entry.pointee.d_name) { field in
                String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw DiskError(.list, path: path, errno: errno) }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    package func rename(_ path: String, to newPath: String) throws(DiskError) {
        try Self.check(path, .rename)
        try Self.check(newPath, .rename)
        guard renameat(directory, path, directory, newPath) == 0 else {
            throw DiskError(.rename, path: path, errno: errno)
        }
    }

    package func link(_ path: String, to newPath: String) throws(DiskError) {
        try Self.check(path, .link)
        try Self.check(newPath, .link)
        guard linkat(directory, path, directory, newPath, 0) == 0 else {
            throw DiskError(.link, path: path, errno: errno)
        }
    }

    package func remove(_ path: String) throws(DiskError) {
        try Self.check(path, .remove)
        guard unlinkat(directory, path, 0) == 0 else {
            throw DiskError(.remove, path: path, errno: errno)
        }
    }

    package func status(_ path: String) throws(DiskError) -> DiskFileStatus? {
        try Self.check(path, .status)
        var status = stat()
        guard fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
            if errno == ENOENT { return nil }
            throw DiskError(.status, path: path, errno: errno)
        }
        return DiskFileStatus(
            byteCount: Int(status.st_size), isDirectory: status.st_mode & S_IFMT == S_IFDIR,
            stamp: Self.stamp(status))
    }

    private static func stamp(_ status: stat) -> DiskFileStamp {
        func nanoseconds(_ time: timespec) -> Int64 {
            Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
        }
        var stamp = DiskFileStamp()
        stamp.device = UInt64(status.st_dev)
        stamp.inode = UInt64(status.st_ino)
        stamp.modifiedNanoseconds = nanoseconds(status.st_mtim)
        stamp.changedNanoseconds = nanoseconds(status.st_ctim)
        return stamp
    }

    package func freeByteCount() throws(DiskError) -> Int {
        var status = statvfs()
        guard fstatvfs(directory, &status) == 0 else {
            throw DiskError(.freeByteCount, path: "", errno: errno)
        }
        return Int(
            clamping: status.f_bavail.multipliedReportingOverflow(
                by: UInt(status.f_frsize)
            ).partialValue)
    }

    private func openDirectory(
        _ path: String, _ operation: DiskError.Operation
    ) throws(DiskError) -> Int32 {
        if !path.isEmpty { try Self.check(path, operation) }
        // A descriptor of its own: reading a directory moves the descriptor's position.
        return try Self.retrying(operation, path) {
            Glibc.openat(
                directory, path.isEmpty ? "." : path,
                O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        }
    }

    /// Refuses whatever could lead out of the directory.
    private static func check(
        _ path: String, _ operation: DiskError.Operation
    ) throws(DiskError) {
        let names = path.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isPlain = names.allSatisfy { name in
            !name.isEmpty && !name.elementsEqual(".".utf8) && !name.elementsEqual("..".utf8)
                && !name.contains(0)
        }
        guard isPlain else { throw DiskError(operation, path: path, errno: EINVAL) }
    }

    /// Calls again while a signal interrupts; a negative result is an error.
    private static func retrying<Result: SignedInteger>(
        _ operation: DiskError.Operation, _ path: String, _ call: () -> Result
    ) throws(DiskError) -> Result {
        while true {
            let result = call()
            if result >= 0 { return result }
            let code = errno
            if code != EINTR { throw DiskError(operation, path: path, errno: code) }
        }
    }
}
