/// What an option of a payload is. Append; never renumber, never reuse.
package enum OptionTag: UInt16, CaseIterable, Sendable {
    case clientName = 1
    case serverName = 2
    case table = 3
    case label = 4
    case schema = 5
    case hint = 6
    case errorName = 7
    case setting = 8
    case parameter = 9
    case filter = 10
    case groupColumn = 11
    case aggregateCall = 12
    case order = 13
    case limit = 14
    case writeRefusal = 15
}
