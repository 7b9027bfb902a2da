package import StoaBase

/// A pattern of LIKE over UTF-8: `%` is any bytes, `_` one code point, everything else itself.
///
/// Matching never backtracks further than the last `%`, so its time is at most the product of the
/// two lengths, and linear for patterns without `%` in the middle.
package struct LikePattern: Sendable {
    private enum Shape: Sendable {
        /// No wildcard.
        case equal
        /// `text%`
        case prefix
        /// `%text`
        case suffix
        /// `%text%`
        case contains
        case general
    }

    private let shape: Shape
    /// The pattern, or its plain part.
    private let text: [UInt8]

    package init(_ pattern: [UInt8]) {
        let percent = UInt8(ascii: "%")
        let body = pattern.drop { $0 == percent }
        let leading = pattern.count - body.count
        let core = Array(body.reversed().drop { $0 == percent }.reversed())
        let trailing = body.count - core.count
        if core.contains(percent) || core.contains(UInt8(ascii: "_")) || core.isEmpty {
            shape = .general
            text = pattern
            return
        }
        text = core
        shape = leading > 0 ? (trailing > 0 ? .contains : .suffix) : trailing > 0 ? .prefix : .equal
    }

    /// The bytes that every match starts with, and whether they alone decide.
    package var prefix: (bytes: [UInt8], isWhole: Bool)? {
        switch shape {
        case .prefix: (text, true)
        default: nil
        }
    }

    /// Whether valid UTF-8 matches; false once `stop` is raised, whatever the value.
    package func matches(_ value: UnsafeRawBufferPointer, _ stop: StopSignal) -> Bool {
        switch shape {
        case .equal: return StringOrder.isEqual(value, text)
        case .prefix:
            return value.count >= text.count
                && StringOrder.isEqual(UnsafeRawBufferPointer(rebasing: value[..<text.count]), text)
        case .suffix:
            guard value.count >= text.count else { return false }
            let tail = value[(value.count - text.count)...]
            return StringOrder.isEqual(UnsafeRawBufferPointer(rebasing: tail), text)
        case .contains: return contains(value)
        case .general: return general(value, stop)
        }
    }

    private func contains(_ value: UnsafeRawBufferPointer) -> Bool {
        text.withUnsafeBytes { ByteSearch.first($0, in: value, from: 0) != nil }
    }

    private func general(_ value: UnsafeRawBufferPointer, _ stop: StopSignal) -> Bool {
        text.withUnsafeBytes { pattern in
            var at = 0
            var want = 0
            var resumeAt = -1
            var resumeWant = 0
            var stepCount = 0
            while at < value.count {
                stepCount &+= 1
                if stepCount % Self.stepsPerLook == 0, stop.isRaised { return false }
                if want < pattern.count, pattern[want] == UInt8(ascii: "%") {
                    want += 1
                    resumeWant = want
                    resumeAt = at
                } else if want < pattern.count, pattern[want] == UInt8(ascii: "_") {
                    at += Self.codePointLength(value, at)
                    want += 1
                } else if want < pattern.count, pattern[want] == value[at] {
                    at += 1
                    want += 1
                } else if resumeAt >= 0 {
                    // The last % takes one code point more.
                    resumeAt += Self.codePointLength(value, resumeAt)
                    at = resumeAt
                    want = resumeWant
                } else {
                    return false
                }
            }
            while want < pattern.count, pattern[want] == UInt8(ascii: "%") { want += 1 }
            return want == pattern.count
        }
    }

    private static let stepsPerLook = 1 << 16

    private static func codePointLength(_ value: UnsafeRawBufferPointer, _ at: Int) -> Int {
        let lead = value[at]
        let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        return min(length, value.count - at)
    }
}
