internal import StoaBase
internal import Yams

/// The configuration file: one YAML mapping from keys to plain values.
package struct SettingsFile: Sendable {
    /// One value of the file.
    struct Entry: Equatable, Sendable {
        var text: String
        /// From 1.
        var line: Int
    }

    let path: String
    let entries: [SettingKey: Entry]

    /// Reads the text of a file; `path` is for messages.
    package init(path: String, text: String) throws(SettingsError) {
        self.path = path
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError(
                "\(path)\(Self.place(of: error)) is no YAML, a list of `key: value` lines")
        }
        guard let root else {
            entries = [:]
            return
        }
        guard case .mapping(let mapping) = root else {
            throw SettingsError("\(path) has to be a list of `key: value` lines")
        }
        var entries: [SettingKey: Entry] = [:]
        for (keyNode, valueNode) in mapping {
            let (key, entry) = try Self.entry(keyNode, valueNode, path: path)
            entries[key] = entry
        }
        self.entries = entries
    }

    private static func entry(
        _ keyNode: Node, _ valueNode: Node, path: String
    ) throws(SettingsError) -> (SettingKey, Entry) {
        let line = keyNode.mark?.line ?? 1
        guard case .scalar(let name) = keyNode else {
            throw SettingsError("\(path):\(line): a key has to be a word")
        }
        guard let key = SettingKey(rawValue: name.string) else {
            throw SettingsError(
                "\(path):\(line): unknown key '\(name.string)'",
                hint: Suggestion.nearest(
                    to: name.string, among: SettingKey.allCases.map(\.rawValue)
                ).map { "did you mean '\($0)'?" })
        }
        guard case .scalar(let value) = valueNode else {
            throw SettingsError("\(path):\(line): '\(key.rawValue)' takes one plain value")
        }
        return (key, Entry(text: value.string, line: line))
    }

    /// `:line` of what the parser met; its own words are the library's.
    private static func place(of error: any Error) -> String {
        switch error as? YamlError {
        case .scanner(_, _, let mark, _), .parser(_, _, let mark, _),
            .composer(_, _, let mark, _):
            ":\(mark.line)"
        default: ""
        }
    }

    /// The file that says what is true without a file: every key with its meaning, unit, range
    /// and default. `config/stoad.yaml` is this text.
    package static var defaultsText: String {
        var text = """
            # Settings of stoad, each with what it means, its unit and range, and its default.
            #
            # A flag (--data-dir) goes before an environment variable (STOA_DATA_DIR), that goes
            # before this file (stoad --config FILE or STOA_CONFIG), and this file before the
            # default. A key that does not exist is an error. All of them take effect at start;
            # after SIGHUP log-level does at once.

            """
        for key in SettingKey.allCases {
            let definition = key.definition
            text += "\n# \(definition.summary)\n# \(definition.range)\n"
            text += "\(key.rawValue): \(definition.defaultText)\n"
        }
        return text
    }
}
