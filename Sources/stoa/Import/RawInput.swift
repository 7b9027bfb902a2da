internal import Foundation

/// The bytes of a file as they are stored. A regular file is read at any place and as often as
/// wanted. What can be read only once (a pipe, a terminal) has its beginning kept, so that it can
/// be read again as long as no more than that was taken.
final class RawInput {
    /// Bytes of a regular file when it was opened; nil for what has no length.
    let byteCount: Int?
    /// For errors.
    private let path: String
    private let descriptor: Int32
    private let isOwned: Bool
    /// Where standard input stands when it is a regular file.
    private let base: off_t
    /// What the file was like when it was opened.
    private let opened: stat
    private var kept: UnsafeMutableRawBufferPointer?
    /// Bytes that were taken from a pipe.
    private var passedByteCount = 0

    /// Bytes of a pipe that are kept.
    static let keptByteCountLimit = 64 << 20

    /// - Parameter path: `-` is standard input.
    /// - Throws: `Failure` when there is no such file, or it is a directory.
    init(path: String) throws {
        isOwned = path != "-"
        self.path = isOwned ? path : "standard input"
        descriptor = isOwned ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO
        guard descriptor >= 0 else {
            throw Failure.local("\(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            if isOwned { close(descriptor) }
            throw Failure.local(
                "\(path) is a directory", hint: "Name its files: stoa import \(path)/*.csv")
        }
        opened = status
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        base = isRegular && !isOwned ? max(0, lseek(descriptor, 0, SEEK_CUR)) : 0
        byteCount = isRegular ? max(0, Int(status.st_size - base)) : nil
    }

    deinit {
        if isOwned { close(descriptor) }
        kept?.deallocate()
    }

    /// Whether the bytes can be read from the front once more.
    var canRestart: Bool { byteCount != nil || passedByteCount <= Self.keptByteCountLimit }

    /// Whether the path leads to this very file, under whatever name.
    func isSame(asFileAt path: String) -> Bool {
        var other = stat()
        return stat(path, &other) == 0 && opened.st_dev == other.st_dev
            && opened.st_ino == other.st_ino
    }

    /// Whether a regular file has the size and the time of change that it was opened with.
    var isUnchanged: Bool {
        guard byteCount != nil else { return true }
        var now = stat()
        return fstat(descriptor, &now) == 0 && now.st_size == opened.st_size
            && now.st_mtim.tv_sec == opened.st_mtim.tv_sec
            && now.st_mtim.tv_nsec == opened.st_mtim.tv_nsec
    }

    /// Fills the front of `room` from `offset` on; how many bytes came, 0 at the end.
    func read(into room: UnsafeMutableRawBufferPointer, at offset: Int) throws -> Int {
        if byteCount != nil {
            return try call {
                pread(descriptor, room.baseAddress, room.count, base + off_t(offset))
            }
        }
        if let kept, offset < min(passedByteCount, kept.count) {
            let end = min(offset + room.count, passedByteCount, kept.count)
            room.copyMemory(from: UnsafeRawBufferPointer(rebasing: kept[offset..<end]))
            return end - offset
        }
        let count = try call { Foundation.read(descriptor, room.baseAddress, room.count) }
        keep(UnsafeRawBufferPointer(rebasing: room[..<count]))
        return count
    }

    /// Keeps bytes that were taken from a pipe while there is room for all of them.
    private func keep(_ bytes: UnsafeRawBufferPointer) {
        let start = passedByteCount
        passedByteCount += bytes.count
        guard canRestart else {
            // The pass that is under way is past them, and another cannot begin.
            kept?.deallocate()
            kept = nil
            return
        }
        // Pages that are not written to cost nothing.
        let memory = kept ?? .allocate(byteCount: Self.keptByteCountLimit, alignment: 64)
        kept = memory
        UnsafeMutableRawBufferPointer(rebasing: memory[start...]).copyMemory(from: bytes)
    }

    private func call(_ body: () -> Int) throws -> Int {
        while true {
            let count = body()
            if count >= 0 { return count }
            guard errno == EINTR else {
                throw Failure.local("\(path): \(String(cString: strerror(errno)))")
            }
        }
    }
}
