internal import Foundation
internal import Logging
internal import StoaModel

/// Writes log events to stderr, one line each, for people (`time level message key=value`) or
/// for machines (a JSON object).
struct LineLogHandler: LogHandler {
    let isJSON: Bool
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]

    init(isJSON: Bool, level: Logger.Level) {
        self.isJSON = isJSON
        logLevel = level
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let fields = metadata.merging(event.metadata ?? [:]) { $1 }
            .map { (name: $0.key, text: "\($0.value)") }.sorted { $0.name < $1.name }
        let message = event.message.description
        StandardError.write(
            isJSON
                ? Self.json(Self.now(), "\(event.level)", message, fields)
                : Self.text(Self.now(), "\(event.level)", message, fields))
    }

    private static func now() -> String {
        var text: [UInt8] = []
        let microseconds = Int64(Date().timeIntervalSince1970 * 1_000_000)
        TimeText.append(timestamp: microseconds, isRFC3339: true, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    static func text(
        _ time: String, _ level: String, _ message: String, _ fields: [(name: String, text: String)]
    ) -> String {
        var line = "\(time) \(level) \(oneLine(message))"
        for field in fields {
            let needsQuotes =
                field.text.isEmpty || field.text.contains { " =\"\n\r\t".contains($0) }
            line += " \(field.name)=" + (needsQuotes ? quoted(field.text) : field.text)
        }
        return line
    }

    static func json(
        _ time: String, _ level: String, _ message: String, _ fields: [(name: String, text: String)]
    ) -> String {
        let all =
            [("time", time), ("level", level), ("message", message)]
            + fields.map { ($0.name, $0.text) }
        return "{" + all.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}"
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A JSON string.
    private static func quoted(_ text: String) -> String {
        var output = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
