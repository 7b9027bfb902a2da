/// One row of a result.
public struct Row: Hashable, Sendable {
    /// The names of the columns, in order.
    public let columnNames: [String]
    /// The values, in the order of the columns.
    public let values: [Value]

    /// The value of the column at `index`, counted from 0; it has to exist.
    public subscript(index: Int) -> Value { values[index] }

    /// The value of the first column with that name; nil when there is none.
    public subscript(name: String) -> Value? {
        columnNames.firstIndex(of: name).map { values[$0] }
    }
}
