import Testing

/// One house rule: what it says, which files it is about, and how it is checked.
struct Rule: Sendable, CustomTestStringConvertible {
    let name: String
    /// Whether the rule says anything about a file.
    let applies: @Sendable (SourceFile) -> Bool
    let check: @Sendable (SourceFile) -> [Violation]
    /// A file that breaks the rule, for the rule's own test.
    let planted: SourceFile

    var testDescription: String { name }

    /// The places in `files` that break this rule.
    func violations(in files: [SourceFile]) -> [Violation] {
        files.filter(applies).flatMap(check)
    }

    /// A rule about single lines of code, comments and string literals left out.
    static func codeLines(
        _ name: String, planted: SourceFile,
        applies: @escaping @Sendable (SourceFile) -> Bool = { $0.isProductSource },
        isBroken: @escaping @Sendable (String) -> String?
    ) -> Rule {
        Rule(
            name: name, applies: applies,
            check: { file in
                file.code.enumerated().compactMap { index, line in
                    isBroken(line).map { Violation(file, line: index, $0) }
                }
            }, planted: planted)
    }
}

extension SourceFile {
    /// A file for the test of a rule.
    static func planted(
        _ path: String = "Sources/StoaBase/Planted.swift", text: String
    ) -> SourceFile {
        SourceFile(path: path, text: text)
    }
}
