internal import StoaModel

/// The settings as `system.settings` and SHOW write them: the daemon's, then those of the session
/// as they hold for the statement that asks.
struct SettingListing {
    /// Names and types of the columns.
    static let schema: [(String, ColumnType)] = [
        ("name", .string), ("value", .string), ("default", .string), ("range", .string),
        ("origin", .string), ("needs_restart", .bool), ("summary", .string),
    ]

    private let database: DatabaseOptions
    private let options: QueryOptions

    init(_ database: DatabaseOptions, _ options: QueryOptions) {
        self.database = database
        self.options = options
    }

    /// One row for each setting, of all columns.
    var rows: [[Literal]] {
        let ofDaemon = database.settings.map { setting -> [Literal] in
            [
                .text(setting.name), .text(setting.value), .text(setting.defaultValue),
                .text(setting.range), .text(setting.origin), .bool(true), .text(setting.summary),
            ]
        }
        return ofDaemon + QuerySetting.allCases.map(row)
    }

    /// All of them as a result.
    var columns: [ColumnBuilder] {
        var columns = Self.schema.map { ColumnBuilder(name: $0.0, type: $0.1) }
        for row in rows {
            for (index, value) in row.enumerated() { columns[index].append(value) }
        }
        return columns
    }

    /// The value of one as a result.
    func column(_ setting: QuerySetting) -> [ColumnBuilder] {
        var column = ColumnBuilder(name: setting.rawValue, type: .string)
        column.append(.text(value(of: setting) ?? defaultText(of: setting)))
        return [column]
    }

    /// The value of one that never changes as a result.
    func column(_ setting: FixedSetting) -> [ColumnBuilder] {
        var column = ColumnBuilder(name: setting.name, type: .string)
        column.append(.text(setting.value))
        return [column]
    }

    private func row(_ setting: QuerySetting) -> [Literal] {
        let fallback = defaultText(of: setting)
        let said = value(of: setting)
        let ofSession = options.session?.current.text(of: setting)
        let origin = said == nil ? "default" : said == ofSession ? "session" : "statement"
        return [
            .text(setting.rawValue), .text(said ?? fallback), .text(fallback),
            .text(setting.range), .text(origin), .bool(false), .text(setting.summary),
        ]
    }

    private func value(of setting: QuerySetting) -> String? {
        switch setting {
        case .memory: options.memoryByteCountLimit.map { "\($0)" }
        case .threads: options.workerCountLimit.map { "\($0)" }
        case .timeout: options.timeoutSeconds.map(QuerySettings.text(seconds:))
        }
    }

    private func defaultText(of setting: QuerySetting) -> String {
        switch setting {
        case .memory: "\(database.queryMemoryByteCountLimit)"
        case .threads: "\(database.workerCount)"
        case .timeout: QuerySettings.text(seconds: database.queryTimeoutSeconds)
        }
    }
}
