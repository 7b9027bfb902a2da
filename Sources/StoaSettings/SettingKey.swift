/// Every key of the daemon, by its name in the file. The flag is `--` and the name; the
/// environment variable is `STOA_` and the name in capitals with `_`.
package enum SettingKey: String, CaseIterable, Sendable {
    case dataDirectory = "data-dir"
    case listen = "listen"
    case maxConnections = "max-connections"
    case idleTimeout = "idle-timeout-seconds"
    case handshakeTimeout = "handshake-timeout-seconds"
    case frameTimeout = "frame-timeout-seconds"
    case shutdownDrain = "shutdown-drain-seconds"
    case workers = "workers"
    case memoryLimit = "memory-limit"
    case queryMemoryLimit = "query-memory-limit"
    case queryTimeout = "query-timeout-seconds"
    case maxConcurrentQueries = "max-concurrent-queries"
    case maxQueuedQueries = "max-queued-queries"
    case memtableLogLimit = "memtable-log-limit"
    case memtableAge = "memtable-age-seconds"
    case logFileSize = "log-file-size"
    case reserveSize = "reserve-size"
    case verifiedTime = "verified-seconds"
    case scrubPeriod = "scrub-period-seconds"
    case logFormat = "log-format"
    case logLevel = "log-level"
    case slowStatement = "slow-statement-seconds"

    /// `STOA_DATA_DIR` for `data-dir`.
    package var environmentName: String {
        "STOA_" + String(rawValue.uppercased().map { $0 == "-" ? "_" : $0 })
    }

    /// What the key means, what it may be and what it is when nobody says.
    package var definition: SettingDefinition {
        switch self {
        case .dataDirectory, .listen, .maxConnections, .idleTimeout, .handshakeTimeout,
            .frameTimeout, .shutdownDrain:
            serverDefinition
        case .workers, .memoryLimit, .queryMemoryLimit, .queryTimeout, .maxConcurrentQueries,
            .maxQueuedQueries:
            queryDefinition
        default: storageDefinition
        }
    }

    private var serverDefinition: SettingDefinition {
        switch self {
        case .dataDirectory:
            SettingDefinition(
                .text(unit: "path"), default: "stoa-data",
                "Where the tables are kept; made when it is missing.")
        case .listen:
            SettingDefinition(
                .address, default: "127.0.0.1:8471",
                "Address of the TCP protocol; port 0 takes a free one and prints it.")
        case .maxConnections:
            SettingDefinition(
                .count(1...65_536, unit: "connections"), default: "1024",
                "Clients at a time; more are refused.")
        case .idleTimeout:
            SettingDefinition(
                .count(1...86_400, unit: "seconds"), default: "600",
                "A connection without a request for so long is closed.")
        case .handshakeTimeout:
            SettingDefinition(
                .count(1...600, unit: "seconds"), default: "5",
                "A connection that has not said hello by then is closed.")
        case .frameTimeout:
            SettingDefinition(
                .count(1...3_600, unit: "seconds"), default: "30",
                "A frame that has not arrived by then is refused; it has a second more for each "
                    + "64 KiB of it that came.")
        default:
            SettingDefinition(
                .count(0...10, unit: "seconds"), default: "10",
                "How long running requests may go on after a request to stop.")
        }
    }

    private var queryDefinition: SettingDefinition {
        switch self {
        case .workers:
            SettingDefinition(
                .count(1...1_024, unit: "threads", mayBeAutomatic: true), default: "auto",
                "Threads that run queries; auto is one for each processor, or as many as the "
                    + "control group allows.")
        case .memoryLimit:
            SettingDefinition(
                .byteCount(64 << 20...1 << 50, mayBeAutomatic: true), default: "auto",
                "Memory of everything that clients make the daemon hold: requests, answers, rows "
                    + "that are in no segment yet, queries; auto is half of the control group's, "
                    + "of ulimit -v or of the machine's.")
        case .queryMemoryLimit:
            SettingDefinition(
                .byteCount(1 << 20...1 << 50, mayBeAutomatic: true), default: "auto",
                "Memory of one query; auto is half of memory-limit.")
        case .maxConcurrentQueries:
            SettingDefinition(
                .count(1...65_536, unit: "queries"), default: "128",
                "Queries of tables that run at a time; more of them wait for their turn. Unless it "
                    + "is set there is at most one for each 8 MiB of memory-limit.")
        case .maxQueuedQueries:
            SettingDefinition(
                .count(0...1_048_576, unit: "queries"), default: "1024",
                "Queries that may wait to run; more are refused, to be tried again later.")
        default:
            SettingDefinition(
                .count(1...86_400, unit: "seconds"), default: "300",
                "A query that takes longer is ended; waiting to run counts.")
        }
    }

    private var storageDefinition: SettingDefinition {
        switch self {
        case .memtableLogLimit:
            SettingDefinition(
                .byteCount(1 << 20...4 << 30), default: "256MiB",
                "A table's rows are sealed into segments when so much log stands behind them.")
        case .memtableAge:
            SettingDefinition(
                .count(1...86_400, unit: "seconds"), default: "600",
                "A table's rows are sealed into segments so long after the first of them.")
        case .logFileSize:
            SettingDefinition(
                .byteCount(1 << 20...1 << 30), default: "64MiB",
                "One file of the log, allocated at once.")
        case .reserveSize:
            SettingDefinition(
                .byteCount(1 << 12...1 << 30), default: "64MiB",
                "A file that is given up when the disk is full, so that deleting still works.")
        case .verifiedTime:
            SettingDefinition(
                .count(0...31_536_000, unit: "seconds"), default: "3600",
                "A stored block is verified again when it is read so long after the last time; 0: "
                    + "only when its file changed.")
        case .scrubPeriod:
            SettingDefinition(
                .count(0...31_536_000, unit: "seconds"), default: "604800",
                "In so long a time everything stored is verified once, in the background; 0: "
                    + "never.")
        case .logFormat:
            SettingDefinition(
                .choice(["text", "json"]), default: "text", "Form of the log lines on stderr.")
        case .slowStatement:
            SettingDefinition(
                .count(0...86_400, unit: "seconds"), default: "10",
                "A statement that takes so long gets a log line, without its values; 0: none does.")
        default:
            SettingDefinition(
                .choice(["trace", "debug", "info", "notice", "warning", "error", "critical"]),
                default: "info", "The least severe log lines that are written.")
        }
    }
}
