package import StoaBase
package import StoaModel

/// A value for a parameter of a statement.
package struct QueryParameter: Hashable, Sendable {
    /// Empty: by position.
    package let name: String
    package let value: Literal
    /// The value's type; a NULL takes the type of what it meets.
    package let type: ColumnType

    package init(name: String, value: Literal, type: ColumnType) {
        self.name = name
        self.value = value
        self.type = type
    }
}

/// What binding a statement needs beside the catalog.
package struct BindContext: Sendable {
    /// Those without a name are `$1`, `$2`, … in their order.
    package var parameters: [QueryParameter]
    /// What `now()` is in the whole statement: microseconds since 1970-01-01 UTC.
    package var now: Int64
    /// What `version()` is.
    package var version: String
    /// Ends binding with CANCELLED when it is raised.
    package var stop: StopSignal?
    /// The value of an expression of constants; nil when it fails, which then happens only if a
    /// row meets it.
    package var fold: (@Sendable (BoundExpression) -> Literal?)?

    package init(
        parameters: [QueryParameter] = [], now: Int64 = 0, version: String = "",
        stop: StopSignal? = nil,
        fold: (@Sendable (BoundExpression) -> Literal?)? = nil
    ) {
        self.parameters = parameters
        self.now = now
        self.version = version
        self.stop = stop
        self.fold = fold
    }

    /// Throws when binding is to end.
    func checkStop() throws(QueryError) {
        guard let stop, stop.isRaised else { return }
        throw QueryError(.cancelled, "The statement was stopped.")
    }

    /// The value that belongs to a name.
    func parameter(_ name: ParameterName) -> QueryParameter? {
        switch name {
        case .position(let number):
            let unnamed = parameters.lazy.filter { $0.name.isEmpty }
            return unnamed.dropFirst(number - 1).first
        case .name(let name): return parameters.first { $0.name == name }
        }
    }

    /// Refuses a statement that lacks a value, names that have two, and more values by position
    /// than it has places. A name that it does not use is none of its business: one set of
    /// values may serve the statements of a script.
    func check(_ statement: Statement) throws(QueryError) {
        for used in statement.parameters where parameter(used.name) == nil {
            throw QueryError(
                .invalidValue, "Parameter \(Self.text(used.name)) has no value.",
                position: used.position, hint: "Send a value for every parameter.")
        }
        let used = Set(statement.parameters.map(\.name))
        var unnamedCount = 0
        var names: Set<String> = []
        for parameter in parameters {
            unnamedCount += parameter.name.isEmpty ? 1 : 0
            let name: ParameterName =
                parameter.name.isEmpty ? .position(unnamedCount) : .name(parameter.name)
            guard parameter.name.isEmpty || names.insert(parameter.name).inserted else {
                throw QueryError(
                    .invalidValue, "Parameter \(Self.text(name)) has more than one value.")
            }
            guard used.contains(name) || !parameter.name.isEmpty else {
                throw QueryError(
                    .invalidValue, "The statement has no parameter \(Self.text(name)).",
                    hint: "Parameters are written ?, $1, $name or :name.")
            }
        }
    }

    private static func text(_ name: ParameterName) -> String {
        switch name {
        case .position(let number): "$\(number)"
        case .name(let name): "$\(name)"
        }
    }
}
