/// Reads and writes sizes: `4096`, `64MiB`, `2 GiB`.
package enum ByteCountText {
    private static let units: [(suffix: String, shift: Int)] = [
        ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10), ("B", 0),
    ]

    /// The bytes that `text` spells; nil when it is no size or does not fit.
    package static func parse(_ text: String) -> Int? {
        let unit = units.first { text.hasSuffix($0.suffix) }
        var digits = text[...]
        if let unit { digits = digits.dropLast(unit.suffix.count) }
        while digits.last == " " { digits = digits.dropLast() }
        guard digits.first != "-", digits.first != "+", let number = Int(digits) else { return nil }
        let (product, overflowed) = number.multipliedReportingOverflow(by: 1 << (unit?.shift ?? 0))
        return overflowed ? nil : product
    }

    /// The shortest exact spelling.
    package static func text(_ byteCount: Int) -> String {
        let unit = units.first { $0.shift > 0 && byteCount > 0 && byteCount % (1 << $0.shift) == 0 }
        return unit.map { "\(byteCount >> $0.shift)\($0.suffix)" } ?? "\(byteCount)"
    }
}
