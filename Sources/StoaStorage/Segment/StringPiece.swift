internal import StoaBase
internal import StoaModel

/// The strings of one piece's column, wherever they are stored.
struct StringPiece {
    private let dictionary: StringDictionary
    private let validity: UnsafePointer<UInt8>?
    /// Codes of row 0 and on; nil: the rows are entries `firstEntry` and on.
    let codes: UnsafePointer<UInt32>?
    private let firstEntry: Int

    init(_ piece: MemtableRows.Piece, column index: Int) {
        let column = piece.chunk.columns[index]
        dictionary = column.strings?.dictionary() ?? StringDictionary([], isSorted: true)
        validity = column.validity.map {
            UnsafePointer($0.address.assumingMemoryBound(to: UInt8.self) + piece.chunkRow)
        }
        if let plainStart = column.plainStart {
            codes = nil
            firstEntry = plainStart + piece.chunkRow
        } else {
            codes = UnsafePointer(
                column.values.address.assumingMemoryBound(to: UInt32.self) + piece.chunkRow)
            firstEntry = 0
        }
    }

    /// Strings that codes of this piece can stand for.
    var entryCount: Int { dictionary.count }

    @inline(__always)
    func isNull(_ row: Int) -> Bool { validity.map { $0[row] == 0 } ?? false }

    /// The entry of a row that is not null.
    @inline(__always)
    func entry(_ row: Int) -> Int { codes.map { Int($0[row]) } ?? firstEntry + row }

    /// One entry's bytes.
    func string(entry: Int) -> UnsafeRawBufferPointer { dictionary[entry] }

    /// Bytes of the first `rowCount` rows if each is written out.
    func byteCount(rowCount: Int) -> Int {
        let offsets = dictionary.offsets
        guard let codes else {
            // Null rows of a plain chunk are empty entries.
            return Int(offsets[firstEntry + rowCount] &- offsets[firstEntry])
        }
        var byteCount = 0
        if let validity {
            for row in 0..<rowCount where validity[row] != 0 {
                let entry = Int(codes[row])
                byteCount &+= Int(offsets[entry &+ 1] &- offsets[entry])
            }
        } else {
            for row in 0..<rowCount {
                let entry = Int(codes[row])
                byteCount &+= Int(offsets[entry &+ 1] &- offsets[entry])
            }
        }
        return byteCount
    }
}
