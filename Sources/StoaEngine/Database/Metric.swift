/// One row of `system.metrics`.
package struct Metric: Equatable, Sendable {
    package var name: String
    package var value: Int
    /// One sentence.
    package var summary: String

    package init(_ name: String, _ value: Int, _ summary: String) {
        self.name = name
        self.value = value
        self.summary = summary
    }
}
