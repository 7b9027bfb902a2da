internal import StoaClient
internal import StoaText

/// A connection that is made anew when the server was restarted, with the session's settings as
/// they were.
///
/// A statement is run a second time only when that does nothing twice: when it never left this
/// side, or when it reads only and none of its rows were shown.
final class ServerSession {
    /// How long a server that goes down is waited for.
    private static let patience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(100)

    private let server: ServerOptions
    private(set) var connection: Connection
    /// SET and RESET that succeeded, in order.
    private var settings: [String] = []

    init(_ server: ServerOptions) async throws {
        self.server = server
        connection = try await server.connect()
    }

    /// Runs `body` with a statement that is given to the connection, a second time after the
    /// connection was lost if that is safe. `hasShown` says whether rows were shown already.
    func run<Answer>(
        _ sql: String, hasShown: () -> Bool, _ body: (Connection) async throws -> Answer
    ) async throws -> Answer {
        do {
            return note(sql, try await body(connection))
        } catch let error as ClientError where Self.isLoss(error) {
            guard error.isUnsent || Self.onlyReads(sql), !hasShown() else { throw error }
            guard try await reconnect() else { throw error }
            return note(sql, try await body(connection))
        }
    }

    private func note<Answer>(_ sql: String, _ answer: Answer) -> Answer {
        if ["SET", "RESET"].contains(Self.firstWord(sql)) { settings.append(sql) }
        return answer
    }

    /// Whether the connection is gone, or about to go with its server.
    private static func isLoss(_ error: ClientError) -> Bool {
        error.code == .connectionLost || error.code == .shuttingDown
    }

    private static func onlyReads(_ sql: String) -> Bool {
        ["SELECT", "WITH", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN"]
            .contains(firstWord(sql))
    }

    /// The statement's first word in capitals; empty behind a comment, which is no loss.
    private static func firstWord(_ sql: String) -> String {
        String(
            sql.drop { $0.isWhitespace || $0 == "(" }
                .prefix { $0.isASCII && $0.isLetter }
        ).uppercased()
    }

    /// Connects again, for as long as a restart takes.
    ///
    /// - Returns: Whether the server is back.
    private func reconnect() async throws -> Bool {
        await connection.close()
        Terminal.write(error: "the server is gone; waiting for it to come back\n")
        let deadline = ContinuousClock.now + Self.patience
        while true {
            do {
                let fresh = try await server.connect()
                for sql in settings {
                    let stream = try await fresh.query(sql)
                    while try await stream.next() != nil {}
                }
                connection = fresh
                Terminal.write(error: "connected again\n")
                return true
            } catch {
                guard ContinuousClock.now < deadline else { return false }
                try await Task.sleep(for: Self.pause)
            }
        }
    }
}
