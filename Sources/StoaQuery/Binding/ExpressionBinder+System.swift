internal import StoaModel

/// What clients ask of the server itself: constants of the statement.
extension ExpressionBinder {
    /// The one database, which holds every table.
    package static let databaseName = "stoa"
    /// There are no users: whoever may connect may do everything.
    private static let userName = "stoa"

    /// `current_timestamp`, `current_user` and their like, which take no parentheses; nil for other
    /// names.
    func systemWord(_ name: Identifier, _ position: Range<Int>) -> BoundExpression? {
        if name.isQuoted { return nil }
        switch name.folded {
        case "current_timestamp", "current_date", "current_user", "session_user", "user",
            "current_catalog", "current_schema":
            return systemValue(name.folded, position)
        default: return nil
        }
    }

    /// The value of a function without arguments; nil for other names.
    func systemValue(_ name: String, _ position: Range<Int>) -> BoundExpression? {
        let text: String
        switch name {
        case "now", "current_timestamp":
            return literal(.timestamp(context.now), .timestamp, position)
        case "current_date", "today":
            let days = CivilTime.split(microseconds: context.now).days
            return literal(.date(days), .date, position)
        case "current_user", "session_user", "user": text = Self.userName
        case "current_database", "current_catalog": text = Self.databaseName
        case "current_schema": text = "public"
        case "current_schemas": text = "{public}"
        case "version": text = context.version
        default: return nil
        }
        return literal(.string(Array(text.utf8)), .string, position)
    }
}
