import StoaDisk
import StoaTestKit
import Testing

/// The enumerator itself is tested: a store that forgets a sync must be found out.
@Suite struct PlantedBugTests {
    /// A sync that is left out.
    enum ForgottenSync: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case logFile, logDirectory, manifestFile, manifestDirectory, currentFile, dataDirectory
        case segmentFile, segmentDirectory

        var testDescription: String { rawValue }

        func covers(_ operation: DiskError.Operation, _ path: String) -> Bool {
            switch self {
            case .logFile: operation == .syncData && path.hasPrefix("wal/")
            case .logDirectory: operation == .syncDirectory && path == "wal"
            case .manifestFile: operation == .syncData && path.hasPrefix("manifest/")
            case .manifestDirectory: operation == .syncDirectory && path == "manifest"
            case .currentFile: operation == .syncData && path.hasPrefix("CURRENT")
            case .dataDirectory: operation == .syncDirectory && path == ""
            case .segmentFile: operation == .syncData && path.hasPrefix("seg/")
            case .segmentDirectory: operation == .syncDirectory && path == "seg"
            }
        }
    }

    @Test("a store that forgets a sync is found out", arguments: ForgottenSync.allCases)
    func forgotten(_ sync: ForgottenSync) {
        var found: String?
        var seed: UInt64 = 1
        while found == nil, seed < 12 {
            let disk = SimulatedDisk()
            disk.ignoreSyncs { sync.covers($0, $1) }
            found =
                CrashEnumeratorTests.walk(seed: seed, operationCount: 30, disk: disk)
                .failures.first
            seed += 1
        }
        #expect(found != nil, "no state showed that the sync of \(sync.rawValue) is missing")
    }
}
