internal import StoaBase

/// What one key may be.
package struct SettingDefinition: Sendable {
    /// The form of a value, with its unit and range.
    package enum Kind: Sendable, Equatable {
        case text(unit: String)
        /// `host:port`, an IPv6 host in brackets.
        case address
        case count(ClosedRange<Int>, unit: String, mayBeAutomatic: Bool = false)
        /// Bytes, with an optional suffix KiB, MiB, GiB or TiB.
        case byteCount(ClosedRange<Int>, mayBeAutomatic: Bool = false)
        case choice([String])
    }

    package let kind: Kind
    /// As one would write it in the file.
    package let defaultText: String
    /// One sentence.
    package let summary: String

    init(_ kind: Kind, default defaultText: String, _ summary: String) {
        self.kind = kind
        self.defaultText = defaultText
        self.summary = summary
    }

    /// Unit and range in words: `seconds, 1 … 600`.
    package var range: String {
        switch kind {
        case .text(let unit): unit
        case .address: "host:port, port 0 … 65535"
        case .count(let range, let unit, let mayBeAutomatic):
            "\(unit), \(range.lowerBound) … \(range.upperBound)"
                + (mayBeAutomatic ? ", or auto" : "")
        case .byteCount(let range, let mayBeAutomatic):
            "bytes, \(ByteCountText.text(range.lowerBound)) … "
                + ByteCountText.text(range.upperBound) + (mayBeAutomatic ? ", or auto" : "")
        case .choice(let words): words.joined(separator: " | ")
        }
    }

    /// The value that `text` spells; nil when it is none or out of range.
    package func parse(_ text: String) -> SettingValue? {
        switch kind {
        case .text: return text.isEmpty || text.utf8.contains(0) ? nil : .text(text)
        case .address: return ListenAddress(text).map(SettingValue.address)
        case .count(let range, _, let mayBeAutomatic):
            if mayBeAutomatic, text == "auto" { return .automatic }
            return Int(text).flatMap { range.contains($0) ? .count($0) : nil }
        case .byteCount(let range, let mayBeAutomatic):
            if mayBeAutomatic, text == "auto" { return .automatic }
            return ByteCountText.parse(text).flatMap { range.contains($0) ? .count($0) : nil }
        case .choice(let words): return words.contains(text) ? .text(text) : nil
        }
    }
}

/// A value that passed its definition.
package enum SettingValue: Equatable, Sendable {
    case automatic
    case text(String)
    case count(Int)
    case address(ListenAddress)
}

extension SettingValue: CustomStringConvertible {
    package var description: String {
        switch self {
        case .automatic: "auto"
        case .text(let text): text
        case .count(let count): "\(count)"
        case .address(let address): "\(address)"
        }
    }
}
