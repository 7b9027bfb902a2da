internal import StoaBase
internal import StoaModel

/// Makes valid, distinct column names out of a file's header.
package enum ColumnNaming {
    /// Names are kept as they are, inner spaces and signs included. Only what a table could not
    /// hold is changed: blanks around a name go, control characters become spaces, more than 128
    /// bytes are cut, an empty name becomes `column_N` by its position from 1, and a name that
    /// came before (ignoring ASCII case) gets `_2`, `_3`, … behind it, the first that no column
    /// of the file has itself.
    package static func names(of header: [[UInt8]]) -> [String] {
        let cleaned = header.map(cleaned)
        let own = Set(cleaned.filter { !$0.isEmpty }.map(Names.folded))
        var taken: Set<String> = []
        var nextNumbers: [String: Int] = [:]
        return cleaned.enumerated().map { position, name in
            if !name.isEmpty, taken.insert(Names.folded(name)).inserted { return name }
            let wanted = name.isEmpty ? "column_\(position + 1)" : name
            var candidate = wanted
            var number = nextNumbers[Names.folded(wanted), default: 2]
            while own.contains(Names.folded(candidate))
                || !taken.insert(Names.folded(candidate)).inserted
            {
                let suffix = "_\(number)"
                candidate = cut(wanted, to: Limits.nameByteCountLimit - suffix.utf8.count) + suffix
                number += 1
            }
            nextNumbers[Names.folded(wanted)] = number
            return candidate
        }
    }

    /// `column_1`, `column_2`, … for a file without a header.
    package static func names(count: Int) -> [String] {
        names(of: Array(repeating: [], count: count))
    }

    private static func cleaned(_ bytes: [UInt8]) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isControl = scalar.properties.generalCategory == .control
            scalars.append(isControl ? " " : scalar)
        }
        while scalars.first == " " { scalars.removeFirst() }
        while scalars.last == " " { scalars.removeLast() }
        return cut(String(scalars), to: Limits.nameByteCountLimit)
    }

    /// The longest beginning of whole characters within `byteCount` bytes.
    private static func cut(_ text: String, to byteCount: Int) -> String {
        var text = text
        while text.utf8.count > byteCount { text.removeLast() }
        return text
    }
}
