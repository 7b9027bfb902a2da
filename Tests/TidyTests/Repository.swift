import Foundation

/// The files of this repository, found from the place of this source file.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Every text file that people write: Swift, C, Python, scripts, Markdown, YAML.
    static let files: [SourceFile] = {
        var found: [SourceFile] = []
        for top in [".ci", "Sources", "Tests", "config", "tools"] { collect(top, into: &found) }
        for name in ["Package.swift", "README.md", ".gitignore", ".swift-format"] {
            if let file = read(name) { found.append(file) }
        }
        return found.sorted { $0.path < $1.path }
    }()

    static let swiftFiles = files.filter(\.isSwift)
    static let productSources = files.filter(\.isProductSource)

    /// Whether anything stands at `path`, relative to the root.
    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appendingPathComponent(path).path)
    }

    /// The file at `path`; nil when there is none or it is no text.
    static func read(_ path: String) -> SourceFile? {
        guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
        else { return nil }
        return SourceFile(path: path, text: text)
    }

    private static let textExtensions: Set<String> = [
        "swift", "c", "h", "py", "sh", "md", "yaml", "yml", "modulemap", "hex", "",
    ]

    private static func collect(_ folder: String, into found: inout [SourceFile]) {
        let url = root.appendingPathComponent(folder)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
        for name in names where !name.hasPrefix(".") && name != "__pycache__" {
            let path = "\(folder)/\(name)"
            var isFolder: ObjCBool = false
            let isThere = FileManager.default.fileExists(
                atPath: url.appendingPathComponent(name).path, isDirectory: &isFolder)
            if isThere, isFolder.boolValue {
                collect(path, into: &found)
            } else {
                let file = SourceFile(path: path, text: "")
                if textExtensions.contains(file.pathExtension), let file = read(path) {
                    found.append(file)
                }
            }
        }
    }
}
