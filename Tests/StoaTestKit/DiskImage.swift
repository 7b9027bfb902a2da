internal import StoaDisk

/// The whole contents of a simulated disk as a value: what a machine would find after a cut.
package struct DiskImage: Sendable {
    /// Contents by file number; several names may lead to one file.
    package var files: [Int: [UInt8]] = [:]
    /// File numbers by path.
    package var names: [String: Int] = [:]
    package var directories: Set<String> = [""]

    package init() {}

    /// The file's bytes; nil when there is no such name.
    package func contents(_ path: String) -> [UInt8]? {
        names[path].map { files[$0] ?? [] }
    }

    /// Replaces a file's bytes, for tests that damage a directory.
    package mutating func setContents(_ path: String, _ bytes: [UInt8]) {
        let number = names[path] ?? (files.keys.max() ?? 0) + 1
        names[path] = number
        files[number] = bytes
    }

    /// The directory a path lies in.
    package static func directory(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
        return String(path[..<slash])
    }

    /// Bytes of all named files, each counted once.
    package var byteCount: Int {
        Set(names.values).reduce(0) { $0 + (files[$1]?.count ?? 0) }
    }

    /// Whether names and contents are the same; file numbers do not matter.
    package func isSame(as other: DiskImage) -> Bool {
        names.count == other.names.count && directories == other.directories
            && names.allSatisfy { path, number in
                other.names[path].map { other.files[$0] ?? [] } == (files[number] ?? [])
            }
    }

    /// Applies one change; what it does not find, it leaves.
    mutating func apply(_ change: DiskChange) {
        switch change {
        case .write(let file, let offset, let bytes):
            Self.write(bytes, at: offset, into: &files[file, default: []])
        case .resize(let file, let byteCount):
            Self.resize(&files[file, default: []], to: byteCount)
        case .setName(let path, let file):
            names[path] = file
            if files[file] == nil { files[file] = [] }
        case .rename(let path, let newPath, let file):
            if names[path] == file { names[path] = nil }
            names[newPath] = file
            if files[file] == nil { files[file] = [] }
        case .removeName(let path): names[path] = nil
        case .makeDirectory(let path): directories.insert(path)
        }
    }

    private static func write(_ bytes: [UInt8], at offset: Int, into content: inout [UInt8]) {
        let end = offset + bytes.count
        if content.count < end { resize(&content, to: end) }
        content.replaceSubrange(offset..<end, with: bytes)
    }

    private static func resize(_ content: inout [UInt8], to byteCount: Int) {
        if content.count > byteCount {
            content.removeLast(content.count - byteCount)
        } else {
            content.append(contentsOf: repeatElement(0, count: byteCount - content.count))
        }
    }
}

/// One change of a disk that a cut may lose until a sync makes it durable.
package enum DiskChange: Sendable {
    case write(file: Int, offset: Int, bytes: [UInt8])
    case resize(file: Int, byteCount: Int)
    case setName(path: String, file: Int)
    case rename(path: String, newPath: String, file: Int)
    case removeName(path: String)
    case makeDirectory(path: String)

    /// The file whose sync makes the change durable, if it is a change of contents.
    var file: Int? {
        switch self {
        case .write(let file, _, _), .resize(let file, _): file
        default: nil
        }
    }

    /// The directory whose sync makes the change durable, if it is a change of names.
    var directory: String? {
        switch self {
        case .write, .resize: nil
        case .setName(let path, _), .removeName(let path), .makeDirectory(let path):
            DiskImage.directory(of: path)
        case .rename(_, let newPath, _): DiskImage.directory(of: newPath)
        }
    }
}

/// What was asked of the disk, in order.
package enum DiskStep: Sendable {
    case change(DiskChange)
    case syncFile(Int)
    case syncDirectory(String)
    /// A sync that failed: what it was to make durable may be lost even if a later sync succeeds.
    case failedSyncFile(Int)
    case failedSyncDirectory(String)
}
