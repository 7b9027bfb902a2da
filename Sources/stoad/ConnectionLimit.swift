internal import StoaBase
internal import StoaModel
internal import StoaServer
internal import StoaSettings

/// How many clients there may be, given the files that the system lets the daemon open.
enum ConnectionLimit {
    /// Files that are not for connections: the log, segments as they are opened, loads, spilled
    /// rows. Without a reserve the last client would take the next file of the log.
    private static let reservedFileCount = 128

    /// The setting, or what there are files for when nobody chose the setting.
    ///
    /// - Throws: when somebody asked for more than can be had.
    static func count(
        _ settings: Settings, fileLimit: Int, _ events: EventLog
    ) throws(StartError) -> Int {
        let wanted = settings.connectionCountLimit
        let reserved = reservedFileCount + Server.refusedCountLimit
        let possible = max(1, fileLimit - reserved)
        guard wanted > possible else { return wanted }
        let origin = settings.origin(of: .maxConnections)
        guard origin == .compiledDefault else {
            throw StartError(
                .invalidSetting,
                "max-connections \(wanted) (\(origin)) needs \(wanted + reserved) open files, and "
                    + "the system allows \(fileLimit)",
                hint: "raise the limit, for example with ulimit -n or LimitNOFILE, or choose "
                    + "\(possible) connections at most")
        }
        events.report(
            .warning, "fewer connections than usual",
            [
                "max_connections": "\(possible)", "open_files_limit": "\(fileLimit)",
                "remedy": "raise ulimit -n to \(wanted + reserved)",
            ])
        return possible
    }
}
