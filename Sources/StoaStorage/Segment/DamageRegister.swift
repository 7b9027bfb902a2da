internal import StoaBase

/// The places of a segment that are known to be damaged; what is found whole again is taken out.
final class DamageRegister: @unchecked Sendable {
    // SAFETY: the fields are touched only while `lock` is held.
    /// A block of a column by their positions; -1 stands for the column's dictionary, -2 for its
    /// filters.
    struct Place: Hashable, Comparable, Sendable {
        var column: Int
        var block: Int

        static let dictionaryBlock = -1
        static let filterBlock = -2

        static func dictionary(ofColumn column: Int) -> Place {
            Place(column: column, block: dictionaryBlock)
        }

        static func filters(ofColumn column: Int) -> Place {
            Place(column: column, block: filterBlock)
        }

        static func < (left: Place, right: Place) -> Bool {
            (left.column, left.block) < (right.column, right.block)
        }
    }

    private let lock = Lock()
    private var known: [Place: StorageError] = [:]

    /// Whether the place was not known to be damaged before.
    func add(_ error: StorageError, at place: Place) -> Bool {
        lock.withLock { known.updateValue(error, forKey: place) == nil }
    }

    /// Whether the place was known to be damaged before.
    func remove(_ place: Place) -> Bool {
        lock.withLock { known.removeValue(forKey: place) != nil }
    }

    /// Whether anything is known to be damaged.
    var isEmpty: Bool { lock.withLock { known.isEmpty } }

    /// All places, in order.
    var all: [(place: Place, error: StorageError)] {
        lock.withLock { known.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}
