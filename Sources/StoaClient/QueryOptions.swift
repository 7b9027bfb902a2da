/// How one statement is to run.
package struct QueryOptions: Sendable {
    /// How long it may take; nil: the server's default.
    package var timeout: Duration?
    /// The answer sees at least every change up to this generation; 0: any.
    package var minimumGeneration: UInt64 = 0
    /// Settings of this statement only, by key.
    package var settings: [String: String] = [:]

    package init() {}
}
