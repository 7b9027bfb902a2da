import Foundation
import StoaSettings
import Testing

@Suite struct SettingsFileTests {
    private func committedFile() throws -> String {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return try String(
            contentsOf: root.appendingPathComponent("config/stoad.yaml"), encoding: .utf8)
    }

    @Test("config/stoad.yaml is what `stoad --print-config` prints")
    func committed() throws {
        #expect(try committedFile() == SettingsFile.defaultsText)
    }

    @Test("config/stoad.yaml says the compiled defaults, key by key")
    func defaults() throws {
        let text = try committedFile()
        let file = try SettingsFile(path: "config/stoad.yaml", text: text)
        let settings = try Settings(flags: [:], environment: [:], file: file)
        for key in SettingKey.allCases {
            #expect(settings.origin(of: key) != .compiledDefault, "\(key.rawValue) is missing")
            #expect(text.contains("# \(key.definition.range)\n\(key.rawValue): "))
        }
        #expect(settings.hasSameValues(as: Settings()))
    }
}
