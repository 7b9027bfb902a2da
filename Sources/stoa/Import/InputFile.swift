internal import Foundation
internal import StoaText

/// A regular file that is read from several places and more than once.
final class InputFile {
    let path: String
    let byteCount: Int
    private let descriptor: Int32

    /// - Throws: `Failure` when there is no such file, or it is none that can be read twice.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw Failure.local("\(path): \(String(cString: strerror(errno)))")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw Failure.local(
                "\(path): not a regular file",
                hint: "Import reads a file twice where its types demand it; save a pipe first.")
        }
        byteCount = Int(status.st_size)
    }

    deinit { close(descriptor) }

    /// Whether the path leads to this very file, under whatever name.
    func isSame(asFileAt path: String) -> Bool {
        var mine = stat(), other = stat()
        return fstat(descriptor, &mine) == 0 && stat(path, &other) == 0
            && mine.st_dev == other.st_dev && mine.st_ino == other.st_ino
    }

    /// The last part of the path.
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }

    /// The name as a table's: without its endings, and nothing but letters, digits and `_`.
    var tableName: String {
        let stem = name.split(separator: ".").first.map(String.init) ?? name
        let word = stem.lowercased().unicodeScalars.map {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) ? Character($0) : "_"
        }
        let text = String(String(word).prefix(60))
        return text.first?.isNumber ?? true ? "t_" + text : text
    }

    /// Fills the room of `chunk` from `offset` on; how many bytes came, 0 at the end.
    func read(into chunk: TextChunk, at offset: Int) throws -> Int {
        var total = 0
        while !chunk.room.isEmpty {
            let room = chunk.room
            let count = pread(descriptor, room.baseAddress, room.count, off_t(offset + total))
            if count < 0 {
                if errno == EINTR { continue }
                throw Failure.local("\(path): \(String(cString: strerror(errno)))")
            }
            if count == 0 { break }
            chunk.didFill(count)
            total += count
        }
        return total
    }
}
