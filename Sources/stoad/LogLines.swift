internal import Foundation
internal import StoaBase
internal import StoaModel
internal import StoaSettings

/// The way of events from every layer to stderr, one line each: for people
/// (`time level message name=text`) or for machines (a JSON object).
enum LogLines {
    /// What every layer reports to.
    static func open(_ settings: Settings) -> EventLog {
        let isJSON = settings.logFormat == "json"
        return EventLog(minimum: minimum(settings)) { entry in
            StandardError.write(isJSON ? json(now(), entry) : text(now(), entry))
        }
    }

    /// The least level that the setting `log-level` wants; nothing is below `debug`.
    static func minimum(_ settings: Settings) -> EventLog.Level {
        EventLog.Level(rawValue: settings.logLevel) ?? .debug
    }

    private static func now() -> String {
        var text: [UInt8] = []
        TimeText.append(timestamp: HostClock.wallMicroseconds(), isRFC3339: true, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// A line for people. Fields without a text are left out.
    private static func text(_ time: String, _ entry: EventLog.Entry) -> String {
        var line = "\(time) \(entry.level.rawValue) \(entry.message)"
        for field in entry.fields where !field.text.isEmpty {
            let needsQuotes = field.text.unicodeScalars.contains {
                $0.value <= 0x20 || $0 == "=" || $0 == "\""
            }
            line += " \(field.name)=" + (needsQuotes ? quoted(field.text) : field.text)
        }
        return line
    }

    /// A line for machines.
    private static func json(_ time: String, _ entry: EventLog.Entry) -> String {
        let head = [("time", time), ("level", entry.level.rawValue), ("message", entry.message)]
        let all = head + entry.fields.map { ($0.name, $0.text) }
        return "{" + all.map { "\(quoted($0.0)):\(quoted($0.1))" }.joined(separator: ",") + "}"
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
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output + "\""
    }
}
