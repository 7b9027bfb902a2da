internal import StoaBase
internal import StoaModel
internal import StoaQuery

/// What a client has set with SET. It lives as long as the client's connection; a statement takes
/// what holds when it arrives.
package final class QuerySession: @unchecked Sendable {
    // SAFETY: `settings` is touched only while `lock` is held.
    private let lock = Lock()
    private var settings = QuerySettings()
    /// Who asks, for `system.queries`.
    package let client: String?

    package init(client: String? = nil) { self.client = client }

    /// What holds now.
    package var current: QuerySettings { lock.withLock { settings } }

    /// Does what SET or RESET says.
    func change(_ change: SettingChange) throws(ServiceError) {
        if let name = change.name, let fixed = FixedSetting.named(name) {
            return try fixed.check(change.value, position: change.valuePosition)
        }
        try lock.withLock { () throws(ServiceError) in
            guard let name = change.name else { return settings = QuerySettings() }
            try settings.set(
                name, to: change.value, position: change.namePosition,
                valuePosition: change.valuePosition)
        }
    }
}
