import Foundation
import StoaModel
import Testing

/// What only the tree as a whole can show. Each check is a function over given files, so that a
/// planted violation proves it.
@Suite struct TreeTests {
    @Test("every codec has golden bytes or a test file of its own")
    func codecTests() {
        let paths = Set(Repository.files.map(\.path))
        #expect(Self.untestedCodecs(in: paths) == [])
    }

    @Test("a codec without tests is found")
    func plantedCodec() {
        let paths: Set = [
            "Sources/StoaCodec/PlainCodec.swift", "Sources/StoaCodec/NovelCodec.swift",
            "Sources/StoaCodec/Text/LZ4TextCodec.swift",
            "Tests/StoaCodecTests/PlainCodecTests.swift",
            "Tests/StoaCodecTests/Golden/lz4Text.hex",
        ]
        #expect(Self.untestedCodecs(in: paths) == ["Sources/StoaCodec/NovelCodec.swift"])
    }

    @Test("every error code stands in the wire page, by number and name")
    func errorCodes() {
        let pages = Repository.files.filter {
            $0.path.hasPrefix("Sources/StoaWire/StoaWire.docc/")
        }
        guard !pages.isEmpty else { return }
        #expect(Self.undocumentedCodes(in: pages.flatMap(\.lines)) == [])
    }

    @Test("an error code missing from the wire page is found")
    func plantedErrorCode() {
        let all = ErrorCode.allCases.map { "| \($0.rawValue) | `\($0.name)` |" }
        #expect(Self.undocumentedCodes(in: all) == [])
        #expect(
            Self.undocumentedCodes(in: Array(all.dropLast()))
                == ErrorCode.allCases.suffix(1).map(\.name))
    }

    @Test("error numbers lie in the class of who has to act")
    func errorClasses() {
        for code in ErrorCode.allCases {
            #expect((1_000..<5_000).contains(code.rawValue), "\(code)")
        }
    }

    @Test("Package.swift declares no dependency that the import matrix lacks")
    func declaredDependencies() throws {
        let package = try #require(Repository.read("Package.swift"))
        #expect(Self.undeclaredDependencies(in: package.lines) == [])
    }

    @Test("a dependency beyond the import matrix is found")
    func plantedDependency() {
        let lines = ["    layer(\"StoaQuery\", \"StoaModel\", \"StoaStorage\"),"]
        #expect(Self.undeclaredDependencies(in: lines) == ["StoaQuery: StoaStorage"])
    }

    @Test("most functions are short")
    func functionRatchet() {
        let bodies = Repository.productSources.flatMap { FunctionBody.all(in: $0.code) }
        #expect(Self.longFunctionPercent(bodies) <= Size.longFunctionPercentLimit)
    }

    @Test("too many long functions are found")
    func plantedRatchet() {
        let short = FunctionBody(lineIndex: 0, lineCount: 10)
        let long = FunctionBody(lineIndex: 0, lineCount: Size.functionLineGoal + 1)
        #expect(Self.longFunctionPercent([short, long]) == 50)
        #expect(Self.longFunctionPercent([short]) == 0)
    }

    /// Codecs without golden bytes and without a test file of their name. The suites of blocks
    /// run over every encoding that has golden bytes.
    private static func untestedCodecs(in paths: Set<String>) -> [String] {
        let golden = paths.filter { $0.hasPrefix("Tests/StoaCodecTests/Golden/") }
            .compactMap { $0.split(separator: "/").last?.lowercased() }
        return paths.filter { path in
            guard path.hasPrefix("Sources/StoaCodec/"), path.hasSuffix("Codec.swift"),
                let name = path.split(separator: "/").last?.dropLast("Codec.swift".count)
            else { return false }
            // `LZ4NumberCodec`: what is not said to be text is numbers.
            let shortName = name.hasSuffix("Number") ? name.dropLast("Number".count) : name
            return !golden.contains { $0.hasPrefix(shortName.lowercased()) }
                && !paths.contains("Tests/StoaCodecTests/\(name)CodecTests.swift")
        }.sorted()
    }

    private static func undocumentedCodes(in lines: [String]) -> [String] {
        let rows = lines.map { line in
            Set(line.split { !($0.isLetter || $0.isNumber || $0 == "_") })
        }
        return ErrorCode.allCases.filter { code in
            !rows.contains { $0.contains("\(code.rawValue)") && $0.contains(Substring(code.name)) }
        }.map(\.name)
    }

    /// `Target: Dependency` for each quoted name behind a target's that the matrix lacks.
    private static func undeclaredDependencies(in lines: [String]) -> [String] {
        let text = lines.joined(separator: "\n")
        var found: [String] = []
        for kind in ["    layer(", "    program("] {
            for declaration in text.components(separatedBy: kind).dropFirst() {
                let names = declaration.prefix { $0 != ")" }.split(separator: "\"")
                    .map(String.init).filter { name in
                        name.allSatisfy { $0.isLetter || $0.isNumber }
                    }
                guard let target = names.first else { continue }
                let allowed = ImportMatrix.allowed[target] ?? []
                found += names.dropFirst().filter { !allowed.contains($0) }
                    .map { "\(target): \($0)" }
            }
        }
        return found
    }

    private static func longFunctionPercent(_ bodies: [FunctionBody]) -> Double {
        let longCount = bodies.count { $0.lineCount > Size.functionLineGoal }
        return 100 * Double(longCount) / Double(max(1, bodies.count))
    }
}
