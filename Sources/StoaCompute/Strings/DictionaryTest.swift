package import StoaModel

/// A condition on strings, answered once per dictionary entry and looked up per row.
package final class DictionaryTest {
    private let test: (UnsafeRawBufferPointer) -> Bool
    private var dictionary: StringDictionary?
    private var answers: [UInt8] = []
    private let text = NumberedText()
    /// Entries up to which a dictionary is answered whole, and the rows' loop needs no branch.
    private static let eagerEntryLimit = 16_384
    private static let unknown: UInt8 = 2

    /// - Parameter test: Whether a string passes.
    package init(_ test: @escaping (UnsafeRawBufferPointer) -> Bool) { self.test = test }

    /// Rows that pass; a null row's bit is anything.
    package func apply(
        _ vector: Vector, codeBuffer: UnsafeMutablePointer<UInt32>,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        switch vector.content {
        case .codes(let source, let dictionary):
            guard dictionary.count > 0 else {
                return MaskWords.clear(mask, rowCount: vector.rowCount)
            }
            prepare(dictionary)
            let codes = IntegerLanes.codes(source, rowCount: vector.rowCount, into: codeBuffer)
            look(up: codes, rowCount: vector.rowCount, in: dictionary, into: mask)
        default:
            guard let rows = StringRows(vector, codeBuffer: codeBuffer, text: text) else {
                return MaskWords.clear(mask, rowCount: vector.rowCount)
            }
            let test = test
            MaskWords.build(rowCount: vector.rowCount, into: mask) { test(rows[$0]) }
        }
    }

    private func prepare(_ dictionary: StringDictionary) {
        guard self.dictionary !== dictionary else { return }
        self.dictionary = dictionary
        if dictionary.count <= Self.eagerEntryLimit {
            answers = (0..<dictionary.count).map { test(dictionary[$0]) ? 1 : 0 }
        } else {
            answers = [UInt8](repeating: Self.unknown, count: dictionary.count)
        }
    }

    private func look(
        up codes: UnsafePointer<UInt32>, rowCount: Int, in dictionary: StringDictionary,
        into mask: UnsafeMutablePointer<UInt64>
    ) {
        let isComplete = dictionary.count <= Self.eagerEntryLimit
        answers.withUnsafeMutableBufferPointer { answers in
            guard let table = answers.baseAddress else { return }
            if isComplete {
                MaskWords.build(rowCount: rowCount, into: mask) { table[Int(codes[$0])] != 0 }
                return
            }
            let test = test
            MaskWords.build(rowCount: rowCount, into: mask) { row in
                let code = Int(codes[row])
                if table[code] == Self.unknown { table[code] = test(dictionary[code]) ? 1 : 0 }
                return table[code] != 0
            }
        }
    }
}
