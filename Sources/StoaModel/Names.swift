internal import StoaBase

/// The rule for table and column names.
package enum Names {
    /// Whether `name` may name a table or a column: 1 … 128 bytes of UTF-8 without control
    /// characters.
    package static func isValid(_ name: String) -> Bool {
        (1...Limits.nameByteCountLimit).contains(name.utf8.count)
            && name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
    }

    /// Equality that ignores the case of ASCII letters only.
    package static func isEqual(_ left: String, _ right: String) -> Bool {
        left.utf8.count == right.utf8.count
            && zip(left.utf8, right.utf8).allSatisfy { folded($0) == folded($1) }
    }

    /// `name` with ASCII letters in lower case: the key under which names are unique.
    package static func folded(_ name: String) -> String {
        String(decoding: name.utf8.map(folded), as: UTF8.self)
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        byte >= 65 && byte <= 90 ? byte | 0x20 : byte
    }
}
