internal import StoaModel

/// A name as a statement spells it.
struct Identifier: Equatable, Sendable {
    let text: String
    /// Quoted names match exactly, others ignore the case of ASCII letters.
    let isQuoted: Bool
    let position: Range<Int>

    /// Whether it means the thing called `name`.
    func matches(_ name: String) -> Bool {
        isQuoted ? text == name : Names.isEqual(text, name)
    }

    /// Whether it is that word, quoted or not; for function, field and type names.
    func isWord(_ word: String) -> Bool { Names.isEqual(text, word) }

    /// The text with ASCII letters in lower case.
    var folded: String { Names.folded(text) }
}
