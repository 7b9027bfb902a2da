extension Rule {
    /// Code that can stop the process on input, or that says what must not be said.
    static let traps: [Rule] = [
        banned("try!", because: "throw, or handle the error"),
        banned("fatalError(", because: "use `invariant` for our bugs, throw for the world's"),
        banned("as!", because: "use `as?` and handle the other case"),
        codeLines(
            "nothing is unwrapped by force",
            planted: .planted(text: "let first = list.first!\n"),
            applies: { $0.isSwift && !$0.path.hasPrefix("Tests/") },
            isBroken: { line in
                hasForcedUnwrap(line) ? "a forced unwrap; use `guard let`" : nil
            }),
        codeLines(
            "the daemon never sleeps",
            planted: .planted(text: "    usleep(100)\n"),
            applies: { $0.isProductSource && $0.target != "stoa" },
            isBroken: { line in
                ["usleep(", " sleep(", "Task.sleep"].contains { line.contains($0) }
                    ? "wait for a condition instead of sleeping" : nil
            }),
        unsafeNeedsReason("@unchecked Sendable"),
        unsafeNeedsReason("Unmanaged"),
        unsafeNeedsReason("unsafeBitCast"),
        unsafeNeedsReason("nonisolated(unsafe)"),
    ]

    private static func banned(_ word: String, because why: String) -> Rule {
        codeLines(
            "\(word) stands nowhere outside the tests",
            planted: .planted(text: "    let value = \(word) call())\n"),
            applies: { $0.isSwift && !$0.path.hasPrefix("Tests/") },
            isBroken: { line in
                line.contains(word) ? "`\(word)`: \(why)" : nil
            })
    }

    /// `!` right behind a value, and not `!=`.
    private static func hasForcedUnwrap(_ line: String) -> Bool {
        let characters = Array(line)
        for (index, character) in characters.enumerated() where character == "!" && index > 0 {
            let before = characters[index - 1]
            let isBehindValue =
                before.isLetter || before.isNumber || "_)]}`\"?!".contains(before)
            let isUnequal =
                index + 1 < characters.count && characters[index + 1] == "="
                && (index + 2 == characters.count || characters[index + 2] != "=")
            let word = String(characters[..<index].reversed().prefix { $0.isLetter }.reversed())
            if isBehindValue, !isUnequal, word != "try", word != "as" { return true }
        }
        return false
    }

    /// How many lines from an unsafe use its reason may stand.
    private static let reasonDistance = 8

    private static func unsafeNeedsReason(_ word: String) -> Rule {
        Rule(
            name: "\(word) has a SAFETY comment beside it",
            applies: { $0.isProductSource },
            check: { file in
                file.code.enumerated().compactMap { index, line in
                    guard line.contains(word) else { return nil }
                    let near =
                        max(
                            0, index - reasonDistance)...min(
                            file.lines.count - 1, index + reasonDistance)
                    return file.lines[near].contains { $0.contains("// SAFETY:") }
                        ? nil : Violation(file, line: index, "`\(word)` without `// SAFETY:`")
                }
            },
            planted: .planted(text: "struct Planted: \(word) {}\n"))
    }
}
