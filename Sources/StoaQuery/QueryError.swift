package import StoaModel

/// Why a statement cannot be run: what is wrong, where in its text, and what to do.
///
/// The message never repeats a literal of the statement; `position` points to it instead.
package struct QueryError: Error, Equatable, Sendable {
    package var code: ErrorCode
    /// One sentence, without the code.
    package var message: String
    /// Byte offsets in the statement's text.
    package var position: Range<Int>?
    /// What to do, if there is something to say.
    package var hint: String?

    package init(
        _ code: ErrorCode, _ message: String, position: Range<Int>? = nil, hint: String? = nil
    ) {
        self.code = code
        self.message = message
        self.position = position
        self.hint = hint
    }

    /// The same error as it crosses the wire.
    package var serviceError: ServiceError {
        ServiceError(code, message, position: position, hint: hint)
    }
}
