import Foundation

/// One text file of the repository.
struct SourceFile: Sendable {
    /// Relative to the repository's root, with `/`.
    let path: String
    /// The lines, without their line feeds.
    let lines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The file's lines with comments and the text of string literals blanked out, so that a
    /// search meets code only. Columns and line numbers stay the same.
    var code: [String] {
        CodeMask.mask(lines.joined(separator: "\n"))
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// `LogWriter` of `Sources/StoaStorage/Log/LogWriter.swift`.
    var baseName: String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        return name.split(separator: ".").first.map(String.init) ?? name
    }

    /// What follows the last dot of the name; empty for `tools/build`.
    var pathExtension: String {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return String(name[name.index(after: dot)...])
    }

    var isSwift: Bool { pathExtension == "swift" }

    /// Swift that ends up in the product.
    var isProductSource: Bool { isSwift && path.hasPrefix("Sources/") }

    /// A script without an extension, known by its first line.
    var isScript: Bool { pathExtension.isEmpty && lines.first?.hasPrefix("#!") == true }

    /// `StoaBase` of `Sources/StoaBase/Lock.swift`.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }
}

/// One place that breaks a rule.
struct Violation: CustomStringConvertible, Equatable, Sendable {
    let path: String
    /// From 1.
    let line: Int
    let what: String

    init(_ file: SourceFile, line index: Int, _ what: String) {
        path = file.path
        line = index + 1
        self.what = what
    }

    var description: String { "\(path):\(line): \(what)" }
}
