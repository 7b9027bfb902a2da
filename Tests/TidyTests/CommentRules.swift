extension Rule {
    static let comments: [Rule] = [
        Rule(
            name: "every package or public type has a summary",
            applies: { $0.isProductSource },
            check: { file in
                TypeDeclaration.all(in: file.code).compactMap { type in
                    type.isVisible && !hasSummary(file, above: type.lineIndex)
                        ? Violation(file, line: type.lineIndex, "`\(type.name)` has no `///`")
                        : nil
                }
            },
            planted: .planted(text: "package struct Planted {}\n")),
        Rule(
            name: "every package or public function has a summary",
            applies: { $0.isProductSource },
            check: { file in
                let code = file.code
                return code.enumerated().compactMap { index, line in
                    guard let name = visibleFunction(line), !selfExplaining.contains(name),
                        !requirements.contains(name), !hasSummary(file, above: index)
                    else { return nil }
                    return Violation(file, line: index, "`\(name)` has no `///`")
                }
            },
            planted: .planted(text: "extension Planted {\n    package func work() {}\n}\n")),
        Rule(
            name: "nothing is left to do in a comment",
            applies: { $0.path != "Tests/TidyTests/CommentRules.swift" },
            check: { file in
                file.lines.enumerated().compactMap { index, line in
                    let words = line.split { !$0.isLetter }
                    return words.contains { $0 == "TO" + "DO" || $0 == "FIX" + "ME" }
                        ? Violation(file, line: index, "do it, or write an issue") : nil
                }
            },
            planted: .planted(text: "// " + "TO" + "DO: later\n")),
    ]

    /// What the standard library already explains.
    private static let selfExplaining: Set<String> = [
        "hash", "next", "encode", "run", "validate", "makeAsyncIterator",
    ]

    /// Functions that a protocol of ours asks for: their summary stands there.
    private static let requirements: Set<String> = {
        var names: Set<String> = []
        for file in Repository.productSources {
            let code = file.code
            for type in TypeDeclaration.all(in: code) where type.kind == "protocol" {
                for line in code[type.lineIndex..<type.lineIndex + type.lineCount] {
                    if let name = functionName(line) { names.insert(name) }
                }
            }
        }
        return names
    }()

    private static func functionName(_ line: String) -> String? {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        guard let keyword = words.firstIndex(of: "func"), keyword + 1 < words.count,
            line.contains("func \(words[keyword + 1])")
        else { return nil }
        return String(words[keyword + 1])
    }

    private static func visibleFunction(_ line: String) -> String? {
        let trimmed = line.drop { $0 == " " }
        guard
            trimmed.hasPrefix("package ") || trimmed.hasPrefix("public ")
                || trimmed.hasPrefix("@")
        else { return nil }
        // An override does what the summary it overrides says.
        guard line.contains("package ") || line.contains("public "),
            !line.contains("override ")
        else { return nil }
        return functionName(line)
    }

    /// Whether the lines above a declaration, its attributes left out, end in a doc comment.
    private static func hasSummary(_ file: SourceFile, above index: Int) -> Bool {
        var above = index - 1
        while above >= 0 {
            let line = file.lines[above].drop { $0 == " " }
            if line.hasPrefix("///") { return true }
            guard line.hasPrefix("@") || line.hasPrefix("// SAFETY:") else { return false }
            above -= 1
        }
        return false
    }
}
