internal import StoaBase

/// One value per worker (or per partition), made by the one that uses it.
final class WorkerSlots<Element: AnyObject>: @unchecked Sendable {
    // SAFETY: the list is touched only while `lock` is held; a value has one user.
    private let lock = Lock()
    private var values: [Element?]

    init(count: Int) { values = Array(repeating: nil, count: count) }

    /// The value of a slot, made at its first use.
    func get<Failure: Error>(
        _ slot: Int, _ make: () throws(Failure) -> Element
    ) throws(Failure) -> Element {
        if let value = lock.withLock({ values[slot] }) { return value }
        let value = try make()
        lock.withLock { values[slot] = value }
        return value
    }

    /// All values, by slot; none remain.
    func takeAll() -> [Element] {
        lock.withLock {
            let all = values.compactMap { $0 }
            values = values.map { _ in nil }
            return all
        }
    }
}
