import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Files of the log that somebody cut, emptied or removed while no store had them open.
@Suite struct LogLossTests {
    enum End: String, CaseIterable, CustomTestStringConvertible {
        /// Closed in order.
        case closed
        /// Stopped right after the last acknowledgement.
        case cut
        /// Stopped after a change of tables, whose manifest knows the newest file.
        case cutAfterChange

        var testDescription: String { rawValue }
    }

    struct Fixture {
        var image: DiskImage
        /// Files with a header, oldest first.
        var begun: [String] = []
        /// Files that were made and never begun.
        var prepared: [String] = []
        var rows: [Int64]

        /// Rows in three files of the log and in nothing else, and the fourth file made.
        init(_ end: End) throws {
            let disk = SimulatedDisk()
            let store = try Store.open(on: disk, options: StoreTests.options())
            let id = try store.create("t", Numbers.columns)
            rows = []
            image = DiskImage()
            while begun.count < 3 || prepared.isEmpty {
                _ = try store.store(try Numbers.batch([Int64(rows.count)]), id)
                rows.append(Int64(rows.count))
                take(disk.contents)
            }
            if end == .cutAfterChange { _ = try store.create("u", Numbers.columns) }
            if end != .closed { take(disk.contents) }
            store.close()
            if end == .closed { take(disk.contents) }
        }

        private mutating func take(_ image: DiskImage) {
            self.image = image
            let files = image.names.keys.filter { $0.hasPrefix("wal/") }.sorted()
            begun = files.filter { image.contents($0)?.first ?? 0 != 0 }
            prepared = files.filter { image.contents($0)?.first ?? 0 == 0 }
        }

        func removing(_ paths: [String]) -> DiskImage {
            var copy = image
            for path in paths { copy.names[path] = nil }
            return copy
        }
    }

    /// Expects that the store refuses, names `path`, and changes nothing.
    private func expectRefused(
        _ image: DiskImage, _ path: String, at offset: Int, _ what: String
    ) throws {
        guard case .failure(.corruptLog(let log)) = try RecoveryTests.open(image) else {
            Issue.record("\(what) was not refused")
            return
        }
        #expect(log.path == path && log.byteOffset == offset, "\(what): \(log)")
        let check = StoreCheck.run(on: SimulatedDisk(image))
        #expect(check.findings == [.corruptLog(log)], "\(what)")
    }

    @Test("untouched, all rows are there", arguments: End.allCases)
    func untouched(_ end: End) throws {
        let fixture = try Fixture(end)
        #expect(fixture.begun.count >= 3)
        #expect(try RecoveryTests.open(fixture.image).get() == fixture.rows)
    }

    @Test("a file of the log cut at any size is refused at its end", arguments: End.allCases)
    func cutShort(_ end: End) throws {
        let fixture = try Fixture(end)
        for path in fixture.begun {
            let bytes = try #require(fixture.image.contents(path))
            let used = try #require(bytes.lastIndex { $0 != 0 }) + 1
            for byteCount in [1, 63, 64, 65, 640, used / 2, used, bytes.count - 1] {
                var image = fixture.image
                image.setContents(path, Array(bytes.prefix(byteCount)))
                try expectRefused(image, path, at: byteCount, "\(path) cut to \(byteCount)")
            }
        }
    }

    @Test("an emptied, zeroed or removed file of the log is refused", arguments: End.allCases)
    func gone(_ end: End) throws {
        let fixture = try Fixture(end)
        for path in fixture.begun {
            let byteCount = try #require(fixture.image.contents(path)?.count)
            var image = fixture.image
            image.setContents(path, [])
            try expectRefused(image, path, at: 0, "\(path) emptied")
            image.setContents(path, [UInt8](repeating: 0, count: byteCount))
            try expectRefused(image, path, at: 0, "\(path) zeroed")
            try expectRefused(fixture.removing([path]), path, at: 0, "\(path) removed")
        }
    }

    /// After a bare `cut` nothing is left that knew of the files: the limit stands in Decisions.
    @Test(
        "the newest files, gone together, are missed by name",
        arguments: [End.closed, .cutAfterChange])
    func newestGone(_ end: End) throws {
        let fixture = try Fixture(end)
        for index in fixture.begun.indices {
            let image = fixture.removing(Array(fixture.begun[index...]) + fixture.prepared)
            try expectRefused(
                image, fixture.begun[index], at: 0, "all from \(fixture.begun[index])")
        }
    }

    @Test("a file that was never begun is missed by nobody", arguments: End.allCases)
    func preparedGone(_ end: End) throws {
        let fixture = try Fixture(end)
        for path in fixture.prepared {
            #expect(try RecoveryTests.open(fixture.removing([path])).get() == fixture.rows)
            for byteCount in [0, 10, 64, 100] {
                var image = fixture.image
                image.setContents(path, [UInt8](repeating: 0, count: byteCount))
                #expect(try RecoveryTests.open(image).get() == fixture.rows)
            }
        }
    }

    @Test("records zeroed in the newest file are missed after an orderly end")
    func zeroedTail() throws {
        let fixture = try Fixture(.closed)
        let path = try #require(fixture.begun.last)
        let bytes = try #require(fixture.image.contents(path))
        var image = fixture.image
        image.setContents(
            path, Array(bytes.prefix(64)) + [UInt8](repeating: 0, count: bytes.count - 64))
        try expectRefused(image, path, at: 64, "\(path) with zeroed records")
    }

    @Test("closing writes a manifest only when there are batches that none knows")
    func oneManifestPerClose() throws {
        let fixture = try Fixture(.closed)
        let disk = SimulatedDisk(fixture.image)
        try Store.open(on: disk, options: StoreTests.options()).close()
        let before = try StoreCheck.currentManifest(on: SimulatedDisk(fixture.image))
        let after = try StoreCheck.currentManifest(on: disk)
        #expect(before.log.durableLSN == before.lsn)
        #expect(after.generation == before.generation + 1, "the one that opening writes")
    }
}
