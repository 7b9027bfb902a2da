/// A condition on one string, bytewise, in a form that encodings can answer without decoding.
package enum StringTest: Equatable, Sendable {
    case equal([UInt8])
    case prefix([UInt8])
    /// Closed; a nil end is open.
    case range(min: [UInt8]?, max: [UInt8]?)

    /// Whether a string passes.
    package func matches(_ string: UnsafeRawBufferPointer) -> Bool {
        switch self {
        case .equal(let wanted):
            return string.count == wanted.count && string.elementsEqual(wanted)
        case .prefix(let wanted): return string.starts(with: wanted)
        case .range(let min, let max):
            if let min, string.lexicographicallyPrecedes(min) { return false }
            if let max, max.lexicographicallyPrecedes(string) { return false }
            return true
        }
    }
}
