internal import StoaBase
internal import StoaCodec
internal import StoaCompute
internal import StoaModel

/// A condition of strings against constants. It is asked once per string of a dictionary, and all
/// workers of a query share the answers.
final class StringCondition: @unchecked Sendable {
    // SAFETY: `known` is touched only while `lock` is held; the rest never changes.
    /// The condition in the form that blocks of plain strings understand; nil: they are read.
    let direct: StringTest?
    private let passes: @Sendable (UnsafeRawBufferPointer, StopSignal) -> Bool
    private let lock = Lock()
    private var known: [(dictionary: StringDictionary, codes: CodeSet)] = []
    /// Dictionaries whose answers are kept; a scan goes through segments one after the other.
    private static let knownCountLimit = 8

    init(_ relation: Relation, _ constant: [UInt8]) {
        passes = { value, _ in
            let order = StringOrder.order(value, constant)
            return relation.holds(isLess: order < 0, isEqual: order == 0)
        }
        direct =
            switch relation {
            case .equal: .equal(constant)
            case .lessOrEqual: .range(min: nil, max: constant)
            case .greaterOrEqual: .range(min: constant, max: nil)
            case .notEqual, .less, .greater: nil
            }
    }

    init(like pattern: [UInt8], isNegated: Bool) {
        let compiled = LikePattern(pattern)
        passes = { compiled.matches($0, $1) != isNegated }
        let wildcards: [UInt8] = [UInt8(ascii: "%"), UInt8(ascii: "_")]
        let prefix = Array(pattern.prefix { !wildcards.contains($0) })
        if isNegated {
            direct = nil
        } else if prefix.count == pattern.count {
            direct = .equal(pattern)
        } else {
            let isPrefix = pattern.dropFirst(prefix.count) == [UInt8(ascii: "%")]
            direct = isPrefix ? .prefix(prefix) : nil
        }
    }

    init(oneOf values: [[UInt8]], isNegated: Bool) {
        let sorted = Set(values)
        passes = { value, _ in sorted.contains([UInt8](value)) != isNegated }
        direct = !isNegated && sorted.count == 1 ? sorted.first.map { .equal($0) } : nil
    }

    /// The positions of a dictionary whose strings pass; any once `stop` is raised.
    func codes(of dictionary: StringDictionary, _ stop: StopSignal) -> CodeSet {
        lock.withLock {
            if let entry = known.first(where: { $0.dictionary === dictionary }) {
                return entry.codes
            }
            let codes = answer(dictionary, stop)
            if known.count == Self.knownCountLimit { known.removeFirst() }
            known.append((dictionary, codes))
            return codes
        }
    }

    private func answer(_ dictionary: StringDictionary, _ stop: StopSignal) -> CodeSet {
        guard let direct, dictionary.isSorted else {
            return CodeSet(count: dictionary.count) {
                !stop.isRaised && passes(dictionary[$0], stop)
            }
        }
        // What passes stands together: its two ends are searched.
        let first = position(dictionary) { value in
            switch direct {
            case .equal(let wanted), .prefix(let wanted):
                return StringOrder.order(value, wanted) >= 0
            case .range(let min, _):
                return min.map { StringOrder.order(value, $0) >= 0 } ?? true
            }
        }
        let end = position(dictionary) { value in
            switch direct {
            case .equal(let wanted): return StringOrder.order(value, wanted) > 0
            case .prefix(let wanted):
                return StringOrder.order(value, wanted) > 0 && !direct.matches(value)
            case .range(_, let max):
                return max.map { StringOrder.order(value, $0) > 0 } ?? false
            }
        }
        return CodeSet(count: dictionary.count, range: first..<max(first, end))
    }

    /// The first position that is behind, in a dictionary whose strings are behind from there on.
    private func position(
        _ dictionary: StringDictionary, _ isBehind: (UnsafeRawBufferPointer) -> Bool
    ) -> Int {
        var (low, high) = (0, dictionary.count)
        while low < high {
            let middle = (low + high) / 2
            if isBehind(dictionary[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
