/// Passes over one JSON value (RFC 8259) to see whether it is one. Keeps nothing, and no depth of
/// nesting costs more than a bit.
struct JSONScanner {
    enum Outcome { case complete, cut, malformed }

    private let text: UnsafeRawBufferPointer
    private(set) var position: Int
    /// One entry per open bracket: whether it is that of an object.
    private var isObject: [Bool] = []

    init(_ text: UnsafeRawBufferPointer, at position: Int) {
        self.text = text
        self.position = position
    }

    /// Where the scanner is in the value.
    private enum Expected { case value, valueOrEnd, key, keyOrEnd, colon, commaOrEnd }

    /// Passes over the array or object at `position`; cut when the text ends before it does.
    mutating func passValue() -> Outcome {
        var expected = Expected.value
        while true {
            passBlanks()
            guard position < text.count else { return .cut }
            let byte = text[position]
            switch (expected, byte) {
            case (.value, UInt8(ascii: "{")), (.valueOrEnd, UInt8(ascii: "{")):
                isObject.append(true)
                position += 1
                expected = .keyOrEnd
            case (.value, UInt8(ascii: "[")), (.valueOrEnd, UInt8(ascii: "[")):
                isObject.append(false)
                position += 1
                expected = .valueOrEnd
            case (.valueOrEnd, UInt8(ascii: "]")), (.keyOrEnd, UInt8(ascii: "}")),
                (.commaOrEnd, UInt8(ascii: "]")), (.commaOrEnd, UInt8(ascii: "}")):
                guard isObject.popLast() == (byte == UInt8(ascii: "}")) else { return .malformed }
                position += 1
                if isObject.isEmpty { return .complete }
                expected = .commaOrEnd
            case (.commaOrEnd, UInt8(ascii: ",")):
                position += 1
                expected = isObject.last == true ? .key : .value
            case (.colon, UInt8(ascii: ":")):
                position += 1
                expected = .value
            case (.key, UInt8(ascii: "\"")), (.keyOrEnd, UInt8(ascii: "\"")):
                guard passString() else { return position >= text.count ? .cut : .malformed }
                expected = .colon
            case (.value, _), (.valueOrEnd, _):
                guard passScalar(byte) else { return position >= text.count ? .cut : .malformed }
                expected = .commaOrEnd
            default: return .malformed
            }
        }
    }

    private mutating func passBlanks() {
        while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) {
            position += 1
        }
    }

    /// A string with its quotes; false when it does not end, or holds a line end.
    private mutating func passString() -> Bool {
        position += 1
        while position < text.count {
            switch text[position] {
            case UInt8(ascii: "\""):
                position += 1
                return true
            case UInt8(ascii: "\\"): position += 2
            case 0..<0x20: return false
            default: position += 1
            }
        }
        return false
    }

    /// A string, a number or a word; false when it is none of them or the text ends in it.
    private mutating func passScalar(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""): return passString()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            while position < text.count,
                "-+.eE0123456789".utf8.contains(text[position])
            {
                position += 1
            }
            return position < text.count
        default:
            for word in ["true", "false", "null"] where text[position...].starts(with: word.utf8) {
                position += word.utf8.count
                return true
            }
            // A word that the head's end cuts counts as cut, not as malformed.
            let rest = text[position...]
            let isCut = ["true", "false", "null"].contains { $0.utf8.starts(with: rest) }
            if isCut { position = text.count }
            return false
        }
    }
}
