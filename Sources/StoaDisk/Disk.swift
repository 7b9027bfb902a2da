package import StoaBase

/// The one door to the file system. The engine calls the system nowhere else, so that the same
/// code runs on the kernel's files and on the simulated disk of the tests.
///
/// Paths are relative to the data directory, with `/` between names: `seg/000000000000002a`.
/// Every call is synchronous, and any may fail with `DiskError`. Writes are durable only after
/// `syncData`; names (created, renamed, removed) only after `syncDirectory` of their directory.
package protocol Disk: AnyObject, Sendable {
    /// Opens an existing file, or creates a new one (an error if it exists).
    func open(_ path: String, _ mode: DiskOpenMode) throws(DiskError) -> DiskFile
    /// Closes a file; the handle is not used again.
    func close(_ file: DiskFile)
    /// Fills `buffer` from `offset`; fewer bytes only at the end of the file.
    func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int
    /// Writes all of `bytes` at `offset`.
    func write(
        _ file: DiskFile, at offset: Int, _ bytes: UnsafeRawBufferPointer
    ) throws(DiskError)
    /// Makes the file's bytes and size durable (fdatasync).
    func syncData(_ file: DiskFile) throws(DiskError)
    /// Reserves space for the first `byteCount` bytes; the file's size grows to it.
    func allocate(_ file: DiskFile, byteCount: Int) throws(DiskError)
    /// Cuts or extends the file (with zeros).
    func truncate(_ file: DiskFile, to byteCount: Int) throws(DiskError)
    /// Maps the first `byteCount` bytes for reading; the mapping lives as long as the result.
    ///
    /// Bytes that cannot be read any more, because the file was cut or the device fails, read as
    /// zeros; `lostPageCount` tells.
    func map(_ file: DiskFile, byteCount: Int) throws(DiskError) -> Bytes
    /// Pages of a mapping, or of all mappings of the process, that could not be read so far.
    func lostPageCount(_ mapping: Bytes?) -> UInt64
    /// Takes the exclusive lock of a file for as long as it is open; false when another has it.
    func lock(_ file: DiskFile) throws(DiskError) -> Bool

    /// Makes the names in a directory durable; "" is the data directory itself.
    func syncDirectory(_ path: String) throws(DiskError)
    /// Makes a directory; not an error when it exists.
    func makeDirectory(_ path: String) throws(DiskError)
    /// The names in a directory, sorted, without "." and "..".
    func list(_ path: String) throws(DiskError) -> [String]
    /// Moves a file over whatever has the new name.
    func rename(_ path: String, to newPath: String) throws(DiskError)
    /// A second name for a file.
    func link(_ path: String, to newPath: String) throws(DiskError)
    /// Removes a name.
    func remove(_ path: String) throws(DiskError)
    /// Size and kind; nil when there is nothing of that name.
    func status(_ path: String) throws(DiskError) -> DiskFileStatus?
    /// Bytes still free for this user on the file system of the data directory.
    func freeByteCount() throws(DiskError) -> Int
}

/// How a file is opened.
package enum DiskOpenMode: Sendable {
    case read, readWrite, createNew
}

/// An open file; made only by a `Disk`.
package struct DiskFile: Hashable, Sendable {
    /// The descriptor, or the simulated disk's handle.
    package let handle: Int32
    /// The path it was opened by, for messages.
    package let path: String

    package init(handle: Int32, path: String) {
        self.handle = handle
        self.path = path
    }
}

extension Disk {
    /// Nothing is lost on a disk without devices.
    package func lostPageCount(_ mapping: Bytes?) -> UInt64 { 0 }
}

/// What `Disk.status` tells.
package struct DiskFileStatus: Equatable, Sendable {
    package var byteCount: Int
    package var isDirectory: Bool
    package var stamp: DiskFileStamp

    package init(byteCount: Int, isDirectory: Bool, stamp: DiskFileStamp = DiskFileStamp()) {
        self.byteCount = byteCount
        self.isDirectory = isDirectory
        self.stamp = stamp
    }
}

/// What a file system changes with every write to a file, and whoever writes cannot choose: equal
/// stamps mean that nobody wrote in between.
package struct DiskFileStamp: Equatable, Sendable {
    package var device: UInt64 = 0
    package var inode: UInt64 = 0
    /// Nanoseconds since 1970 of the last write.
    package var modifiedNanoseconds: Int64 = 0
    /// Nanoseconds since 1970 of the last change of the file or what is known of it.
    package var changedNanoseconds: Int64 = 0

    package init() {}
}

/// What the system refused.
package struct DiskError: Error, Equatable, Sendable {
    /// Which call failed.
    package enum Operation: String, Sendable, CaseIterable {
        case open, read, write, syncData, allocate, truncate, map, lock, syncDirectory
        case makeDirectory, list, rename, link, remove, status, freeByteCount
    }

    package var operation: Operation
    package var path: String
    /// The system's error number.
    package var errno: Int32

    package init(_ operation: Operation, path: String, errno: Int32) {
        self.operation = operation
        self.path = path
        self.errno = errno
    }
}
