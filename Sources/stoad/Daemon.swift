internal import Foundation
internal import Logging
internal import StoaBase
internal import StoaDisk
internal import StoaEngine
internal import StoaModel
internal import StoaServer
internal import StoaSettings
internal import StoaStorage
internal import StoaWire
internal import UnixSignals

/// The composition root: disk, database, server and signals, put together and taken apart.
enum Daemon {
    /// Runs until a signal asks it to stop; returns when everything is closed.
    static func run(_ settings: Settings) async throws {
        let logger = makeLogger(settings)
        let events = OperatorLog.make(settings, logger)
        defer { events.flush(all: true) }
        let address = try checkedAddress(settings)
        // A client that goes away must not end the daemon.
        signal(SIGPIPE, SIG_IGN)
        // Signals are taken from here on, so that none ends a start half way.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        let database = try openDatabase(settings, events)
        let service = DatabaseService(database)
        let server: Server
        do {
            server = try await Server.start(
                host: address.host, port: Int(address.port), service: service,
                options: serverOptions(settings, database.store.report, events))
        } catch {
            service.close()
            database.close()
            throw explained(error, address, settings)
        }
        announce(server, address, settings, logger)
        for await signal in signals {
            logger.notice("stopping", metadata: ["signal": "\(signal)"])
            break
        }
        await stop(server, database, settings, logger)
        service.close()
        database.close()
        logger.notice("stopped")
    }

    private static func makeLogger(_ settings: Settings) -> Logger {
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        let isJSON = settings.logFormat == "json"
        return Logger(label: "stoad") { _ in LineLogHandler(isJSON: isJSON, level: level) }
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
        _ settings: Settings, _ events: EventLog
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
            let database = try Database.open(on: disk, options: databaseOptions(settings, events))
            report(database.store.report, path, events)
            return database
        } catch {
            var refusal = error.serviceError
            refusal.message = "\(path): \(refusal.message)"
            throw StartError(refusal)
        }
    }

    /// What opening found, in one line; a tail that was dropped was never acknowledged.
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
    }

    private static func databaseOptions(_ settings: Settings, _ events: EventLog) -> DatabaseOptions
    {
        var storage = StoreOptions()
        storage.limits.memtableLogBytes = settings.memtableLogByteCountLimit
        storage.limits.memtableSeconds = settings.memtableSeconds
        storage.limits.logFileBytes = settings.logFileByteCount
        storage.limits.reserveBytes = settings.reserveByteCount
        let memory = settings.memoryByteCountLimit ?? Machine.memoryByteCount / 2
        var options = DatabaseOptions(
            storage: storage, workerCount: settings.workerCount ?? Machine.processorCount,
            memoryByteCountLimit: memory,
            queryMemoryByteCountLimit: settings.queryMemoryByteCountLimit ?? memory / 2,
            queryTimeoutSeconds: Double(settings.queryTimeoutSeconds))
        options.concurrentQueryLimit = settings.concurrentQueryLimit
        options.queuedQueryLimit = settings.queuedQueryLimit
        options.events = events
        options.version = "Stoa \(Stoad.version)"
        options.settings = SettingKey.allCases.map { key in
            SettingDescription(
                name: key.rawValue, value: value(of: key, settings, options),
                defaultValue: key.definition.defaultText, range: key.definition.range,
                summary: key.definition.summary, origin: "\(settings.origin(of: key))")
        }
        return options
    }

    /// What a key is; what `auto` came to.
    private static func value(
        of key: SettingKey, _ settings: Settings, _ options: DatabaseOptions
    ) -> String {
        switch key {
        case .workers: "\(options.workerCount)"
        case .memoryLimit: "\(options.memoryByteCountLimit)"
        case .queryMemoryLimit: "\(options.queryMemoryByteCountLimit)"
        default: settings.valueText(of: key)
        }
    }

    private static func serverOptions(
        _ settings: Settings, _ report: OpenReport, _ events: EventLog
    ) -> ServerOptions {
        var options = ServerOptions(
            identity: ServerIdentity(
                name: "stoad/\(Stoad.version)", databaseHigh: report.databaseID.high,
                databaseLow: report.databaseID.low, incarnation: report.incarnation))
        options.features.formUnion([.aggregate, .parameters])
        options.connectionLimit = settings.connectionCountLimit
        options.handshakeTimeout = .seconds(settings.handshakeTimeoutSeconds)
        options.idleTimeout = .seconds(settings.idleTimeoutSeconds)
        options.events = events
        return options
    }

    /// The one line on stdout, for people and for scripts that asked for port 0.
    private static func announce(
        _ server: Server, _ address: ListenAddress, _ settings: Settings, _ logger: Logger
    ) {
        var bound = address
        bound.port = UInt16(clamping: server.port)
        let directory = URL(fileURLWithPath: settings.dataDirectory).standardizedFileURL.path
        print("listening on \(bound), data in \(directory)")
        // A pipe is not flushed at line ends by itself.
        fflush(nil)
        logger.info("ready", metadata: ["address": "\(bound)", "data": "\(directory)"])
    }

    private static func explained(
        _ error: ServiceError, _ address: ListenAddress, _ settings: Settings
    ) -> StartError {
        StartError(
            error.code, "\(error.message) (listen was set by \(settings.origin(of: .listen)))",
            hint: "choose another address with --listen or STOA_LISTEN; port 0 takes a free one")
    }

    /// Lets running requests end, for a while; then ends queries with an error, and last of all
    /// the connections of whoever does not take it.
    private static func stop(
        _ server: Server, _ database: Database, _ settings: Settings, _ logger: Logger
    ) async {
        await server.stopAccepting()
        if await !server.drain(deadline: .seconds(settings.shutdownDrainSeconds)) {
            logger.warning("requests were still running and are ended")
            database.endQueries()
            await server.drain(deadline: .seconds(1))
        }
        await server.close()
    }
}
