package import StoaWire

/// How one statement is to run.
package struct QueryOptions: Sendable {
    /// How long it may take; nil: the server's default.
    package var timeout: Duration?
    /// The answer sees at least every change up to this generation; 0: any.
    package var minimumGeneration: UInt64 = 0
    /// Settings of this statement only, by key.
    package var settings: [String: String] = [:]
    /// Values for the statement's parameters: `?` and `$1` by their order, others by name.
    package var parameters: [QueryRequest.Parameter] = []

    package init() {}
}
