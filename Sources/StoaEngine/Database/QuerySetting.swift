internal import StoaBase
package import StoaModel

/// A setting of a statement: what SET, RESET, SHOW and a request's own settings name.
package enum QuerySetting: String, CaseIterable, Sendable {
    case memory, threads, timeout

    /// Unit and range in words.
    var range: String {
        switch self {
        case .memory: "bytes above 0, also as 512MiB; never more than memory-limit"
        case .threads: "threads, 1 … 1024"
        case .timeout: "seconds above 0"
        }
    }

    var summary: String {
        switch self {
        case .memory: "Memory of one statement."
        case .threads: "Workers that run one statement at the same time, at most."
        case .timeout: "A statement that takes longer is ended; waiting to run counts."
        }
    }

    /// What other systems call it.
    private static let otherNames: [String: QuerySetting] = [
        "memory_limit": .memory, "max_memory": .memory, "max_memory_usage": .memory,
        "work_mem": .memory, "query_memory_limit": .memory,
        "max_threads": .threads, "worker_threads": .threads, "workers": .threads,
        "statement_timeout": .timeout, "max_execution_time": .timeout, "query_timeout": .timeout,
        "query_timeout_seconds": .timeout,
    ]

    /// The setting of that name, whatever its case.
    ///
    /// - Throws: `INVALID_SETTING` with the name that was probably meant.
    static func named(
        _ name: String, position: Range<Int>? = nil
    ) throws(ServiceError) -> QuerySetting {
        let folded = Names.folded(name)
        if let setting = QuerySetting(rawValue: folded) { return setting }
        let other = otherNames[String(folded.map { $0 == "-" ? "_" : $0 })]
        let near = other?.rawValue ?? Suggestion.nearest(to: name, among: allCases.map(\.rawValue))
        let all = "The settings are memory, threads and timeout."
        throw ServiceError(
            .invalidSetting, "There is no setting \"\(name.prefix(64))\" of a session.",
            position: position, hint: near.map { "Did you mean \($0)? \(all)" } ?? all)
    }
}

/// Values of a statement's settings; nil where nobody said one.
package struct QuerySettings: Equatable, Sendable {
    /// Most memory, in bytes.
    package private(set) var memoryByteCount: Int?
    /// Most worker threads at once.
    package private(set) var threadCount: Int?
    /// Seconds after which a statement fails with TIMEOUT.
    package private(set) var timeoutSeconds: Double?

    package init() {}

    /// Gives the setting of that name a value; nil takes it back.
    ///
    /// - Throws: `INVALID_SETTING`: no such setting, or no value of it.
    package mutating func set(
        _ name: String, to text: String?, position: Range<Int>? = nil,
        valuePosition: Range<Int>? = nil
    ) throws(ServiceError) {
        let setting = try QuerySetting.named(name, position: position)
        guard let text else { return clear(setting) }
        func refused(_ wanted: String) -> ServiceError {
            ServiceError(
                .invalidSetting, "The setting \(setting.rawValue) takes \(wanted).",
                position: valuePosition)
        }
        switch setting {
        case .memory:
            guard let byteCount = ByteCountText.parse(text), byteCount > 0 else {
                throw refused("a number of bytes above 0, or a size like '512MiB'")
            }
            memoryByteCount = byteCount
        case .threads:
            guard let count = Int(text), (1...1_024).contains(count) else {
                throw refused("a number of threads, 1 to 1024")
            }
            threadCount = count
        case .timeout:
            guard let seconds = Double(text), seconds > 0, seconds < 1e9 else {
                throw refused("a number of seconds above 0")
            }
            timeoutSeconds = seconds
        }
    }

    private mutating func clear(_ setting: QuerySetting) {
        switch setting {
        case .memory: memoryByteCount = nil
        case .threads: threadCount = nil
        case .timeout: timeoutSeconds = nil
        }
    }

    /// As SHOW writes it; nil when nobody said one.
    func text(of setting: QuerySetting) -> String? {
        switch setting {
        case .memory: memoryByteCount.map { "\($0)" }
        case .threads: threadCount.map { "\($0)" }
        case .timeout: timeoutSeconds.map(Self.text(seconds:))
        }
    }

    /// Seconds without a fraction that says nothing.
    static func text(seconds: Double) -> String {
        Int(exactly: seconds).map { "\($0)" } ?? "\(seconds)"
    }
}
