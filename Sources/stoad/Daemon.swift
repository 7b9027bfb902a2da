internal import Foundation
internal import StoaBase
internal import StoaDisk
internal import StoaEngine
internal import StoaModel
internal import StoaServer
internal import StoaSettings
internal import StoaStorage
internal import StoaWire

/// The composition root: disk, database, server and signals, put together and taken apart.
enum Daemon {
    /// Runs until a signal asks it to stop; returns when everything is closed.
    ///
    /// - Parameter reload: The settings as they are said now, for SIGHUP.
    /// - Returns: What kept the store from an orderly end; nil for a stop as it should be.
    static func run(
        _ settings: Settings, reload: @escaping @Sendable () throws(StartError) -> Settings
    ) async throws -> ServiceError? {
        let streams = StandardStreams()
        let events = LogLines.open(settings)
        defer { events.flush(all: true) }
        for name in settings.unknownVariables {
            events.report(.warning, "unknown environment variable", ["name": name])
        }
        let address = try checkedAddress(settings)
        Signals.ignoreOthers()
        // Signals are taken from here on, so that none ends a start half way.
        let signals = await Signals.sequence()
        let counters = ServerCounters()
        let connectionLimit = try ConnectionLimit.count(
            settings, fileLimit: HostLimits.raiseOpenFiles(), events)
        HostMemory.prepare(threadCount: Machine.processorCount)
        let database = try openDatabase(settings, events, counters, connectionLimit)
        let service = DatabaseService(database)
        let server: Server
        do {
            var options = serverOptions(settings, database, connectionLimit, events)
            options.counters = counters
            options.writeRefusal = { database.writeRefusal }
            server = try await Server.start(
                host: address.host, port: Int(address.port), service: service, options: options)
        } catch {
            service.close()
            database.close()
            throw explained(error, address, settings)
        }
        let keeper = MemoryKeeper { database.memory.heldByteCount }
        defer { keeper.close() }
        announce(server, address, settings, events)
        let daemon = RunningDaemon(
            server: server, database: database, service: service, settings: settings,
            events: events, streams: streams, reload: reload)
        return await daemon.serve(signals)
    }

    /// The address to listen on: only this machine's own, as long as there are no users.
    private static func checkedAddress(_ settings: Settings) throws(StartError) -> ListenAddress {
        guard let address = settings.listenAddress else {
            throw StartError(.invalidSetting, "listen has no address")
        }
        guard address.isLoopback else {
            throw StartError(
                .invalidSetting,
                "listen \(address) (\(settings.origin(of: .listen))) would let other machines in, "
                    + "and there are no users and no TLS yet",
                hint: "listen on 127.0.0.1 and forward the port, for example with ssh -L")
        }
        return address
    }

    private static func openDatabase(
        _ settings: Settings, _ events: EventLog, _ counters: ServerCounters,
        _ connectionLimit: Int
    ) throws(StartError) -> Database {
        let path = settings.dataDirectory
        let disk: KernelDisk
        do {
            disk = try KernelDisk(root: path)
        } catch {
            let reason = String(cString: strerror(error.errno))
            throw StartError(
                .directoryUnusable, "the data directory \(path) cannot be opened: \(reason)",
                hint: "name another with --data-dir or STOA_DATA_DIR")
        }
        do {
            var options = databaseOptions(settings, events, connectionLimit)
            options.slowStatementSeconds = Double(settings.slowStatementSeconds)
            options.metrics = { ProcessMetrics.all(counters) }
            let database = try Database.open(on: disk, options: options)
            report(database.store.report, path, events)
            return database
        } catch {
            var refusal = error.serviceError
            refusal.message = "\(path): \(refusal.message)"
            throw StartError(refusal)
        }
    }

    /// What opening found; a tail that was dropped was never acknowledged.
    private static func report(_ report: OpenReport, _ path: String, _ events: EventLog) {
        events.report(
            .info, report.isNew ? "created" : "opened",
            [
                "data": "\(path)", "generation": "\(report.manifestGeneration)",
                "tables": "\(report.tableCount)", "segments": "\(report.segmentCount)",
                "replayed_batches": "\(report.replayedBatchCount)",
                "replayed_lsn": "\(report.firstReplayedLSN)-\(report.lastReplayedLSN)",
                "dropped_bytes": "\(report.droppedByteCount)",
                "clean": "\(report.isNew || report.wasClosed)",
                "seconds": "\(report.seconds)",
            ])
        guard !report.isNew, !report.wasClosed else { return }
        events.report(
            .notice, "recovered",
            [
                "reason": "the last stop was not orderly",
                "batches": "\(report.replayedBatchCount)",
                "dropped_bytes": "\(report.droppedByteCount)",
            ])
    }

    private static func databaseOptions(
        _ settings: Settings, _ events: EventLog, _ connectionLimit: Int
    ) -> DatabaseOptions {
        var storage = StoreOptions()
        storage.limits.memtableLogBytes = settings.memtableLogByteCountLimit
        storage.limits.memtableSeconds = settings.memtableSeconds
        storage.limits.logFileBytes = settings.logFileByteCount
        storage.limits.reserveBytes = settings.reserveByteCount
        storage.verifiedSeconds = settings.verifiedSeconds
        storage.scrubSeconds = settings.scrubSeconds
        let memory = settings.memoryByteCountLimit ?? max(64 << 20, Machine.memoryByteCount / 2)
        var options = DatabaseOptions(
            storage: storage, workerCount: settings.workerCount ?? Machine.processorCount,
            memoryByteCountLimit: memory,
            queryMemoryByteCountLimit: settings.queryMemoryByteCountLimit ?? memory / 2,
            queryTimeoutSeconds: Double(settings.queryTimeoutSeconds))
        options.concurrentQueryLimit = concurrentQueryLimit(settings, memory)
        options.queuedQueryLimit = settings.queuedQueryLimit
        options.events = events
        options.version = "Stoa \(Stoad.version)"
        options.settings = SettingKey.allCases.map { key in
            SettingDescription(
                name: key.rawValue,
                value: key == .maxConnections
                    ? "\(connectionLimit)" : value(of: key, settings, options),
                defaultValue: key.definition.defaultText, range: key.definition.range,
                summary: key.definition.summary, origin: "\(settings.origin(of: key))")
        }
        return options
    }

    /// The setting, or, when nobody chose it, one query for each 8 MiB of all memory: in little
    /// memory a few that run are sooner done than many that wait for each other's.
    private static func concurrentQueryLimit(_ settings: Settings, _ memory: Int) -> Int {
        let limit = settings.concurrentQueryLimit
        guard settings.origin(of: .maxConcurrentQueries) == .compiledDefault else { return limit }
        return min(limit, max(8, memory >> 23))
    }

    /// What a key is; what `auto` came to.
    private static func value(
        of key: SettingKey, _ settings: Settings, _ options: DatabaseOptions
    ) -> String {
        switch key {
        case .workers: "\(options.workerCount)"
        case .memoryLimit: "\(options.memoryByteCountLimit)"
        case .queryMemoryLimit: "\(options.queryMemoryByteCountLimit)"
        case .maxConcurrentQueries: "\(options.concurrentQueryLimit)"
        default: settings.valueText(of: key)
        }
    }

    private static func serverOptions(
        _ settings: Settings, _ database: Database, _ connectionLimit: Int, _ events: EventLog
    ) -> ServerOptions {
        let report = database.store.report
        var options = ServerOptions(
            identity: ServerIdentity(
                name: "stoad/\(Stoad.version)", databaseHigh: report.databaseID.high,
                databaseLow: report.databaseID.low, incarnation: report.incarnation))
        options.features.formUnion([.aggregate, .parameters])
        options.connectionLimit = connectionLimit
        options.requestMemory = database.memory.requests
        options.resultMemory = database.memory.results
        // Unanswered batches of one connection leave room for others' frames.
        options.ingestWindowByteCount = min(
            options.ingestWindowByteCount, options.requestMemory.byteCountLimit / 4)
        options.bulkWindowByteCount = min(
            options.bulkWindowByteCount, options.requestMemory.byteCountLimit / 4)
        options.frameTimeout = .seconds(settings.frameTimeoutSeconds)
        options.handshakeTimeout = .seconds(settings.handshakeTimeoutSeconds)
        options.idleTimeout = .seconds(settings.idleTimeoutSeconds)
        options.events = events
        return options
    }

    /// The one line on stdout, for people and for scripts that asked for port 0.
    private static func announce(
        _ server: Server, _ address: ListenAddress, _ settings: Settings, _ events: EventLog
    ) {
        var bound = address
        bound.port = UInt16(clamping: server.port)
        let directory = URL(fileURLWithPath: settings.dataDirectory).standardizedFileURL.path
        // Nobody may be there to read it, when a tool has started the daemon and gone.
        print("listening on \(bound), data in \(directory)")
        // A pipe is not flushed at line ends by itself.
        fflush(nil)
        events.report(.info, "ready", ["address": "\(bound)", "data": directory])
    }

    private static func explained(
        _ error: ServiceError, _ address: ListenAddress, _ settings: Settings
    ) -> StartError {
        StartError(
            error.code, "\(error.message) (listen was set by \(settings.origin(of: .listen)))",
            hint: "choose another address with --listen or STOA_LISTEN; port 0 takes a free one")
    }
}
