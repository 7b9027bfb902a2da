internal import ArgumentParser
internal import StoaSettings

/// A flag for every key of the settings. Their texts are checked where all texts are.
struct SettingOptions: ParsableArguments {
    @Option(name: name(.dataDirectory), help: help(.dataDirectory))
    var dataDirectory: String?
    @Option(name: name(.listen), help: help(.listen))
    var listen: String?
    @Option(name: name(.maxConnections), help: help(.maxConnections))
    var maxConnections: String?
    @Option(name: name(.idleTimeout), help: help(.idleTimeout))
    var idleTimeout: String?
    @Option(name: name(.handshakeTimeout), help: help(.handshakeTimeout))
    var handshakeTimeout: String?
    @Option(name: name(.frameTimeout), help: help(.frameTimeout))
    var frameTimeout: String?
    @Option(name: name(.shutdownDrain), help: help(.shutdownDrain))
    var shutdownDrain: String?
    @Option(name: name(.workers), help: help(.workers))
    var workers: String?
    @Option(name: name(.memoryLimit), help: help(.memoryLimit))
    var memoryLimit: String?
    @Option(name: name(.queryMemoryLimit), help: help(.queryMemoryLimit))
    var queryMemoryLimit: String?
    @Option(name: name(.queryTimeout), help: help(.queryTimeout))
    var queryTimeout: String?
    @Option(name: name(.maxConcurrentQueries), help: help(.maxConcurrentQueries))
    var maxConcurrentQueries: String?
    @Option(name: name(.maxQueuedQueries), help: help(.maxQueuedQueries))
    var maxQueuedQueries: String?
    @Option(name: name(.memtableLogLimit), help: help(.memtableLogLimit))
    var memtableLogLimit: String?
    @Option(name: name(.memtableAge), help: help(.memtableAge))
    var memtableAge: String?
    @Option(name: name(.logFileSize), help: help(.logFileSize))
    var logFileSize: String?
    @Option(name: name(.reserveSize), help: help(.reserveSize))
    var reserveSize: String?
    @Option(name: name(.verifiedTime), help: help(.verifiedTime))
    var verifiedTime: String?
    @Option(name: name(.scrubPeriod), help: help(.scrubPeriod))
    var scrubPeriod: String?
    @Option(name: name(.logFormat), help: help(.logFormat))
    var logFormat: String?
    @Option(name: name(.logLevel), help: help(.logLevel))
    var logLevel: String?
    @Option(name: name(.slowStatement), help: help(.slowStatement))
    var slowStatement: String?

    /// What the command line said.
    var texts: [SettingKey: String] {
        let all: [(SettingKey, String?)] = [
            (.dataDirectory, dataDirectory), (.listen, listen), (.maxConnections, maxConnections),
            (.idleTimeout, idleTimeout), (.handshakeTimeout, handshakeTimeout),
            (.frameTimeout, frameTimeout), (.shutdownDrain, shutdownDrain), (.workers, workers),
            (.memoryLimit, memoryLimit),
            (.queryMemoryLimit, queryMemoryLimit), (.queryTimeout, queryTimeout),
            (.maxConcurrentQueries, maxConcurrentQueries), (.maxQueuedQueries, maxQueuedQueries),
            (.memtableLogLimit, memtableLogLimit), (.memtableAge, memtableAge),
            (.logFileSize, logFileSize), (.reserveSize, reserveSize),
            (.verifiedTime, verifiedTime), (.scrubPeriod, scrubPeriod), (.logFormat, logFormat),
            (.logLevel, logLevel), (.slowStatement, slowStatement),
        ]
        return Dictionary(
            all.compactMap { key, text in text.map { (key, $0) } }, uniquingKeysWith: { $1 })
    }

    private static func name(_ key: SettingKey) -> NameSpecification {
        .customLong(key.rawValue)
    }

    private static func help(_ key: SettingKey) -> ArgumentHelp {
        let definition = key.definition
        return ArgumentHelp(
            "\(definition.summary) \(definition.range). Default: \(definition.defaultText).",
            valueName: "value")
    }
}
