/// Which module may import which: the graph of the design, exact, system modules included. The
/// build refuses undeclared packages; this refuses what it lets through.
enum ImportMatrix {
    /// Every target under `Sources/` and all it may import.
    static let allowed: [String: Set<String>] = [
        // Layer 1
        "StoaBase": ["CStoa", "CLZ4", "Glibc"],
        // Layer 2
        "StoaModel": ["StoaBase"],
        "StoaDisk": ["StoaBase", "CStoa", "Glibc", "SystemPackage"],
        "StoaSettings": ["StoaBase", "Yams"],
        // Layer 3
        "StoaCodec": ["StoaModel", "StoaBase"],
        "StoaCompute": ["StoaModel", "StoaBase"],
        "StoaQuery": ["StoaModel", "StoaBase"],
        "StoaText": ["StoaModel", "StoaBase", "CZlib", "CZstd"],
        "StoaWire": ["StoaModel", "StoaBase", "NIOCore"],
        // Layer 4
        "StoaStorage": ["StoaCodec", "StoaDisk", "StoaModel", "StoaBase"],
        // Layer 5
        "StoaEngine": [
            "StoaStorage", "StoaQuery", "StoaCompute", "StoaCodec", "StoaDisk", "StoaModel",
            "StoaBase",
        ],
        // Layer 6
        "StoaServer": ["StoaWire", "StoaModel", "StoaBase", "NIOCore", "NIOPosix"],
        "StoaClient": ["StoaWire", "StoaModel", "StoaBase", "NIOCore", "NIOPosix"],
        // Layer 7
        "stoad": [
            "StoaServer", "StoaEngine", "StoaStorage", "StoaWire", "StoaDisk", "StoaSettings",
            "StoaModel", "StoaBase", "ArgumentParser", "UnixSignals", "Foundation",
        ],
        "stoa": [
            "StoaClient", "StoaWire", "StoaText", "StoaStorage", "StoaCodec", "StoaDisk",
            "StoaSettings", "StoaModel", "StoaBase", "ArgumentParser", "Foundation",
        ],
    ]

    /// Part of the language's own runtime; any target may import it.
    static let anywhere: Set<String> = ["Synchronization"]

    /// The module that a line of code imports, and whether it says with which access.
    static func module(importedBy line: String) -> (name: String, hasAccessLevel: Bool)? {
        var words = line.split(separator: " ").map(String.init)
        while words.first?.hasPrefix("@") == true { words.removeFirst() }
        let access: Set = ["public", "package", "internal", "fileprivate", "private"]
        let hasAccessLevel = words.first.map(access.contains) ?? false
        if hasAccessLevel { words.removeFirst() }
        guard words.first == "import", words.count > 1 else { return nil }
        let kinds: Set = [
            "struct", "class", "enum", "protocol", "typealias", "func", "let", "var",
        ]
        let path = words.count > 2 && kinds.contains(words[1]) ? words[2] : words[1]
        return (path.split(separator: ".").first.map(String.init) ?? path, hasAccessLevel)
    }
}

extension Rule {
    static let imports: [Rule] = [
        matrix(
            "a module imports only what the matrix allows it",
            planted: .planted(
                "Sources/StoaQuery/Planted.swift", text: "internal import StoaStorage\n")),
        matrix(
            "system modules stay where the matrix puts them",
            planted: .planted("Sources/StoaEngine/Planted.swift", text: "internal import Glibc\n")),
        matrix(
            "a target stands in the import matrix",
            planted: .planted("Sources/StoaNovel/Planted.swift", text: "struct Planted {}\n")),
        codeLines(
            "an import says with which access",
            planted: .planted(text: "import StoaModel\n"),
            isBroken: { line in
                guard let module = ImportMatrix.module(importedBy: line), !module.hasAccessLevel
                else { return nil }
                return "write `internal import \(module.name)`"
            }),
    ]

    private static func matrix(_ name: String, planted: SourceFile) -> Rule {
        Rule(
            name: name, applies: { $0.isProductSource },
            check: { file in
                guard let target = file.target, let allowed = ImportMatrix.allowed[target] else {
                    return [Violation(file, line: 0, "its target is not in the import matrix")]
                }
                return file.code.enumerated().compactMap { index, line in
                    guard let module = ImportMatrix.module(importedBy: line)?.name,
                        !allowed.contains(module), !ImportMatrix.anywhere.contains(module)
                    else { return nil }
                    return Violation(file, line: index, "\(target) may not import \(module)")
                }
            }, planted: planted)
    }
}
