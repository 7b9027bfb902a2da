import Foundation

extension Rule {
    /// The compiler keeps a package member's body for other modules only when its type is
    /// `@usableFromInline`; otherwise `@inlinable` is silently in vain.
    static let inlining: [Rule] = [
        Rule(
            name: "a type with @inlinable members is @usableFromInline or public",
            applies: { $0.isProductSource },
            check: { file in
                let code = file.code
                return code.indices.compactMap { index in
                    guard code[index].contains("@inlinable"), indentation(code[index]) > 0,
                        let type = enclosingType(of: index, in: code),
                        !code[type].contains("public "), !isUsable(type, in: code)
                    else { return nil }
                    return Violation(
                        file, line: index, "`@inlinable` in a type that nobody inlines")
                }
            },
            planted: .planted(
                text:
                    "package struct Planted {\n    @inlinable\n    package var one: Int { 1 }\n}\n")
        )
    ]

    private static func indentation(_ line: String) -> Int {
        line.prefix { $0 == " " }.count
    }

    /// The line that declares the type around a member; nil in an extension.
    private static func enclosingType(of index: Int, in code: [String]) -> Int? {
        let limit = indentation(code[index])
        return code[..<index].lastIndex { line in
            !line.isEmpty && indentation(line) < limit
                && line.contains { $0 != " " && $0 != "}" && $0 != ")" }
        }.flatMap { line in
            let words = Set(code[line].split(separator: " "))
            return words.isDisjoint(with: ["struct", "enum", "class", "actor"]) ? nil : line
        }
    }

    private static func isUsable(_ line: Int, in code: [String]) -> Bool {
        code[line].contains("@usableFromInline")
            || (line > 0 && code[line - 1].contains("@usableFromInline"))
    }
}
