internal import Foundation

/// Numbers for people.
enum HumanText {
    /// `12,345,678`.
    static func count(_ number: Int) -> String {
        var text = ""
        for (index, digit) in String(number).enumerated() {
            if index > 0, (String(number).count - index) % 3 == 0, digit != "-" { text.append(",") }
            text.append(digit)
        }
        return text
    }

    /// `1 row`, `12,345 rows`.
    static func counted(_ number: Int, _ noun: String) -> String {
        "\(count(number)) \(noun)\(number == 1 ? "" : "s")"
    }

    /// `950`, `12.3 k`, `4.56 M`.
    static func short(_ number: Double) -> String {
        switch number {
        case ..<1_000: decimal(number, 0)
        case ..<1e6: significant(number / 1e3) + " k"
        case ..<1e9: significant(number / 1e6) + " M"
        default: significant(number / 1e9) + " G"
        }
    }

    /// `12 B`, `1.24 MB`; powers of a thousand.
    static func bytes(_ number: Double) -> String {
        number < 1_000 ? "\(Int(number)) B" : short(number) + "B"
    }

    /// `0.012 s`, `3.4 s`, `2 min 5 s`.
    static func duration(seconds: Double) -> String {
        switch seconds {
        case ..<1: decimal(seconds, 3) + " s"
        case ..<100: decimal(seconds, 1) + " s"
        default: "\(Int(seconds) / 60) min \(Int(seconds) % 60) s"
        }
    }

    /// A number with a fixed count of digits after the point.
    static func decimal(_ number: Double, _ digitCount: Int) -> String {
        String(format: "%.\(digitCount)f", number)
    }

    /// Three digits.
    private static func significant(_ number: Double) -> String {
        decimal(number, number < 9.995 ? 2 : number < 99.95 ? 1 : 0)
    }
}
