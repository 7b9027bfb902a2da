internal import Logging
internal import StoaBase
internal import StoaSettings

/// The way of events from every layer to the log lines on stderr.
enum OperatorLog {
    /// What every layer reports to; the setting `log-level` says from which level on.
    static func make(_ settings: Settings, _ logger: Logger) -> EventLog {
        EventLog(minimum: minimum(settings.logLevel)) { entry in
            let metadata = Logger.Metadata(
                entry.fields.map { ($0.name, .string($0.text)) }, uniquingKeysWith: { $1 })
            logger.log(
                level: level(entry.level), "\(entry.message)", metadata: metadata)
        }
    }

    /// `trace` has nothing below `debug`.
    static func minimum(_ word: String) -> EventLog.Level {
        EventLog.Level(rawValue: word) ?? (word == "trace" ? .debug : .info)
    }

    private static func level(_ level: EventLog.Level) -> Logger.Level {
        switch level {
        case .debug: .debug
        case .info: .info
        case .notice: .notice
        case .warning: .warning
        case .error: .error
        case .critical: .critical
        }
    }
}
