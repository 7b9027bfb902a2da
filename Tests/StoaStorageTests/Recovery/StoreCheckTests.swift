import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite("Checking a data directory that is at rest")
struct StoreCheckTests {
    /// A closed store with rows in a segment and rows in the log.
    private func image() throws -> DiskImage {
        let disk = SimulatedDisk()
        var options = StoreOptions()
        options.limits = .tiny
        let store = try Store.open(on: disk, options: options)
        let table = try store.create("t", Numbers.columns)
        _ = try store.store(try Numbers.batch(0..<1_500), table)
        try store.seal()
        _ = try store.store(try Numbers.batch(0..<10), table)
        store.close()
        return disk.contents
    }

    @Test("a store that was closed in order is intact, and checking changes nothing")
    func intact() throws {
        let image = try image()
        let disk = SimulatedDisk(image)
        let check = StoreCheck.run(on: disk)
        #expect(check.findings == [])
        #expect(check.wasClosed)
        #expect(check.segmentCount >= 1)
        #expect(check.valueCount == 1_500)
        #expect(check.logRecordCount >= 1)
        #expect(check.manifest?.tables.count == 1)
        #expect(disk.contents.isSame(as: image))
    }

    @Test("a directory that a store has open is not checked")
    func inUse() throws {
        let disk = SimulatedDisk(try image())
        let store = try Store.open(on: disk, options: StoreOptions())
        defer { store.close() }
        guard case .directoryInUse = StoreCheck.run(on: disk).findings.first else {
            Issue.record("an open directory was checked")
            return
        }
    }

    @Test("damage in two files is listed twice, with their names")
    func damage() throws {
        var image = try image()
        let segment = try #require(image.names.keys.first { $0.hasPrefix("seg/") })
        for path in [segment, "IDENTITY"] {
            var bytes = try #require(image.contents(path))
            bytes[bytes.count / 3] ^= 0x10
            image.setContents(path, bytes)
        }
        let check = StoreCheck.run(on: SimulatedDisk(image))
        let messages = check.findings.map(\.serviceError.message)
        #expect(messages.count == 2)
        #expect(messages.contains { $0.contains("IDENTITY") })
        #expect(messages.contains { $0.contains("seg/") })
    }

    @Test("an empty directory and a missing file are findings, not traps")
    func missing() throws {
        #expect(!StoreCheck.run(on: SimulatedDisk()).isIntact)
        var image = try image()
        let segment = try #require(image.names.keys.first { $0.hasPrefix("seg/") })
        image.names[segment] = nil
        #expect(!StoreCheck.run(on: SimulatedDisk(image)).isIntact)
    }
}
