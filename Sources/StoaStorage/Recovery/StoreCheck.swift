internal import StoaBase
package import StoaDisk
internal import StoaModel

/// Reads a whole data directory that no daemon uses, and changes nothing: CURRENT, manifest,
/// identity, every log record and every block of every live segment. For `stoa check`.
///
/// Where opening a store stops at the first thing wrong, this goes on and lists them all.
package struct StoreCheck: Sendable {
    /// Nil when it cannot be read.
    package private(set) var manifest: Manifest?
    package private(set) var logRecordCount = 0
    /// Bytes of a torn tail, which the next start drops; they were never acknowledged.
    package private(set) var tornByteCount = 0
    /// Whether the last daemon stopped in order.
    package private(set) var wasClosed = false
    package private(set) var segmentCount = 0
    package private(set) var intactBlockCount = 0
    package private(set) var valueCount = 0
    /// What is wrong.
    package private(set) var findings: [StorageError] = []
    /// Segment files that the manifest does not name; the next start clears them away.
    package private(set) var unnamedSegments: [String] = []

    package var isIntact: Bool { findings.isEmpty }

    /// Checks the directory behind `disk`. `didCheck` is told after each segment how many of how
    /// many are done.
    package static func run(
        on disk: any Disk, didCheck: (Int, Int) -> Void = { _, _ in }
    ) -> StoreCheck {
        var check = StoreCheck()
        do throws(StorageError) {
            try refuseIfInUse(disk)
            let manifest = try currentManifest(on: disk)
            check.manifest = manifest
            check.note { () throws(StorageError) in try checkIdentity(disk, manifest) }
            check.readLog(disk, manifest)
            check.readSegments(disk, manifest, didCheck)
        } catch {
            check.findings.append(error)
        }
        return check
    }

    /// The manifest that CURRENT names.
    ///
    /// - Throws: `corruptManifest` or `disk`.
    package static func currentManifest(on disk: any Disk) throws(StorageError) -> Manifest {
        let current = try CurrentFile.decode(try contents(disk, CurrentFile.path, limit: 1 << 12))
        let path = Manifest.path(current.generation)
        let bytes = try contents(disk, path, limit: ManifestCodec.byteCountLimit)
        let manifest = try ManifestCodec.decode(bytes, path: path)
        guard manifest.generation == current.generation,
            UInt64(bytes.count) == current.manifestByteCount,
            bytes.integer(at: bytes.count - 4, as: UInt32.self) == current.manifestChecksum
        else {
            throw .corruptManifest(
                path: path, byteOffset: bytes.count - 4,
                reason: "it is not the manifest that CURRENT names")
        }
        return manifest
    }

    /// A running daemon changes files under the reader: what it shows would be false alarms.
    private static func refuseIfInUse(_ disk: any Disk) throws(StorageError) {
        // A directory that cannot be written has no daemon either.
        guard let file = try? disk.open(StoreFiles.lockPath, .readWrite) else { return }
        defer { disk.close(file) }
        guard let isFree = try? disk.lock(file), !isFree else { return }
        let text = (try? disk.readAll(StoreFiles.lockPath, byteCountLimit: 32)) ?? []
        throw .directoryInUse(
            processID: Int32(String(decoding: text.prefix { $0 != 10 }, as: UTF8.self)))
    }

    private static func checkIdentity(
        _ disk: any Disk, _ manifest: Manifest
    ) throws(StorageError) {
        let bytes = try contents(disk, IdentityFile.path, limit: 1 << 12)
        guard try IdentityFile.decode(bytes).databaseID == manifest.databaseID else {
            throw .corruptManifest(
                path: IdentityFile.path, byteOffset: 8, reason: "it is another database's")
        }
    }

    private mutating func readLog(_ disk: any Disk, _ manifest: Manifest) {
        do throws(StorageError) {
            let names: [String]
            do throws(DiskError) {
                names = try disk.list(LogFileName.directory)
            } catch {
                throw .disk(error)
            }
            var replay = Replay(manifest, limits: Limits())
            let scanner = LogScanner(
                disk: disk, databaseID: manifest.databaseID, start: manifest.log,
                names: names.compactMap { LogFileName($0) })
            let scan = try scanner.scan { record throws(StorageError) in
                try replay.apply(record)
            }
            logRecordCount = scan.recordCount
            tornByteCount = scan.droppedByteCount
            wasClosed = scan.isClosed
        } catch {
            findings.append(error)
        }
    }

    private mutating func readSegments(
        _ disk: any Disk, _ manifest: Manifest, _ didCheck: (Int, Int) -> Void
    ) {
        let total = manifest.tables.reduce(0) { $0 + $1.segments.count }
        var named: Set<String> = []
        for table in manifest.tables {
            for descriptor in table.segments {
                let check = SegmentCheck.check(
                    descriptor, definition: table.definition, disk: disk)
                named.insert(descriptor.path)
                segmentCount += 1
                intactBlockCount += check.intactBlockCount
                valueCount += check.valueCount
                findings += check.findings
                didCheck(segmentCount, total)
            }
        }
        let found = (try? disk.list(SegmentID.directory)) ?? []
        unnamedSegments = found.map { "\(SegmentID.directory)/\($0)" }.filter {
            !named.contains($0)
        }
    }

    private mutating func note(_ body: () throws(StorageError) -> Void) {
        do throws(StorageError) { try body() } catch { findings.append(error) }
    }

    private static func contents(
        _ disk: any Disk, _ path: String, limit: Int
    ) throws(StorageError) -> Bytes {
        do throws(DiskError) {
            return Bytes(try disk.readAll(path, byteCountLimit: limit))
        } catch {
            if error.operation == .open, error.errno == 2 {
                throw .corruptManifest(path: path, byteOffset: 0, reason: "the file is missing")
            }
            throw .disk(error)
        }
    }
}
