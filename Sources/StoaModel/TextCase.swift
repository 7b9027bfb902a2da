/// Lower and upper case of UTF-8, a code point at a time by Unicode's simple mappings: one code
/// point stays one, so `ß` has no upper case.
package enum TextCase {
    /// In lower case.
    package static func lower(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        bytes.withUnsafeBytes { map($0, toUpper: false) { result.append($0) } }
        return result
    }

    /// Hands on the bytes of valid UTF-8 in the other case.
    package static func map(
        _ text: UnsafeRawBufferPointer, toUpper: Bool, _ emit: (UInt8) -> Void
    ) {
        let first: UInt8 = toUpper ? UInt8(ascii: "a") : UInt8(ascii: "A")
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                emit(byte &- first < 26 ? byte ^ 0x20 : byte)
                index += 1
                continue
            }
            let length = min(byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4, text.count - index)
            let character = UnsafeRawBufferPointer(rebasing: text[index..<index + length])
            for mapped in mapped(character, toUpper: toUpper) { emit(mapped) }
            index += length
        }
    }

    /// One code point beyond ASCII in the other case.
    private static func mapped(_ bytes: UnsafeRawBufferPointer, toUpper: Bool) -> [UInt8] {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        guard let scalar = scalars.first else { return [UInt8](bytes) }
        let text =
            toUpper ? scalar.properties.uppercaseMapping : scalar.properties.lowercaseMapping
        if text.unicodeScalars.count == 1 { return Array(text.utf8) }
        let simple = simpleMapping(scalar.value, toUpper: toUpper).flatMap(Unicode.Scalar.init)
        return simple.map { Array(String($0).utf8) } ?? [UInt8](bytes)
    }

    /// Of those whose full mapping has several code points, the simple mapping where there is one
    /// (UnicodeData.txt; the standard library knows only the full ones).
    private static func simpleMapping(_ scalar: UInt32, toUpper: Bool) -> UInt32? {
        switch scalar {
        case 0x130: toUpper ? nil : 0x69
        case 0x1F80...0x1F87, 0x1F90...0x1F97, 0x1FA0...0x1FA7: toUpper ? scalar + 8 : nil
        case 0x1FB3, 0x1FC3, 0x1FF3: toUpper ? scalar + 9 : nil
        default: nil
        }
    }
}
