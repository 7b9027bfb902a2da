internal import StoaBase
internal import StoaModel

/// Gives the columns of a result names that are unique, as the batch format needs them: the
/// second `a` is `a_1`.
struct OutputNames {
    private var taken: Set<String> = []
    /// The last number tried behind a name; those below it are taken.
    private var lastNumbers: [String: Int] = [:]

    /// `name`, or the first of `name_1`, `name_2`, … that is still free.
    mutating func unique(_ name: String) -> String {
        let folded = Names.folded(name)
        var candidate = name
        var number = lastNumbers[folded] ?? 0
        while !taken.insert(Names.folded(candidate)).inserted {
            number += 1
            candidate = Self.numbered(name, number)
        }
        lastNumbers[folded] = number
        return candidate
    }

    private static func numbered(_ name: String, _ number: Int) -> String {
        let suffix = "_\(number)"
        var stem = Array(name.utf8)
        if stem.count + suffix.utf8.count > Limits.nameByteCountLimit {
            var end = Limits.nameByteCountLimit - suffix.utf8.count
            while end > 0, stem[end] & 0xC0 == 0x80 { end -= 1 }
            stem = Array(stem[..<end])
        }
        return String(decoding: stem, as: UTF8.self) + suffix
    }
}
