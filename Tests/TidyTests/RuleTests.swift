import Testing

@Suite struct RuleTests {
    static let rules =
        Rule.imports + Rule.lengths + Rule.traps + Rule.names + Rule.comments
        + Rule.text + Rule.inlining

    @Test("the tree keeps every rule of the house", arguments: rules)
    func tree(_ rule: Rule) {
        let violations = rule.violations(in: Repository.files)
        #expect(
            violations.isEmpty, "\(violations.map(\.description).joined(separator: "\n"))")
    }

    @Test("a planted violation is found", arguments: rules)
    func planted(_ rule: Rule) {
        #expect(!rule.violations(in: [rule.planted]).isEmpty)
    }

    @Test("the repository's own files are read")
    func files() {
        #expect(Repository.files.contains { $0.path == "Package.swift" })
        #expect(Repository.productSources.contains { $0.path == "Sources/StoaBase/Lock.swift" })
    }

    @Test("comments and literals are not code, interpolations are")
    func masking() {
        let text =
            "let a = \"x! \\(b.map { \"y!\" }) z\" // try!\n"
            + "/* as! /* */ */ let c = #\"\\(\"#"
        let lines = CodeMask.mask(text).split(separator: "\n")
        #expect(lines[0].contains("\\(b.map { \"") && !lines[0].contains("try"))
        #expect(!lines[0].contains("!"))
        #expect(lines[1].contains("let c") && !lines[1].contains("as"))
    }

    @Test("function bodies are measured between their braces, requirements have none")
    func functionBodies() {
        let code = [
            "protocol P {", "    func a()", "    func b() throws", "}", "func c(", "    _ d: Int",
            ") {", "    one()", "    two()", "}",
        ]
        #expect(FunctionBody.all(in: code) == [FunctionBody(lineIndex: 4, lineCount: 2)])
    }
}
