internal import StoaModel

/// A setting that drivers send before anything else and that has one value here: it is taken where
/// it says what holds anyway, and where it means nothing, and refused otherwise.
struct FixedSetting {
    let name: String
    let value: String
    /// Values in lower case that say the same; nil: any value, because it changes nothing.
    private let others: Set<String>?

    /// The setting of that name; nil for names that have none.
    static func named(_ name: String, version: String = "") -> FixedSetting? {
        let folded = Names.folded(name)
        if folded == "server_version" {
            return FixedSetting(name: folded, value: version, others: [])
        }
        return all.first { $0.name == folded }
    }

    /// - Throws: `INVALID_SETTING` for another value than the one it has; nil is its default.
    func check(_ text: String?, position: Range<Int>) throws(ServiceError) {
        guard let text, let others else { return }
        let folded = Names.folded(text)
        guard folded != Names.folded(value), !others.contains(folded) else { return }
        throw ServiceError(
            .invalidSetting, "The setting \(name) is always \(value).", position: position,
            hint: name == "timezone" ? "Times are UTC; clients show them in other zones." : nil)
    }

    private static let all: [FixedSetting] = {
        let on: Set<String> = ["true", "yes", "1"]
        let off: Set<String> = ["false", "no", "0"]
        let utc: Set<String> = [
            "gmt", "etc/utc", "etc/gmt", "z", "zulu", "0", "+00:00", "+00", "local",
        ]
        let dates: Set<String> = [
            "iso", "iso, mdy", "iso, dmy", "mdy", "dmy", "ymd", "iso,mdy", "iso,dmy", "iso,ymd",
        ]
        return [
            FixedSetting(
                name: "client_encoding", value: "UTF8", others: ["utf-8", "unicode", "utf8mb4"]),
            FixedSetting(name: "server_encoding", value: "UTF8", others: ["utf-8"]),
            FixedSetting(name: "timezone", value: "UTC", others: utc),
            FixedSetting(name: "datestyle", value: "ISO, YMD", others: dates),
            FixedSetting(name: "intervalstyle", value: "postgres", others: nil),
            FixedSetting(name: "standard_conforming_strings", value: "on", others: on),
            FixedSetting(name: "autocommit", value: "on", others: on),
            FixedSetting(name: "default_transaction_read_only", value: "off", others: off),
            FixedSetting(name: "transaction_isolation", value: "serializable", others: nil),
            FixedSetting(
                name: "default_transaction_isolation", value: "serializable", others: nil),
            FixedSetting(name: "application_name", value: "", others: nil),
            FixedSetting(name: "search_path", value: "public", others: nil),
            FixedSetting(name: "extra_float_digits", value: "3", others: nil),
            FixedSetting(name: "bytea_output", value: "hex", others: nil),
            FixedSetting(name: "client_min_messages", value: "notice", others: nil),
            FixedSetting(name: "lock_timeout", value: "0", others: nil),
            FixedSetting(name: "idle_in_transaction_session_timeout", value: "0", others: nil),
        ]
    }()
}
