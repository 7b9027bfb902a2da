package import StoaBase
internal import StoaModel

/// One argument of a text function.
package struct TextArgument {
    package var text: UnsafeRawBufferPointer
    package var number: Int64
    package var isNull: Bool

    package init(text: UnsafeRawBufferPointer, number: Int64 = 0, isNull: Bool = false) {
        self.text = text
        self.number = number
        self.isNull = isNull
    }
}

/// Functions from texts to text over valid UTF-8; the raw values are SQL's words. A character is
/// a code point.
package enum TextFunction: String, CaseIterable, Sendable {
    case lower, upper, reverse, trim, ltrim, rtrim, substring, left, right, lpad, rpad
    case `repeat`, replace, concat
    case concatenate = "||"

    /// Adds the result to `out`; false when it has more than `limit` bytes, and then what was
    /// added is worthless.
    package func append(
        _ arguments: UnsafeBufferPointer<TextArgument>, limit: Int, to out: TextBuffer
    ) throws(MemoryLimitReached) -> Bool {
        let text = arguments[0].text
        let start = out.count
        switch self {
        case .lower, .upper:
            // One code point may grow from two bytes to three, never more; half a one at the end,
            // which only damaged bytes have, from one to three.
            try out.reserve(text.count * 2 + 4)
            TextCase.map(text, toUpper: self == .upper) { out.appendReserved($0) }
        case .reverse: try Self.reverse(text, to: out)
        case .trim, .ltrim, .rtrim:
            let characters = arguments.count > 1 ? arguments[1].text : nil
            try out.append(
                CodePoints.trimmed(
                    text, of: characters, atStart: self != .rtrim, atEnd: self != .ltrim,
                    budget: out.budget))
        case .substring:
            let length = arguments.count > 2 ? arguments[2].number : Int64.max
            try out.append(
                CodePoints.substring(text, from: arguments[1].number, count: length))
        case .left: try out.append(CodePoints.first(text, arguments[1].number))
        case .right: try out.append(CodePoints.last(text, arguments[1].number))
        case .lpad, .rpad:
            return try Self.pad(
                text, to: arguments[1].number, with: arguments[2].text, isLeft: self == .lpad,
                limit: limit, out)
        case .repeat:
            guard arguments[1].number > 0, text.count > 0 else { return true }
            guard arguments[1].number <= limit / text.count else { return false }
            for _ in 0..<arguments[1].number { try out.append(text) }
        case .replace:
            return try Self.replace(
                text, arguments[1].text, with: arguments[2].text, limit: limit, out)
        case .concat, .concatenate:
            for argument in arguments where !argument.isNull {
                try out.append(argument.text)
                if out.count - start > limit { return false }
            }
        }
        return out.count - start <= limit
    }

    private static func reverse(
        _ text: UnsafeRawBufferPointer, to out: TextBuffer
    ) throws(MemoryLimitReached) {
        var end = text.count
        while end > 0 {
            let start = CodePoints.start(text, before: end)
            try out.append(UnsafeRawBufferPointer(rebasing: text[start..<end]))
            end = start
        }
    }

    /// To exactly `length` code points; without a filling a short text stays short.
    private static func pad(
        _ text: UnsafeRawBufferPointer, to length: Int64, with filling: UnsafeRawBufferPointer,
        isLeft: Bool, limit: Int, _ out: TextBuffer
    ) throws(MemoryLimitReached) -> Bool {
        let count = Int64(CodePoints.count(text))
        let missing = max(0, length) - count
        if missing <= 0 {
            try out.append(CodePoints.first(text, max(0, length)))
            return true
        }
        guard missing <= Int64(limit) else { return false }
        let start = out.count
        if !isLeft { try out.append(text) }
        let fillingCount = Int64(CodePoints.count(filling))
        if fillingCount > 0 {
            for _ in 0..<missing / fillingCount {
                try out.append(filling)
                if out.count - start > limit { return false }
            }
            try out.append(CodePoints.first(filling, missing % fillingCount))
        }
        if isLeft { try out.append(text) }
        return out.count - start <= limit
    }

    private static func replace(
        _ text: UnsafeRawBufferPointer, _ sought: UnsafeRawBufferPointer,
        with replacement: UnsafeRawBufferPointer, limit: Int, _ out: TextBuffer
    ) throws(MemoryLimitReached) -> Bool {
        guard sought.count > 0 else {
            try out.append(text)
            return true
        }
        let begin = out.count
        var start = 0
        while let found = ByteSearch.first(sought, in: text, from: start) {
            try out.append(UnsafeRawBufferPointer(rebasing: text[start..<found]))
            try out.append(replacement)
            start = found + sought.count
            if out.count - begin > limit { return false }
        }
        try out.append(UnsafeRawBufferPointer(rebasing: text[start...]))
        return out.count - begin <= limit
    }
}
