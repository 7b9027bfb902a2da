/// Text as a terminal shows it: how many columns it takes, and made harmless.
package enum DisplayText {
    /// Columns a text takes: East Asian wide characters and emoji two, combining marks none.
    ///
    /// Source: Unicode Standard Annex 11; emoji by their default presentation (UTS 51).
    package static func width(_ text: String) -> Int {
        if text.utf8.allSatisfy({ $0 < 0x7F }) { return text.utf8.count }
        return text.reduce(0) { $0 + width($1) }
    }

    /// Columns of one character.
    static func width(_ character: Character) -> Int {
        var widest = 0
        for scalar in character.unicodeScalars {
            // The variation selector asks for the emoji form of what stands before it.
            if scalar.value == 0xFE0F { return 2 }
            widest = max(widest, width(scalar))
        }
        return widest
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x300 { return value < 0x20 || (0x7F...0x9F).contains(value) ? 0 : 1 }
        if wideRanges.contains(where: { $0.contains(value) }) { return 2 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return scalar.properties.isEmojiPresentation ? 2 : 1
        }
    }

    /// Wide and fullwidth characters that are no emoji.
    private static let wideRanges: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF,
        0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6F,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x18DFF, 0x1AFF0...0x1B2FF,
        0x1F200...0x1F202, 0x1F210...0x1F23B, 0x1F240...0x1F248, 0x1F250...0x1F251,
        0x20000...0x3FFFD,
    ]

    /// The text without what would move the cursor or turn the reading order: control
    /// characters are written as escapes, so that a value can never speak to the terminal.
    package static func printable(_ bytes: some Collection<UInt8>) -> String {
        if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
            return String(decoding: bytes, as: UTF8.self)
        }
        var text = ""
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            switch scalar.value {
            case 0x0A: text += "\\n"
            case 0x0D: text += "\\r"
            case 0x09: text += "\\t"
            case 0..<0x20, 0x7F...0x9F:
                var hex: [UInt8] = []
                ValueText.appendHex(UInt8(scalar.value), to: &hex)
                text += "\\x" + String(decoding: hex, as: UTF8.self)
            case 0x200E...0x200F, 0x202A...0x202E, 0x2028...0x2029, 0x2066...0x2069:
                text += "\\u{\(String(scalar.value, radix: 16))}"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text
    }

    /// The text cut to `limit` columns, with `…` in the last one when something was cut.
    package static func cut(_ text: String, toWidth limit: Int) -> String {
        guard width(text) > limit else { return text }
        var kept = ""
        var used = 0
        for character in text {
            let next = width(character)
            guard used + next <= limit - 1 else { break }
            kept.append(character)
            used += next
        }
        return kept + "…"
    }

    /// Spaces up to `width` columns, before or after the text.
    static func padded(_ text: String, toWidth width: Int, isRight: Bool) -> String {
        let padding = String(repeating: " ", count: max(0, width - Self.width(text)))
        return isRight ? padding + text : text + padding
    }
}
