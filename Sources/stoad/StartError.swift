internal import StoaModel

/// Why the daemon did not start: one line with a stable code.
struct StartError: Error, CustomStringConvertible {
    let error: ServiceError

    init(_ error: ServiceError) { self.error = error }

    init(_ code: ErrorCode, _ message: String, hint: String? = nil) {
        error = ServiceError(code, message, hint: hint)
    }

    var description: String {
        "error [\(error.code.name)] \(error.message)" + (error.hint.map { " (\($0))" } ?? "")
    }
}
