extension Rule {
    static let text: [Rule] = [
        Rule(
            name: "no line ends in a space",
            applies: { _ in true },
            check: { file in
                file.lines.enumerated().compactMap { index, line in
                    line.hasSuffix(" ") || line.hasSuffix("\r")
                        ? Violation(file, line: index, "a space at its end") : nil
                }
            },
            planted: .planted(text: "let a = 1 \n")),
        Rule(
            name: "no line has a tab",
            applies: { _ in true },
            check: { file in
                file.lines.enumerated().compactMap { index, line in
                    line.contains("\t") ? Violation(file, line: index, "a tab") : nil
                }
            },
            planted: .planted("tools/planted", text: "#!/usr/bin/env bash\n\tls\n")),
        Rule(
            name: "a file ends in one line feed",
            applies: { $0.isSwift || $0.isScript || $0.pathExtension == "py" },
            check: { file in
                let isRight = file.lines.last == "" && file.lines.dropLast().last != ""
                return isRight ? [] : [Violation(file, line: file.lines.count - 1, "its end")]
            },
            planted: .planted(text: "let a = 1")),
        Rule(
            name: "no build flag gives up safety",
            applies: {
                $0.path == "Package.swift" || $0.path.hasPrefix("tools/")
                    || $0.path.hasPrefix(".ci/")
            },
            check: { file in
                // How a program is linked takes no check out of it.
                let linking = #".unsafeFlags(["-static-stdlib", "-use-ld=lld"],"#
                return file.lines.enumerated().compactMap { index, whole in
                    let line = whole.replacing(linking, with: "")
                    return ["-Ounchecked", "unsafeFlags", "-enforce-exclusivity=unchecked"].first {
                        line.contains($0)
                    }.map { Violation(file, line: index, "`\($0)`") }
                }
            },
            planted: .planted("Package.swift", text: "swiftSettings: [.unsafeFlags([])]\n")),
        Rule(
            name: "an error is put into words, never printed as it is",
            applies: { $0.isSwift && $0.path.hasPrefix("Sources/") },
            check: { file in
                file.lines.enumerated().compactMap { index, line in
                    [#"\(error)"#, ".localizedDescription", "String(describing: error"].first {
                        line.contains($0)
                    }.map { Violation(file, line: index, "`\($0)`") }
                }
            },
            planted: .planted(text: #"print("it broke: \(error)")"# + "\n")),
    ]
}
