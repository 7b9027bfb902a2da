import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct RecoveryTests {
    /// A closed database with a segment, rows in the log and a producer.
    static func image() throws -> DiskImage {
        let disk = SimulatedDisk()
        let store = try Store.open(on: disk, options: StoreTests.options())
        let id = try store.create("t", Numbers.columns)
        _ = try store.store(try Numbers.batch(0..<100), id)
        try store.seal()
        for sequence in 1...3 {
            let origin = BatchOrigin(
                producerHigh: 1, producerLow: 1, stream: 0, epoch: 1, sequence: UInt64(sequence))
            _ = try store.store(try Numbers.batch([Int64(sequence)]), id, origin)
        }
        store.close()
        return disk.contents
    }

    static let rows = Array(Int64(0)..<100) + [1, 2, 3]

    /// Opens the image; the rows, or why not. When refused, nothing may have changed.
    static func open(_ image: DiskImage) throws -> Result<[Int64], StorageError> {
        let disk = SimulatedDisk(image)
        let store: Store
        do throws(StorageError) {
            store = try Store.open(on: disk, options: StoreTests.options())
        } catch {
            #expect(disk.contents.isSame(as: image), "a refused open changes nothing")
            return .failure(error)
        }
        defer { store.close() }
        let table = store.snapshot().catalog.tables[0].id
        do {
            return .success(try store.numbers(table))
        } catch let error as StorageError {
            return .failure(error)
        }
    }

    @Test("a deleted file is missed, by name, unless nothing depended on it")
    func deletedFiles() throws {
        let image = try Self.image()
        for path in image.names.keys.sorted() {
            var damaged = image
            damaged.names[path] = nil
            switch try Self.open(damaged) {
            case .success(let rows):
                #expect(rows == Self.rows, "without \(path)")
            case .failure(let error):
                #expect(error.serviceError.message.contains(path), "\(path): \(error)")
            }
        }
    }

    @Test("an emptied file is an error or makes no difference")
    func emptiedFiles() throws {
        let image = try Self.image()
        for path in image.names.keys.sorted() {
            var damaged = image
            damaged.setContents(path, [])
            if case .success(let rows) = try Self.open(damaged) {
                #expect(rows == Self.rows, "with an empty \(path)")
            }
        }
    }

    @Test("any changed byte is an error or makes no difference, and never a trap")
    func changedBytes() throws {
        let image = try Self.image()
        var counts = (refused: 0, same: 0)
        for path in image.names.keys.sorted() {
            guard let bytes = image.contents(path) else { continue }
            // The unused rest of the log is all alike.
            let used = bytes.lastIndex { $0 != 0 }.map { min(bytes.count, $0 + 128) } ?? 0
            for index in stride(from: 0, to: used, by: path.hasPrefix("seg/") ? 13 : 3) {
                var damaged = image
                var changed = bytes
                changed[index] ^= 0x41
                damaged.setContents(path, changed)
                switch try Self.open(damaged) {
                case .success(let rows):
                    counts.same += 1
                    #expect(rows == Self.rows, "\(path) byte \(index)")
                case .failure: counts.refused += 1
                }
            }
        }
        print("changed bytes: \(counts.refused) refused, \(counts.same) without effect")
        #expect(counts.refused > 500)
    }

    @Test("a directory that is something else is refused and left alone")
    func foreignDirectory() throws {
        var image = DiskImage()
        image.setContents("holiday.jpg", [1])
        let disk = SimulatedDisk(image)
        #expect(throws: StorageError.directoryNotEmpty("holiday.jpg")) {
            _ = try Store.open(on: disk, options: StoreTests.options())
        }
        #expect(disk.contents.isSame(as: image))
    }

    @Test("a directory that cannot be written is refused")
    func readOnly() throws {
        let disk = SimulatedDisk()
        disk.failOperation(3, errno: 30, isForGood: true)
        let error = #expect(throws: StorageError.self) {
            _ = try Store.open(on: disk, options: StoreTests.options())
        }
        #expect(error?.serviceError.code == .directoryUnusable)
    }

    @Test("an empty directory is refused when none is to be made")
    func missing() throws {
        var options = StoreTests.options()
        options.createsIfEmpty = false
        let disk = SimulatedDisk()
        let error = #expect(throws: StorageError.self) {
            _ = try Store.open(on: disk, options: options)
        }
        #expect(error?.serviceError.code == .directoryUnusable)
        #expect(disk.contents.isSame(as: DiskImage()))
    }

    @Test("a newer manifest is refused as too new and left alone")
    func tooNew() throws {
        var image = try Self.image()
        let path = try #require(image.names.keys.filter { $0.hasPrefix("manifest/") }.max())
        var bytes = try #require(image.contents(path))
        bytes[6] = 9
        let sum = Checksum.crc32c(Array(bytes.dropLast(4)))
        withUnsafeBytes(of: sum.littleEndian) {
            bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: $0)
        }
        image.setContents(path, bytes)
        let current = CurrentFile(
            generation: UInt64(path.suffix(16), radix: 16) ?? 0,
            manifestByteCount: UInt64(bytes.count), manifestChecksum: sum)
        image.setContents("CURRENT", current.encode())
        guard case .failure(.formatTooNew(path, 9, 1)) = try Self.open(image) else {
            Issue.record("a newer manifest was not refused as too new")
            return
        }
    }
}
