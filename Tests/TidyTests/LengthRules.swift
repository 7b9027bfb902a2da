/// The sizes of the house, in lines and columns.
enum Size {
    static let columnLimit = 100
    static let fileLineLimit = 600
    static let functionLineLimit = 70
    /// A function longer than this is an exception …
    static let functionLineGoal = 40
    /// … and this is the largest share of exceptions, in percent. Only ever made smaller.
    static let longFunctionPercentLimit = 4.0
    static let readmeLineLimit = 150
}

/// A function with a body: where it starts and how many lines it has between its braces.
struct FunctionBody: Equatable {
    /// Index of the line of `func` or `init`.
    let lineIndex: Int
    let lineCount: Int

    /// All functions in masked Swift text, nested ones too.
    static func all(in code: [String]) -> [FunctionBody] {
        code.indices.compactMap { index in
            guard startsFunction(code[index]) else { return nil }
            return body(in: code, from: index)
        }
    }

    private static func startsFunction(_ line: String) -> Bool {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "@") }
        return words.contains("func")
            || (words.contains("init") && !words.contains("case") && !line.contains(".init"))
            || words.first == "deinit"
    }

    /// Follows the declaration to its opening brace and on to the closing one; nil when the next
    /// declaration comes first (a requirement of a protocol).
    private static func body(in code: [String], from start: Int) -> FunctionBody? {
        var parentheses = 0
        var braces = 0
        var openLine: Int?
        for index in start..<code.count {
            if index > start, openLine == nil, parentheses == 0, !continuesSignature(code[index]) {
                return nil
            }
            for character in code[index] {
                switch character {
                case "(": parentheses += 1
                case ")": parentheses -= 1
                case "{" where openLine != nil || parentheses == 0:
                    braces += 1
                    openLine = openLine ?? index
                case "}" where openLine != nil:
                    braces -= 1
                    if braces == 0, let openLine {
                        return FunctionBody(
                            lineIndex: start, lineCount: max(0, index - openLine - 1))
                    }
                case "}" where parentheses == 0: return nil
                default: break
                }
            }
        }
        return nil
    }

    private static func continuesSignature(_ line: String) -> Bool {
        let trimmed = line.drop { $0 == " " }
        return ["{", ")", "->", "where ", "async", "throws", "rethrows"].contains {
            trimmed.hasPrefix($0)
        } || trimmed.isEmpty
    }
}

extension Rule {
    static let lengths: [Rule] = [
        Rule(
            name: "a file has at most \(Size.fileLineLimit) lines",
            applies: { ["swift", "c", "h", "py", "sh"].contains($0.pathExtension) || $0.isScript },
            check: { file in
                file.lines.count <= Size.fileLineLimit + 1
                    ? [] : [Violation(file, line: 0, "\(file.lines.count) lines")]
            },
            planted: .planted(text: String(repeating: "\n", count: Size.fileLineLimit + 1))),
        Rule(
            name: "a line has at most \(Size.columnLimit) columns",
            applies: { ["swift", "c", "h", "py", "sh"].contains($0.pathExtension) || $0.isScript },
            check: { file in
                file.lines.enumerated().compactMap { index, line in
                    line.count <= Size.columnLimit
                        ? nil : Violation(file, line: index, "\(line.count) columns")
                }
            },
            planted: .planted(text: String(repeating: "x", count: Size.columnLimit + 1))),
        Rule(
            name: "a function has at most \(Size.functionLineLimit) lines",
            applies: { $0.isSwift },
            check: { file in
                FunctionBody.all(in: file.code).compactMap { function in
                    function.lineCount <= Size.functionLineLimit
                        ? nil
                        : Violation(
                            file, line: function.lineIndex, "a body of \(function.lineCount) lines")
                }
            },
            planted: .planted(
                text: "func long()\n    -> Int\n{\n"
                    + String(repeating: "    work()\n", count: Size.functionLineLimit + 1) + "}\n")
        ),
        Rule(
            name: "the README has at most \(Size.readmeLineLimit) lines",
            applies: { $0.path == "README.md" },
            check: { file in
                file.lines.count <= Size.readmeLineLimit + 1
                    ? [] : [Violation(file, line: 0, "\(file.lines.count) lines")]
            },
            planted: .planted(
                "README.md", text: String(repeating: "\n", count: Size.readmeLineLimit + 1))),
    ]
}
