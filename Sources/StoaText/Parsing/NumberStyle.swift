/// How a file writes its numbers.
///
///     number   := [sign] [unit] [sign] digits [mark digits] [exponent] [unit]
///     digits   := digit* | group, a group mark and three digits, …
package struct NumberStyle: Hashable, Sendable {
    /// What stands before the fraction: a point or a comma.
    package var decimalMark: UInt8
    /// What may stand between groups of three digits; a space stands for no-break spaces too.
    package var groupMark: UInt8?
    /// What stands at every number, before or behind it.
    package var unit: NumberUnit?

    package init(decimalMark: UInt8, groupMark: UInt8? = nil, unit: NumberUnit? = nil) {
        self.decimalMark = decimalMark
        self.groupMark = groupMark
        self.unit = unit
    }

    package static let point = UInt8(ascii: ".")
    package static let comma = UInt8(ascii: ",")
    /// `1234.5`
    package static let plain = NumberStyle(decimalMark: point)
    /// The marks that may stand between thousands.
    package static let groupMarks = [",", ".", " ", "'"].map { UInt8(ascii: $0) }

    /// The longest text that is read as a number in a style of its own.
    static let byteCountLimit = 96

    /// Writes the number in `text` as `[+-]digits[.digits][e[+-]digits]` to `scratch`, which has
    /// `byteCountLimit` bytes and eight more; how many bytes that are, nil when it is no number
    /// of this style. Leading zeros stay, for the reader to judge.
    func plain(
        _ text: UnsafeRawPointer, _ count: Int, into scratch: UnsafeMutableRawPointer
    ) -> Int? {
        guard count <= Self.byteCountLimit else { return nil }
        var scan = NumberScan(text, count, output: scratch)
        scan.takeSign()
        var hasUnit = false
        if let unit, scan.take(unit: unit) {
            hasUnit = true
            scan.skipBlanks()
            scan.takeSign()
        }
        guard scan.takeWhole(groupMark: groupMark), scan.takeFraction(mark: decimalMark),
            scan.hasDigits
        else { return nil }
        if let unit {
            if !hasUnit {
                scan.skipBlanks()
                guard scan.take(unit: unit) else { return nil }
            }
        } else {
            guard scan.takeExponent() else { return nil }
        }
        return scan.isAtEnd ? scan.written : nil
    }
}

/// A sign of currency or share that stands at a number.
package enum NumberUnit: String, CaseIterable, Hashable, Sendable {
    case percent = "%"
    case dollar = "$"
    case euro = "€"
    case pound = "£"
    case yen = "¥"
    case euros = "EUR"
    case dollars = "USD"
    case pounds = "GBP"
    case francs = "CHF"
}

/// Walks a number once and writes it down plainly.
private struct NumberScan {
    let text: UnsafeRawPointer
    let count: Int
    let output: UnsafeMutableRawPointer
    var position = 0
    var written = 0
    var hasDigits = false
    var hasSign = false

    init(_ text: UnsafeRawPointer, _ count: Int, output: UnsafeMutableRawPointer) {
        self.text = text
        self.count = count
        self.output = output
    }

    var isAtEnd: Bool { position == count }

    func byte(_ offset: Int) -> UInt8 {
        offset < count ? text.load(fromByteOffset: offset, as: UInt8.self) : 0
    }

    func isDigit(_ offset: Int) -> Bool { byte(offset) &- 48 <= 9 && offset < count }

    mutating func write(_ byte: UInt8) {
        output.storeBytes(of: byte, toByteOffset: written, as: UInt8.self)
        written += 1
    }

    mutating func takeSign() {
        let next = byte(position)
        guard !hasSign, next == UInt8(ascii: "-") || next == UInt8(ascii: "+") else { return }
        hasSign = true
        write(next)
        position += 1
    }

    mutating func skipBlanks() {
        while let length = spaceLength(position) { position += length }
    }

    mutating func take(unit: NumberUnit) -> Bool {
        let bytes = unit.rawValue.utf8
        guard bytes.enumerated().allSatisfy({ byte(position + $0.offset) == $0.element }) else {
            return false
        }
        position += bytes.count
        return true
    }

    /// The digits before the mark; false when their groups are not whole.
    mutating func takeWhole(groupMark: UInt8?) -> Bool {
        let start = position
        takeDigits()
        guard let groupMark, let first = markLength(groupMark, position), isDigit(position + first)
        else { return true }
        guard (1...3).contains(position - start), byte(start) != UInt8(ascii: "0") else {
            return false
        }
        var groupCount = 1
        var isSmall = number(start, position) <= 255
        while let length = markLength(groupMark, position), isDigit(position + length) {
            position += length
            let groupStart = position
            takeDigits()
            guard position - groupStart == 3 else { return false }
            groupCount += 1
            isSmall = isSmall && number(groupStart, position) <= 255
        }
        // 192.168.100.200 is an address.
        return !(groupMark == NumberStyle.point && groupCount == 4 && isSmall && isAtEnd)
    }

    /// The number of at most three digits.
    private func number(_ start: Int, _ end: Int) -> Int {
        (start..<end).reduce(0) { $0 * 10 + Int(byte($1) - 48) }
    }

    mutating func takeFraction(mark: UInt8) -> Bool {
        guard byte(position) == mark, position < count else { return true }
        // `5.` is a number, as without a style.
        guard isDigit(position + 1) || (mark == NumberStyle.point && hasDigits) else {
            return false
        }
        write(NumberStyle.point)
        position += 1
        takeDigits()
        return true
    }

    mutating func takeExponent() -> Bool {
        guard position < count else { return true }
        guard byte(position) | 0x20 == UInt8(ascii: "e") else { return false }
        write(UInt8(ascii: "e"))
        position += 1
        if byte(position) == UInt8(ascii: "-") || byte(position) == UInt8(ascii: "+") {
            write(byte(position))
            position += 1
        }
        guard isDigit(position) else { return false }
        takeDigits()
        return true
    }

    private mutating func takeDigits() {
        while isDigit(position) {
            write(byte(position))
            position += 1
            hasDigits = true
        }
    }

    /// Bytes of the group mark at an offset.
    private func markLength(_ mark: UInt8, _ offset: Int) -> Int? {
        if mark == UInt8(ascii: " ") { return spaceLength(offset) }
        return offset < count && byte(offset) == mark ? 1 : nil
    }

    /// Bytes of the space, no-break space, thin space or narrow no-break space at an offset.
    private func spaceLength(_ offset: Int) -> Int? {
        switch (byte(offset), byte(offset + 1), byte(offset + 2)) {
        case (0x20, _, _): 1
        case (0xC2, 0xA0, _): 2
        case (0xE2, 0x80, 0x89), (0xE2, 0x80, 0xAF): 3
        default: nil
        }
    }
}

extension NumberUnit {
    private static let spellings = allCases.map { ($0, Array($0.rawValue.utf8)) }

    /// The unit at the beginning or the end of a value.
    static func standing(at text: UnsafeRawPointer, _ count: Int) -> NumberUnit? {
        let bytes = UnsafeRawBufferPointer(start: text, count: count)
        guard let last = bytes.last, last &- 48 > 9 || bytes[0] &- 48 > 9 else { return nil }
        let unsigned = bytes.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
        return spellings.first { _, spelling in
            unsigned.starts(with: spelling) || bytes.suffix(spelling.count).elementsEqual(spelling)
        }?.0
    }
}
