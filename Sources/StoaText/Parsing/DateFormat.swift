internal import StoaBase
internal import StoaModel

/// How a column writes its days and moments, as pieces in the order of the text.
///
/// A format is written with letters (`DD.MM.YYYY hh:mm:ss`, `MM/DD/YYYY hh:mm AM`, `DD-Mon-YYYY`)
/// or as `strftime` has it (`%d.%m.%Y %H:%M:%S`). A format without a time of day takes one behind
/// the day all the same: a space, a comma and a space, or `T`; `h:mm[:ss[.ffffff]]`; `AM` or
/// `PM`; a zone.
package struct DateFormat: Hashable, Sendable, CustomStringConvertible {
    /// One step through a text.
    enum Piece: Hashable, Sendable {
        case year, shortYear, month, monthName, day, hour, halfDayHour, minute, second, fraction
        case halfDay, zone
        case literal(UInt8)
    }

    let pieces: [Piece]
    package let description: String

    /// The format that a text describes; nil when it names no year, month and day, or something
    /// unknown.
    package init?(_ text: String) {
        guard let pieces = text.contains("%") ? Self.percentPieces(text) : Self.letterPieces(text),
            pieces.contains(.year) || pieces.contains(.shortYear),
            pieces.contains(.month) || pieces.contains(.monthName), pieces.contains(.day)
        else { return nil }
        self.pieces = pieces
        description = text
    }

    private static func percentPieces(_ text: String) -> [Piece]? {
        var pieces: [Piece] = []
        var isCode = false
        for scalar in text.unicodeScalars {
            guard scalar.isASCII else { return nil }
            if isCode {
                guard let found = codes[scalar] else { return nil }
                pieces += found
                isCode = false
            } else if scalar == "%" {
                isCode = true
            } else {
                pieces.append(.literal(UInt8(scalar.value)))
            }
        }
        return isCode ? nil : pieces
    }

    private static let codes: [Unicode.Scalar: [Piece]] = {
        let dash = Piece.literal(UInt8(ascii: "-"))
        let colon = Piece.literal(UInt8(ascii: ":"))
        return [
            "Y": [.year], "y": [.shortYear], "m": [.month], "d": [.day], "e": [.day],
            "b": [.monthName], "B": [.monthName], "h": [.monthName], "H": [.hour],
            "I": [.halfDayHour], "M": [.minute], "S": [.second], "f": [.fraction],
            "p": [.halfDay], "z": [.zone], "%": [.literal(UInt8(ascii: "%"))],
            "F": [.year, dash, .month, dash, .day], "T": [.hour, colon, .minute, colon, .second],
            "R": [.hour, colon, .minute],
        ]
    }()

    /// Longer words first; `mm` is minutes and `MM` months.
    private static let words: [(String, Piece)] = [
        ("YYYY", .year), ("yyyy", .year), ("Month", .monthName), ("MONTH", .monthName),
        ("Mon", .monthName), ("MON", .monthName), ("mon", .monthName), ("MMM", .monthName),
        ("ffffff", .fraction), ("AM", .halfDay), ("PM", .halfDay), ("am", .halfDay),
        ("YY", .shortYear),
        ("yy", .shortYear), ("MM", .month), ("DD", .day), ("dd", .day), ("hh", .hour),
        ("HH", .hour), ("mm", .minute), ("ss", .second), ("SS", .second), ("M", .month),
        ("D", .day), ("d", .day), ("h", .hour), ("H", .hour), ("Z", .zone),
    ]

    private static func letterPieces(_ text: String) -> [Piece]? {
        var pieces: [Piece] = []
        var rest = Substring(text)
        while let first = rest.unicodeScalars.first {
            if let (word, piece) = words.first(where: { rest.hasPrefix($0.0) }) {
                pieces.append(piece)
                rest = rest.dropFirst(word.count)
            } else {
                // Days behind a literal letter would be guesses at what it means.
                guard first.isASCII, !first.properties.isAlphabetic || first == "T" else {
                    return nil
                }
                pieces.append(.literal(UInt8(first.value)))
                rest = rest.dropFirst()
            }
        }
        let isHalf = pieces.contains(.halfDay)
        return pieces.map { isHalf && $0 == .hour ? .halfDayHour : $0 }
    }

    /// The formats that are recognised, in the order of preference. Where the day and the month
    /// could change places, both are here.
    static let known: [DateFormat] = [
        "YYYY/MM/DD", "YYYY.MM.DD", "DD.MM.YYYY", "DD/MM/YYYY", "MM/DD/YYYY", "DD-MM-YYYY",
        "MM-DD-YYYY", "DD-Mon-YYYY", "DD Mon YYYY", "Mon DD, YYYY", "Mon DD YYYY",
    ].compactMap { DateFormat($0) }

    /// Formats that leave the century open; they are known to say so, and used when given.
    static let short: [DateFormat] = [
        "DD.MM.YY", "DD/MM/YY", "MM/DD/YY", "DD-MM-YY", "MM-DD-YY", "DD-Mon-YY",
    ].compactMap { DateFormat($0) }

    /// Whether a text in a known format may begin with a byte: the first letter of a month.
    static func mayBegin(with byte: UInt8) -> Bool {
        "jfmasond".utf8.contains(byte | 0x20)
    }

    /// The same text with day and month the other way round, if that is one of `known`.
    var swapped: DateFormat? {
        let order = pieces.map { $0 == .day ? .month : $0 == .month ? .day : $0 }
        return Self.known.first { $0.pieces == order && $0 != self }
    }

    /// Whether the time of day is part of the pieces.
    var hasTime: Bool { pieces.contains(.hour) || pieces.contains(.halfDayHour) }
}
