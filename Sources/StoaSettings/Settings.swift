internal import StoaBase

/// The checked settings of one daemon.
package struct Settings: Equatable, Sendable {
    private var values: [SettingKey: SettingValue] = [:]
    private var origins: [SettingKey: SettingOrigin] = [:]
    /// Variables that begin with `STOA_` and say nothing to the daemon, sorted.
    package private(set) var unknownVariables: [String] = []

    /// The compiled defaults.
    package init() {
        for key in SettingKey.allCases {
            let value = key.definition.parse(key.definition.defaultText)
            invariant(value != nil, "the default of \(key.rawValue) passes its own definition")
            values[key] = value
            origins[key] = .compiledDefault
        }
    }

    /// Puts together what was said, each key by the strongest who said it: a flag, the
    /// environment, the file, the default.
    ///
    /// - Parameters:
    ///   - flags: Texts of the command line.
    ///   - environment: All variables. One that begins with `STOA_` and is nearly a known one is
    ///     a mistake; others are somebody else's and left alone, see `unknownVariables`.
    ///   - file: The configuration file, if there is one.
    package init(
        flags: [SettingKey: String], environment: [String: String], file: SettingsFile?
    ) throws(SettingsError) {
        self.init()
        if let file {
            for key in SettingKey.allCases {
                guard let entry = file.entries[key] else { continue }
                try set(key, entry.text, from: .file(path: file.path, line: entry.line))
            }
        }
        try checkNames(of: environment)
        for key in SettingKey.allCases {
            if let text = environment[key.environmentName] {
                try set(key, text, from: .environment(name: key.environmentName))
            }
            if let text = flags[key] {
                try set(key, text, from: .flag(name: "--\(key.rawValue)"))
            }
        }
    }

    /// Variables that begin with `STOA_` and are not settings of the daemon.
    private static let otherVariables = ["STOA_CONFIG", "STOA_URL"]

    /// The environment is shared with other programs, which may have variables of the same
    /// beginning; a setting that is misspelled would silently not hold.
    private mutating func checkNames(of environment: [String: String]) throws(SettingsError) {
        let prefix = "STOA_"
        let known = SettingKey.allCases.map(\.environmentName) + Self.otherVariables
        // The common beginning would make everything look near.
        let words = known.map { String($0.dropFirst(prefix.count)) }
        for name in environment.keys.sorted() where name.hasPrefix(prefix) {
            guard !known.contains(name) else { continue }
            let word = String(name.dropFirst(prefix.count))
            if let near = Suggestion.nearest(to: word, among: words) {
                throw SettingsError(
                    "unknown environment variable \(name)", hint: "did you mean \(prefix)\(near)?")
            }
            unknownVariables.append(name)
        }
    }

    private mutating func set(
        _ key: SettingKey, _ text: String, from origin: SettingOrigin
    ) throws(SettingsError) {
        guard let value = key.definition.parse(text) else {
            throw SettingsError(
                "\(key.rawValue) cannot be '\(text)' (\(origin))",
                hint: "it takes \(key.definition.range)")
        }
        values[key] = value
        origins[key] = origin
    }

    /// Who said what the key is.
    package func origin(of key: SettingKey) -> SettingOrigin { origins[key] ?? .compiledDefault }

    /// What the key is, as one would write it.
    package func valueText(of key: SettingKey) -> String {
        values[key].map(\.description) ?? key.definition.defaultText
    }

    /// Whether both say the same, whoever said it.
    package func hasSameValues(as other: Settings) -> Bool { values == other.values }

    private func text(_ key: SettingKey) -> String {
        if case .text(let text) = values[key] { text } else { "" }
    }

    private func count(_ key: SettingKey) -> Int {
        automaticCount(key) ?? 0
    }

    /// Nil for `auto`.
    private func automaticCount(_ key: SettingKey) -> Int? {
        if case .count(let count) = values[key] { count } else { nil }
    }

    package var dataDirectory: String { text(.dataDirectory) }

    package var listenAddress: ListenAddress? {
        if case .address(let address) = values[.listen] { address } else { nil }
    }

    package var connectionCountLimit: Int { count(.maxConnections) }
    package var idleTimeoutSeconds: Int { count(.idleTimeout) }
    package var handshakeTimeoutSeconds: Int { count(.handshakeTimeout) }
    package var frameTimeoutSeconds: Int { count(.frameTimeout) }
    package var shutdownDrainSeconds: Int { count(.shutdownDrain) }
    /// Nil: one for each processor that the daemon may use.
    package var workerCount: Int? { automaticCount(.workers) }
    /// Nil: by the control group or the machine.
    package var memoryByteCountLimit: Int? { automaticCount(.memoryLimit) }
    /// Nil: half of the memory limit.
    package var queryMemoryByteCountLimit: Int? { automaticCount(.queryMemoryLimit) }
    package var queryTimeoutSeconds: Int { count(.queryTimeout) }
    package var concurrentQueryLimit: Int { count(.maxConcurrentQueries) }
    package var queuedQueryLimit: Int { count(.maxQueuedQueries) }
    package var memtableLogByteCountLimit: Int { count(.memtableLogLimit) }
    package var memtableSeconds: Int { count(.memtableAge) }
    package var logFileByteCount: Int { count(.logFileSize) }
    package var reserveByteCount: Int { count(.reserveSize) }
    package var verifiedSeconds: Int { count(.verifiedTime) }
    package var scrubSeconds: Int { count(.scrubPeriod) }
    /// `text` or `json`.
    package var logFormat: String { text(.logFormat) }
    /// `trace` … `critical`.
    package var logLevel: String { text(.logLevel) }
    /// 0: no statement is slow.
    package var slowStatementSeconds: Int { count(.slowStatement) }

    /// The keys whose values differ, in the order of the file.
    package func differences(from other: Settings) -> [SettingKey] {
        SettingKey.allCases.filter { values[$0] != other.values[$0] }
    }
}
