/// Finds the known word a misspelled one was probably meant to be.
package enum Suggestion {
    /// The nearest of `known` by edit distance, ignoring ASCII case; nil when none is near
    /// (more than a third of the word, at least one edit, would have to change).
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        let wanted = Array(word.lowercased().utf8)
        var best: (word: String, distance: Int, beginsAlike: Bool)?
        for candidate in known {
            let letters = Array(candidate.lowercased().utf8)
            let distance = distance(wanted, letters)
            // Of words that are equally near, people seldom miss the first letter.
            let beginsAlike = letters.first == wanted.first
            let isNearer = distance < best?.distance ?? .max
            if isNearer || distance == best?.distance && beginsAlike && best?.beginsAlike == false {
                best = (candidate, distance, beginsAlike)
            }
        }
        guard let best, best.distance <= max(1, wanted.count / 3) else { return nil }
        return best.word
    }

    /// Damerau-Levenshtein distance (optimal string alignment).
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var beforePrevious = [Int](repeating: 0, count: right.count + 1)
        var previous = Array(0...right.count)
        for i in left.indices {
            var current = [i + 1]
            for j in right.indices {
                let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
                var best = min(replaced, previous[j + 1] + 1, current[j] + 1)
                if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
                    best = min(best, beforePrevious[j - 1] + 1)
                }
                current.append(best)
            }
            beforePrevious = previous
            previous = current
        }
        return previous[right.count]
    }
}
