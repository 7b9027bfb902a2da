import Foundation
import StoaFuzzKit
import Testing

/// What the fuzzers have found so far, run again: inputs that reach far, and those that once
/// trapped.
@Suite struct CorpusTests {
    private static func folder(_ target: FuzzTarget) -> URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Corpus/\(target.rawValue)")
    }

    @Test("every input of the corpus comes back", arguments: FuzzTarget.all)
    func replay(target: FuzzTarget) throws {
        let files = try FileManager.default.contentsOfDirectory(
            at: Self.folder(target), includingPropertiesForKeys: nil)
        #expect(!files.isEmpty)
        for file in files {
            try Data(contentsOf: file).withUnsafeBytes { target.run($0) }
        }
    }

    @Test("the planted trap traps")
    func planted() async {
        await #expect(processExitsWith: .failure) {
            Array("STOA!?".utf8).withUnsafeBytes { FuzzTarget.planted.run($0) }
        }
        Array("STOA!".utf8).withUnsafeBytes { FuzzTarget.planted.run($0) }
    }

    @Test("seeds are inputs of their target", arguments: FuzzTarget.all)
    func seeds(target: FuzzTarget) {
        for seed in FuzzSeeds.of(target) {
            #expect(!seed.isEmpty)
            seed.withUnsafeBytes { target.run($0) }
        }
    }
}
