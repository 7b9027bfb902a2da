internal import StoaModel

extension StringDictionary {
    /// No strings: what the codes of a block of nulls stand in.
    static let empty = StringDictionary([], isSorted: true)
}
