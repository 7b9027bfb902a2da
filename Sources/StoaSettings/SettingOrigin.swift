/// Where a value came from, later cases before earlier ones.
package enum SettingOrigin: Equatable, Sendable, CustomStringConvertible {
    case compiledDefault
    case file(path: String, line: Int)
    case environment(name: String)
    case flag(name: String)

    package var description: String {
        switch self {
        case .compiledDefault: "the default"
        case .file(let path, let line): "\(path):\(line)"
        case .environment(let name): name
        case .flag(let name): name
        }
    }
}
