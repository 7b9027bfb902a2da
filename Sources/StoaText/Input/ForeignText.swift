/// Tells texts apart that are no tables: JSON, XML, HTML, SQL.
enum ForeignText {
    /// Looks at the text's head, which may end anywhere.
    static func detected(in head: UnsafeRawBufferPointer) -> ForeignFormat? {
        var start = head.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        while start < head.count, isBlank(head[start]) { start += 1 }
        guard start < head.count else { return nil }
        switch head[start] {
        case UInt8(ascii: "{"), UInt8(ascii: "["): return json(head, start)
        case UInt8(ascii: "<"): return markup(head, start)
        default: return sql(head, start)
        }
    }

    /// JSON when the first value is well formed as far as it is seen, and nothing but another
    /// value or the end stands behind it: `{"a":1},2` is a line of CSV, `[id],[name]` too.
    private static func json(_ head: UnsafeRawBufferPointer, _ start: Int) -> ForeignFormat? {
        var scanner = JSONScanner(head, at: start)
        switch scanner.passValue() {
        case .malformed: return nil
        case .cut: return .json
        case .complete: break
        }
        var position = scanner.position
        while position < head.count, isBlank(head[position]) { position += 1 }
        if position == head.count { return .json }
        let isNextValue = head[position] == head[start]
        return isNextValue && head[start] == UInt8(ascii: "{") ? .jsonLines : nil
    }

    private static func markup(_ head: UnsafeRawBufferPointer, _ start: Int) -> ForeignFormat? {
        let text = lowercased(head, start)
        if text.hasPrefix("<?xml") { return .xml }
        for tag in ["<!doctype html", "<html", "<head", "<body", "<table", "<div", "<!--", "<p>"]
        where text.hasPrefix(tag) {
            return .html
        }
        guard text.dropFirst().first?.isLetter == true, let end = text.firstIndex(of: ">") else {
            return nil
        }
        // A root element holds another element at once, or is closed somewhere.
        let name = text.dropFirst().prefix { $0.isLetter || $0.isNumber || "_:-.".contains($0) }
        let behindName = text[name.endIndex]
        guard behindName == ">" || behindName == "/" || behindName.isWhitespace else { return nil }
        let rest = text[text.index(after: end)...]
        let isNested = rest.first { !$0.isWhitespace } == "<"
        return isNested || rest.contains("</\(name)>") ? .xml : nil
    }

    /// Statements at the start, behind comments as dumps have them.
    private static func sql(_ head: UnsafeRawBufferPointer, _ start: Int) -> ForeignFormat? {
        let text = lowercased(head, start)
        let line = text.split(whereSeparator: \.isNewline).first { line in
            !line.hasPrefix("--") && !line.hasPrefix("/*") && !line.allSatisfy(\.isWhitespace)
        }
        let beginnings = [
            "create table ", "create database ", "insert into ", "drop table ",
            "pragma foreign_keys", "set statement_timeout", "use `",
        ]
        guard let line else { return nil }
        if line == "begin;" || line == "begin transaction;" { return .sqlScript }
        guard beginnings.contains(where: line.hasPrefix) else { return nil }
        return text.contains(";") || text.contains("(") ? .sqlScript : nil
    }

    private static func lowercased(_ head: UnsafeRawBufferPointer, _ start: Int) -> String {
        String(decoding: head[start...].prefix(8_192), as: UTF8.self).lowercased()
    }

    private static func isBlank(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }
}
