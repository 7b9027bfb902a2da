internal import StoaClient
internal import StoaText

/// What is said when an import ends between its commit and the answer: the rows may be stored or
/// not, and only the server knows.
struct CommitDoubt {
    let table: String
    let label: String?
    let rowCount: Int

    /// Whether the error leaves open what the server did.
    static func isDoubtful(_ error: ClientError) -> Bool { error.code.rawValue >= 5_000 }

    /// Runs the commit. A Ctrl-C meanwhile says what is known before it ends the process.
    func guarding(_ commit: () async throws -> Int) async throws -> Int {
        Interruption.lastWords = "\(message)\n\(hint)\n"
        defer { Interruption.lastWords = nil }
        do {
            return try await commit()
        } catch let error as ClientError where Self.isDoubtful(error) {
            var error = error
            error.message = "\(message): \(error.message)"
            error.hint = hint
            throw error
        }
    }

    /// The error of a connection that was lost before the commit.
    static func nothingStored(_ error: ClientError, table: String) -> ClientError {
        var error = error
        error.message += "; nothing of the import was stored"
        error.hint = "Import again when the server is back."
        return error
    }

    private var message: String {
        "the import ended between its commit and the answer: whether "
            + "\(HumanText.counted(rowCount, "row")) are in \(TableText.identifier(table)) or "
            + "none is not known"
    }

    private var hint: String {
        if let label {
            return "Run the same command again: --label \(label) keeps the rows from being "
                + "stored twice, and says so if they are there."
        }
        return "Count the table's rows before you import again. With --label NAME an import "
            + "can be repeated safely."
    }
}
