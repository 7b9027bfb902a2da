internal import Foundation
internal import StoaBase
internal import StoaEngine
internal import StoaModel
internal import StoaServer
internal import StoaSettings
internal import UnixSignals

/// A daemon that serves: follows signals until one stops it, and stops in order.
struct RunningDaemon: Sendable {
    let server: Server
    let database: Database
    let service: DatabaseService
    let settings: Settings
    let events: EventLog
    let streams: StandardStreams
    /// The settings as they are said now.
    let reload: @Sendable () throws(StartError) -> Settings

    /// Serves until a signal says stop and everything is closed.
    ///
    /// - Returns: What kept the store from an orderly end; nil for a stop as it should be.
    func serve(_ signals: UnixSignalsSequence) async -> ServiceError? {
        // What was held back of the log is told though nothing follows it.
        let housekeeping = DispatchSource.makeTimerSource()
        housekeeping.schedule(deadline: .now() + 10, repeating: 10)
        housekeeping.setEventHandler { events.flush() }
        housekeeping.resume()
        defer { housekeeping.cancel() }
        let (stops, stop) = AsyncStream<UnixSignal>.makeStream()
        let following = Task { await follow(signals, stop) }
        defer { following.cancel() }
        var signal = UnixSignal.sigterm
        for await first in stops { signal = first }
        let start = ContinuousClock.now
        let connectionCount = await server.connectionCount
        events.report(
            .notice, "stopping",
            [
                "signal": "\(signal)", "connections": "\(connectionCount)",
                "drain_seconds": "\(drainSeconds(after: signal))",
            ])
        await drain(.seconds(drainSeconds(after: signal)))
        let failure = close()
        report(failure, ContinuousClock.now - start)
        return failure
    }

    /// Does what signals ask: the first that says stop ends `stop`, and whoever asks again does
    /// not want to wait.
    private func follow(
        _ signals: UnixSignalsSequence, _ stop: AsyncStream<UnixSignal>.Continuation
    ) async {
        var isStopping = false
        for await signal in signals {
            if signal == .sighup {
                reopen()
            } else if !isStopping {
                isStopping = true
                stop.yield(signal)
                stop.finish()
            } else {
                events.report(.notice, "stopping at once", ["signal": "\(signal)"])
                await endRequests()
            }
        }
    }

    // MARK: Reload

    /// Opens the log file anew, reads the settings again, and takes over what can be.
    private func reopen() {
        for failure in streams.reopen() {
            events.report(
                .error, "log file not opened anew",
                ["path": failure.path, "reason": failure.reason, "next": "the old one goes on"])
        }
        do throws(StartError) {
            let fresh = try reload()
            events.setMinimum(LogLines.minimum(fresh))
            let waiting = fresh.differences(from: settings).filter { $0 != .logLevel }
            events.report(
                .notice, "reloaded",
                [
                    "log-level": fresh.logLevel,
                    "at_next_start": waiting.map(\.rawValue).joined(separator: ","),
                ])
        } catch {
            events.report(
                .error, "settings not reloaded",
                ["reason": error.error.message, "next": "the old ones hold"])
        }
    }

    // MARK: Stop

    private func drainSeconds(after signal: UnixSignal) -> Int {
        signal == .sigquit ? 0 : settings.shutdownDrainSeconds
    }

    /// Lets running requests end, for a while; then ends queries with an error, and last of all
    /// the connections of whoever does not take it.
    private func drain(_ time: Duration) async {
        await server.stopAccepting()
        if await !server.drain(deadline: time) {
            let connectionCount = await server.connectionCount
            events.report(
                .warning, "requests still running are ended",
                ["connections": "\(connectionCount)"])
            await endRequests()
        }
        await server.close()
    }

    private func endRequests() async {
        database.endQueries()
        await server.endLoads()
        await server.drain(deadline: .seconds(1))
    }

    private func close() -> ServiceError? {
        events.report(.debug, "closing the store")
        service.close()
        return database.close()
    }

    private func report(_ failure: ServiceError?, _ duration: Duration) {
        let seconds =
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
        guard let failure else {
            return events.report(
                .notice, "stopped", ["seconds": String(format: "%.3f", seconds)])
        }
        events.report(
            .critical, "stopped with an error",
            [
                "code": failure.code.name, "reason": failure.message,
                "next": "the next start reads the log; acknowledged rows are in it",
            ])
    }
}
