internal import StoaBase

/// How the characters of a file are written. Everything behind the input sees UTF-8.
package enum TextEncoding: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    case utf8 = "utf-8"
    case latin1
    case windows1252 = "windows-1252"
    /// By its byte order mark; without one by where its zero bytes are.
    case utf16 = "utf-16"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"

    package var description: String { rawValue }

    /// The encoding of that name, as people spell it; nil when it is none that is read.
    package init?(name: String) {
        let plain = name.lowercased().filter { $0.isLetter || $0.isNumber }
        switch plain {
        case "utf8": self = .utf8
        case "latin1", "iso88591": self = .latin1
        case "windows1252", "cp1252", "ansi": self = .windows1252
        case "utf16", "ucs2": self = .utf16
        case "utf16le", "ucs2le": self = .utf16LittleEndian
        case "utf16be", "ucs2be": self = .utf16BigEndian
        default: return nil
        }
    }

    /// Bytes of a file's start that `detected(in:)` wants to see.
    package static let markByteCount = 4

    /// What a byte order mark at the file's start says; UTF-8 when there is none. UTF-32 is not
    /// taken for the UTF-16 whose mark it begins with.
    package static func detected(in head: UnsafeRawBufferPointer) -> TextEncoding {
        if isUTF32(head) { return .utf8 }
        if head.starts(with: [0xFF, 0xFE]) { return .utf16LittleEndian }
        return head.starts(with: [0xFE, 0xFF]) ? .utf16BigEndian : .utf8
    }

    /// Whether the file begins with the byte order mark of UTF-32.
    static func isUTF32(_ head: UnsafeRawBufferPointer) -> Bool {
        head.starts(with: [0xFF, 0xFE, 0, 0]) || head.starts(with: [0, 0, 0xFE, 0xFF])
    }

    /// The encoding with its byte order, if it is UTF-16 of which only the start tells that.
    package func resolved(by head: UnsafeRawBufferPointer) -> TextEncoding {
        guard self == .utf16 else { return self }
        let marked = Self.detected(in: head)
        if marked != .utf8 { return marked }
        // Most of what stands in tables is ASCII: its zero bytes lie all on one side.
        var zeros = (even: 0, odd: 0)
        for (index, byte) in head.enumerated() where byte == 0 {
            if index % 2 == 0 { zeros.even += 1 } else { zeros.odd += 1 }
        }
        return zeros.even > zeros.odd ? .utf16BigEndian : .utf16LittleEndian
    }

    /// Whether a text without a byte order mark looks like ASCII written as UTF-16: about every
    /// second byte is zero, and all zeros lie on one side.
    package static func looksLikeUTF16(_ head: UnsafeRawBufferPointer) -> Bool {
        var zeros = [0, 0]
        for (index, byte) in head.enumerated() where byte == 0 { zeros[index % 2] += 1 }
        return zeros.contains(0) && zeros[0] + zeros[1] > head.count / 4 && head.count >= 4
    }

    /// A stage that turns the encoding into UTF-8; nil for UTF-8 itself.
    func stage() -> (any ByteStage)? {
        switch self {
        case .utf8: nil
        case .latin1: SingleByteStage(isWindows: false)
        case .windows1252: SingleByteStage(isWindows: true)
        case .utf16, .utf16LittleEndian: UTF16Stage(isBigEndian: false)
        case .utf16BigEndian: UTF16Stage(isBigEndian: true)
        }
    }
}
