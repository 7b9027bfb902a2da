internal import Foundation
internal import StoaText

/// A file, a pipe or standard input that is loaded: what it is called, how it is compressed and
/// encoded, and its text as often as it can be read.
final class InputFile {
    /// As the user wrote it; `-` for standard input.
    let path: String
    let compression: Compression?
    let encoding: TextEncoding
    private let raw: RawInput

    /// - Parameters:
    ///   - encoding: nil: by the byte order mark, else UTF-8.
    ///   - isTable: whether the caller knows that it is delimited text.
    /// - Throws: `Failure` when there is no such file, or it is known to be something else.
    init(path: String, encoding wanted: TextEncoding?, isTable: Bool) throws {
        self.path = path
        raw = try RawInput(path: path)
        let stored = try Self.head(of: raw, path, nil, .utf8)
        compression = stored.withUnsafeBytes { Compression.detected(in: $0) }
        let bytes = compression == nil ? stored : try Self.head(of: raw, path, compression, .utf8)
        encoding = bytes.withUnsafeBytes {
            wanted?.resolved(by: $0) ?? TextEncoding.detected(in: $0)
        }
        guard !isTable else { return }
        let text =
            encoding == .utf8 ? bytes : try Self.head(of: raw, path, compression, encoding)
        try refuseForeign(text)
    }

    /// The last part of the path.
    var name: String {
        path == "-" ? "standard input" : path.split(separator: "/").last.map(String.init) ?? path
    }

    /// Bytes of the file as it is stored; nil for what has no length.
    var byteCount: Int? { raw.byteCount }

    /// The name as a table's: without its endings, and nothing but letters, digits and `_`; nil
    /// for what has no name of its own.
    var tableName: String? {
        guard path != "-", !path.hasPrefix("/dev/") && !path.hasPrefix("/proc/") else { return nil }
        let stem = name.split(separator: ".").first.map(String.init) ?? name
        let word = stem.lowercased().unicodeScalars.map {
            $0.properties.isAlphabetic || ("0"..."9").contains($0) ? Character($0) : "_"
        }
        let text = String(String(word).prefix(60))
        return text.first?.isNumber ?? true ? "t_" + text : text
    }

    /// Whether places of the text are places of the file, so that parts of it can be looked at.
    var hasPlaces: Bool { raw.byteCount != nil && compression == nil && encoding == .utf8 }

    /// Whether the text can be read from the front once more.
    var canRestart: Bool { raw.canRestart }

    /// Whether the path leads to this very file, under whatever name.
    func isSame(asFileAt path: String) -> Bool { raw.isSame(asFileAt: path) }

    /// The text from its front.
    func text() -> InputText {
        InputText(raw, path: path, compression: compression, encoding: encoding)
    }

    /// Fills the room of `chunk` from a place on, in a file that has places.
    func read(into chunk: TextChunk, at offset: Int) throws {
        var offset = offset
        while !chunk.room.isEmpty {
            let count = try raw.read(into: chunk.room, at: offset)
            if count == 0 { return }
            chunk.didFill(count)
            offset += count
        }
    }

    /// - Throws: `Failure` when the file is no longer the one that was opened.
    func checkUnchanged() throws {
        guard raw.isUnchanged else {
            throw Failure.local(
                "\(path): the file changed while it was read; nothing was loaded",
                hint: "Import it when nobody writes to it, or a copy: cp FILE COPY")
        }
    }

    /// The first bytes of the text under that reading.
    private static func head(
        of raw: RawInput, _ path: String, _ compression: Compression?, _ encoding: TextEncoding
    ) throws -> [UInt8] {
        let text = InputText(raw, path: path, compression: compression, encoding: encoding)
        let chunk = TextChunk(capacity: ForeignFormat.headByteCount)
        try text.fill(chunk)
        return Array(chunk.text)
    }

    /// Refuses what is known to be no table.
    private func refuseForeign(_ head: [UInt8]) throws {
        let foreign = head.withUnsafeBytes { ForeignFormat.detected(in: $0) }
        if let foreign { throw Failure.local("\(path): \(foreign.message)", hint: foreign.hint) }
        guard !head.withUnsafeBytes({ TextEncoding.looksLikeUTF16($0) }) else {
            throw Failure.local(
                "\(path): the file has zero bytes as UTF-16 without a byte order mark has them",
                hint: "Say --encoding utf-16.")
        }
    }
}
