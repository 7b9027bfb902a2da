/// A running query, as the one who asked holds it. Every call is safe from any thread, at any
/// time, also after the end.
package struct QueryHandle: Sendable {
    private let control: QueryControl

    init(_ control: QueryControl) { self.control = control }

    /// Ends the query with CANCELLED within milliseconds, unless it ends by itself before.
    package func cancel() { control.cancel() }

    /// Allows `byteCount` more bytes of result to be sent.
    package func addCredit(_ byteCount: Int) { control.addCredit(byteCount) }
}
