/// A type declared in masked Swift code.
struct TypeDeclaration {
    let name: String
    let kind: String
    let lineIndex: Int
    let lineCount: Int
    let isTopLevel: Bool
    let isPrivate: Bool
    let isError: Bool
    /// `public` or `package`, when written.
    let isVisible: Bool

    static let kinds: Set = ["struct", "class", "enum", "protocol", "actor"]

    static func all(in code: [String]) -> [TypeDeclaration] {
        code.enumerated().compactMap { index, line in declaration(line, at: index, in: code) }
    }

    private static func declaration(
        _ line: String, at index: Int, in code: [String]
    ) -> TypeDeclaration? {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }
            .map(String.init)
        guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count,
            words[..<kind].allSatisfy(isModifier), words[kind + 1] != "func",
            words[kind + 1] != "var", words[kind + 1] != "let"
        else { return nil }
        let indentation = line.prefix { $0 == " " }
        let closing = indentation + "}"
        let isOneLine = line.contains("{") && line.hasSuffix("}")
        let end = isOneLine ? index : code[index...].firstIndex { $0.hasPrefix(closing) } ?? index
        let head = code[index...min(index + 2, code.count - 1)].joined(separator: " ")
        let conformances = head.prefix { $0 != "{" }.split { !($0.isLetter || $0.isNumber) }
        return TypeDeclaration(
            name: words[kind + 1], kind: words[kind], lineIndex: index, lineCount: end - index + 1,
            isTopLevel: indentation.isEmpty,
            isPrivate: words.contains("private") || words.contains("fileprivate"),
            isError: conformances.contains("Error"),
            isVisible: words.contains("public") || words.contains("package"))
    }

    private static func isModifier(_ word: String) -> Bool {
        let modifiers: Set = [
            "public", "package", "internal", "fileprivate", "private", "final", "indirect", "open",
            "nonisolated",
        ]
        return modifiers.contains(word) || word.hasPrefix("@")
    }
}

extension Rule {
    /// A type of at most so many lines may stand in the file of the type it serves, or in the
    /// file of its family.
    private static let satelliteLineLimit = 120

    private static let bannedWords = [
        "Manager", "Helper", "Helpers", "Util", "Utils", "Impl", "Data", "Info",
    ]
    private static let bannedFolders: Set<Substring> = ["Utils", "Common", "Misc", "Helpers"]

    static let names: [Rule] = [
        Rule(
            name: "no type has an empty word in its name",
            applies: { $0.isSwift && !$0.path.hasPrefix("Tests/TidyTests/") },
            check: { file in
                TypeDeclaration.all(in: file.code).compactMap { type in
                    bannedWord(in: type.name).map {
                        Violation(file, line: type.lineIndex, "`\(type.name)` ends in `\($0)`")
                    }
                }
            },
            planted: .planted(text: "struct SegmentManager {}\n")),
        Rule(
            name: "no file or folder has an empty word in its name",
            applies: { _ in true },
            check: { file in
                let folders = file.path.split(separator: "/").dropLast()
                let word =
                    bannedWord(in: file.baseName)
                    ?? folders.first(where: bannedFolders.contains).map(String.init)
                return word.map { [Violation(file, line: 0, "named `\($0)`")] } ?? []
            },
            planted: .planted("Sources/StoaBase/Common/Planted.swift", text: "")),
        Rule(
            name: "a file holds one type of any size, named like the file",
            applies: { $0.isProductSource && $0.baseName != "main" },
            check: oneType,
            planted: .planted(
                text: "struct Other {\n" + String(repeating: "    var a = 1\n", count: 130)
                    + "}\nstruct Planted {}\n")),
        Rule(
            name: "the type a file is named for stands in it",
            applies: { $0.isProductSource && $0.baseName != "main" },
            check: oneType,
            planted: .planted("Sources/StoaBase/Novel.swift", text: "struct Planted {}\n")),
    ]

    private static func bannedWord(in name: String) -> String? {
        bannedWords.first { name.hasSuffix($0) }
    }

    private static func oneType(_ file: SourceFile) -> [Violation] {
        let types = TypeDeclaration.all(in: file.code).filter { $0.isTopLevel && !$0.isPrivate }
        let stem = file.baseName.split(separator: "+").first.map(String.init) ?? file.baseName
        var violations: [Violation] = []
        // A family of types, or an extension's own types, has a name of its own.
        let isFamily = types.count > 1 || file.baseName != stem || stem.hasSuffix("s")
        if let only = types.first, !isFamily, only.name != stem {
            violations.append(Violation(file, line: 0, "no type `\(stem)` in it"))
        }
        for type in types
        where type.name != stem && !type.isError && type.lineCount > satelliteLineLimit {
            violations.append(
                Violation(
                    file, line: type.lineIndex, "`\(type.name)` is big enough for its own file"))
        }
        return violations
    }
}
