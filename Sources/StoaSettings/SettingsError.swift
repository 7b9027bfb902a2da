/// The settings cannot be used as they are. Whoever started the daemon has to change them.
package struct SettingsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One sentence that names the key and where it was set.
    package var message: String
    /// What to write instead, when that can be guessed.
    package var hint: String?

    package init(_ message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }

    package var description: String { hint.map { "\(message); \($0)" } ?? message }
}
