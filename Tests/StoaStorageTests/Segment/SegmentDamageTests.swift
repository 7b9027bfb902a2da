import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct SegmentDamageTests {
    /// The bytes of one segment of all types, and what the manifest says of it.
    static func written(rowCount: Int = 300) throws -> (bytes: [UInt8], SegmentDescriptor) {
        let disk = try SegmentTests.disk()
        let memtable = try Fixture.memtable(rowCount: rowCount, batchRows: 70, limits: .tiny)
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<rowCount, firstSegmentID: 5, disk: disk,
            options: SegmentBuilder.Options(limits: .tiny))
        let descriptor = try #require(descriptors.first)
        return (try SegmentTests.bytes(descriptor.path, disk), descriptor)
    }

    /// Bytes under the name of the segment, on a disk of their own.
    static func disk(_ bytes: [UInt8], _ path: String) throws -> SimulatedDisk {
        let disk = try SegmentTests.disk()
        let file = try disk.open(path, .createNew)
        try bytes.withUnsafeBytes { try disk.write(file, at: 0, $0) }
        disk.close(file)
        return disk
    }

    /// Whether reading the whole segment finds something wrong.
    static func isRefused(_ bytes: [UInt8], _ descriptor: SegmentDescriptor) throws -> Bool {
        let disk = try disk(bytes, descriptor.path)
        return !SegmentCheck.check(
            descriptor, definition: Fixture.everyType, disk: disk
        ).isIntact
    }

    @Test("a whole segment passes its check")
    func intact() throws {
        let (bytes, descriptor) = try Self.written()
        let disk = try Self.disk(bytes, descriptor.path)
        let check = SegmentCheck.check(
            descriptor, definition: Fixture.everyType, disk: disk)
        #expect(check.findings == [])
        #expect(check.valueCount == 300 * Fixture.everyType.columns.count)
        #expect(SegmentCheck.check(descriptor.path, disk: disk).isIntact)
    }

    @Test("every truncated segment is refused, and so is a longer one")
    func truncation() throws {
        let (bytes, descriptor) = try Self.written()
        for byteCount in stride(from: 0, to: bytes.count, by: 7) {
            #expect(try Self.isRefused(Array(bytes[..<byteCount]), descriptor))
            let disk = try Self.disk(Array(bytes[..<byteCount]), descriptor.path)
            #expect(!SegmentCheck.check(descriptor.path, disk: disk).isIntact)
        }
        #expect(try Self.isRefused(bytes + [0], descriptor))
        #expect(try Self.isRefused(bytes + [UInt8](repeating: 0, count: 64), descriptor))
    }

    @Test("a change of any byte is found, with the manifest and without it", arguments: 0..<2)
    func everyByte(kind: Int) throws {
        let (bytes, descriptor) = try Self.written(rowCount: 20)
        var unnoticed: [Int] = []
        for offset in bytes.indices {
            var damaged = bytes
            if kind == 0 {
                damaged[offset] ^= 1 << UInt8(offset % 8)
                let disk = try Self.disk(damaged, descriptor.path)
                if SegmentCheck.check(descriptor.path, disk: disk).isIntact {
                    unnoticed.append(offset)
                }
            } else {
                damaged[offset] = damaged[offset] == 0 ? 0xFF : 0
                if try !Self.isRefused(damaged, descriptor) { unnoticed.append(offset) }
            }
        }
        #expect(unnoticed == [])
    }

    @Test("the gaps before columns that start on a page are covered too")
    func gaps() throws {
        let table = TableDefinition(
            id: 7, name: "wide",
            columns: (1...3).map { ColumnDefinition(id: $0, name: "c\($0)", type: .int64) })
        var random = SeededRandom(seed: 9)
        let columns = table.columns.map { column in
            var builder = ColumnBuilder(name: column.name, type: .int64)
            for _ in 0..<9_001 { builder.append(integer: Int64(bitPattern: random.next())) }
            return builder
        }
        let memtable = Memtable(definition: table, limits: Limits())
        try memtable.append(RowBatch.decode(Bytes(RowBatch.encode(columns))), lsn: 1)
        let written = try SegmentTests.disk()
        let descriptor = try #require(
            SegmentBuilder.write(
                memtable, rows: 0..<9_001, firstSegmentID: 1, disk: written,
                options: SegmentBuilder.Options(limits: Limits())
            ).first)
        let bytes = try SegmentTests.bytes(descriptor.path, written)
        let blocks = try SegmentReport.read(descriptor.path, disk: written).blocks
        #expect(blocks.map { $0.byteOffset % 4_096 } == [0, 0, 0])
        var end = 64
        for block in blocks {
            for offset in stride(from: end, to: block.byteOffset, by: 61) {
                var damaged = bytes
                damaged[offset] ^= 1
                let disk = try Self.disk(damaged, descriptor.path)
                #expect(!SegmentCheck.check(descriptor.path, disk: disk).isIntact)
            }
            end = block.byteOffset + block.byteCount
        }
    }

    @Test("a damaged block is named with its table, column, offset and both checksums")
    func blockError() throws {
        let (bytes, descriptor) = try Self.written()
        let intact = try SegmentReport.read(
            descriptor.path, definition: Fixture.everyType,
            disk: Self.disk(bytes, descriptor.path))
        let block = intact.blocks[3]
        var damaged = bytes
        damaged[block.byteOffset + 70] ^= 4
        let disk = try Self.disk(damaged, descriptor.path)
        let report = try SegmentReport.read(
            descriptor.path, definition: Fixture.everyType, disk: disk)
        #expect(report.blocks.filter { $0.damage != nil }.count == 1)
        let segment = try Segment.open(descriptor, definition: Fixture.everyType, disk: disk)
        let table = try #require(
            Fixture.snapshot([segment], [], generation: 1).table(Fixture.everyType.id))
        _ = try table.blocks[0].open(3)
        for _ in 0..<2 {
            let error = #expect(throws: StorageError.self) { try table.blocks[0].open(4) }
            guard case .corruptBlock(let found) = error else {
                Issue.record("\(String(describing: error)) is not the damaged block")
                continue
            }
            #expect(found.path == descriptor.path)
            #expect(found.table == "everything")
            #expect(found.column == "c3")
            #expect(found.byteOffset == block.byteOffset)
            #expect(found.expectedChecksum != found.foundChecksum)
        }
    }

    /// Writes the checksums anew, so that damage gets past them to the structure.
    static func repaired(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        func store(_ value: UInt32, _ offset: Int) {
            for byte in 0..<4 {
                bytes[offset + byte] = UInt8(truncatingIfNeeded: value >> (8 * byte))
            }
        }
        func number(_ offset: Int) -> Int {
            (0..<8).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let trailer = bytes.count - 64
        let footer = number(trailer)
        store(Checksum.crc32c(Array(bytes[0..<60])), 60)
        if footer > 0, footer < trailer {
            store(Checksum.crc32c(Array(bytes[footer..<trailer])), trailer + 16)
        }
        store(Checksum.crc32c(Array(bytes[trailer..<trailer + 52])), trailer + 52)
        return bytes
    }

    @Test("damage behind right checksums never traps", arguments: 0..<4)
    func structure(seed: Int) throws {
        let (bytes, descriptor) = try Self.written(rowCount: 20)
        let footer = bytes.count - 64 - 64 - 17 * 64 - 17 * 128
        var random = SeededRandom(seed: UInt64(seed))
        var refusedCount = 0
        for round in 0..<400 {
            var damaged = bytes
            for _ in 0..<1 + round % 3 {
                // Mostly in the footer, sometimes in header and trailer.
                let ends = [Int.random(in: 0..<64, using: &random), bytes.count - 1 - round % 64]
                let offset =
                    round % 7 == 0
                    ? ends[round % 2]
                    : Int.random(in: footer..<bytes.count - 64, using: &random)
                damaged[offset] = UInt8.random(in: 0...255, using: &random)
            }
            let disk = try Self.disk(Self.repaired(damaged), descriptor.path)
            if !SegmentCheck.check(descriptor.path, disk: disk).isIntact { refusedCount += 1 }
            _ = try? SegmentReport.read(descriptor.path, disk: disk).lines()
        }
        #expect(refusedCount > 150)
    }

    @Test("random bytes are refused")
    func randomBytes() throws {
        var random = SeededRandom(seed: 4)
        for byteCount in [0, 1, 63, 64, 127, 128, 129, 1_000, 4_096] {
            let bytes = (0..<byteCount).map { _ in UInt8.random(in: 0...255, using: &random) }
            let disk = try Self.disk(bytes, "seg/x")
            #expect(!SegmentCheck.check("seg/x", disk: disk).isIntact)
        }
    }

    @Test("a segment of a newer format or with an unknown feature is refused plainly")
    func newer() throws {
        let (bytes, descriptor) = try Self.written()
        var newer = bytes
        newer[8] = 2
        #expect(throws: StorageError.formatTooNew(path: descriptor.path, found: 2, supported: 1)) {
            try SegmentReport.read(
                descriptor.path, disk: Self.disk(Self.repaired(newer), descriptor.path))
        }
        var featured = bytes
        featured[13] = 1
        let error = #expect(throws: StorageError.self) {
            try SegmentReport.read(
                descriptor.path, disk: Self.disk(Self.repaired(featured), descriptor.path))
        }
        #expect(error?.serviceError.message.contains("0x00000100") == true)
        var optional = bytes
        optional[17] = 1
        #expect(
            try SegmentReport.read(
                descriptor.path, disk: Self.disk(Self.repaired(optional), descriptor.path)
            ).isIntact)
    }

    @Test("a segment that is not the one of the manifest is refused")
    func disagreement() throws {
        let (bytes, descriptor) = try Self.written()
        var others = [descriptor, descriptor, descriptor, descriptor]
        others[0].rowCount += 1
        others[1].footerChecksum ^= 1
        others[2].firstLSN += 1
        others[3].byteCount += 1
        for other in others { #expect(try Self.isRefused(bytes, other)) }
        var table = Fixture.everyType
        table.columns[2].type = .int64
        #expect(throws: StorageError.self) {
            try Segment.open(
                descriptor, definition: table, disk: Self.disk(bytes, descriptor.path))
        }
    }
}
