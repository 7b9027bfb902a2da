/// One column of a block of rows on its way from text to values.
struct CellSource {
    let index: CellIndex
    let text: UnsafeRawPointer
    /// The column's position in the file.
    let column: Int
    let nullTexts: [[UInt8]]
    let quote: UInt8?
    /// Whether every string of the chunk is known to be valid UTF-8.
    let isValidUTF8: Bool
    let isNullable: Bool
    let reading: Reading
    let faults: RowFaults

    /// Whether an unquoted cell is one of the texts that mean NULL.
    func isNullText(_ cell: Cell) -> Bool {
        !cell.isQuoted && nullTexts.contains { cell.bytes(in: text).elementsEqual($0) }
    }
}

/// The rows of a block that cannot be taken, with the first reason of each.
final class RowFaults {
    private(set) var reasons: [Int: String] = [:]
    /// Whether one of them is a value that is none of its column's type, as a wider type's
    /// might be.
    private(set) var hasMismatch = false

    var isEmpty: Bool { reasons.isEmpty }

    func note(_ row: Int, _ reason: @autoclosure () -> String) {
        if reasons[row] == nil { reasons[row] = reason() }
    }

    /// - Parameter isDeclared: whether the type was given, so that no other one will be chosen.
    func noteMismatch(_ row: Int, isDeclared: Bool, _ reason: @autoclosure () -> String) {
        if !isDeclared { hasMismatch = true }
        note(row, reason())
    }

    func removeAll() {
        reasons.removeAll()
        hasMismatch = false
    }
}

/// The part of a text without the spaces and tabs around it.
@inline(__always)
func trimmed(_ text: UnsafeRawPointer, _ count: Int) -> (start: UnsafeRawPointer, count: Int) {
    var start = 0
    var end = count
    func isBlank(_ offset: Int) -> Bool {
        let byte = text.load(fromByteOffset: offset, as: UInt8.self)
        return byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
    }
    while start < end, isBlank(start) { start &+= 1 }
    while end > start, isBlank(end &- 1) { end &-= 1 }
    return (text + start, end &- start)
}
