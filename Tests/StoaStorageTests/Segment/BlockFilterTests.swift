import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Filters that tell absent values from present ones.
@Suite struct BlockFilterTests {
    /// One INT64 and one STRING column.
    static let definition = TableDefinition(
        id: 7, name: "t",
        columns: [
            ColumnDefinition(id: 1, name: "n", type: .int64),
            ColumnDefinition(id: 2, name: "s", type: .string),
        ])

    enum Shape: CaseIterable, Sendable {
        /// Distinct values in no order that take their room.
        case random
        case sorted
        /// Each value 16 times.
        case repeated
        /// Distinct, in no order, and in a few bits each.
        case small
    }

    static func values(_ shape: Shape, rowCount: Int = 4_000) -> [(Int64, String)] {
        var random = SeededRandom(seed: 3)
        var numbers = (0..<rowCount).map { index -> UInt64 in
            switch shape {
            case .random, .sorted: return random.next()
            case .repeated: return UInt64(index % (rowCount / 16)) &* 0x9E37_79B9_7F4A_7C15
            case .small: return UInt64(index * 7_919 % 4_001)
            }
        }
        if shape == .sorted { numbers.sort { Int64(bitPattern: $0) < Int64(bitPattern: $1) } }
        return numbers.enumerated().map { index, number in
            let text =
                shape == .small
                ? "\(index % 10)"
                : String(number, radix: 36) + String(number &* 0xD134_2543_DE82_EF95, radix: 36)
            return (Int64(bitPattern: number), text)
        }
    }

    static func write(
        _ shape: Shape, rowCount: Int = 4_000
    ) throws -> (SimulatedDisk, SegmentDescriptor) {
        var columns = [
            ColumnBuilder(name: "n", type: .int64), ColumnBuilder(name: "s", type: .string),
        ]
        for (row, value) in values(shape, rowCount: rowCount).enumerated() {
            if row % 50 == 7 {
                for index in 0...1 { columns[index].appendNull() }
                continue
            }
            columns[0].append(integer: value.0)
            columns[1].append(.string(Array(value.1.utf8)))
        }
        var limits = Limits.tiny
        limits.segmentRows = 4_096
        let memtable = Memtable(definition: definition, limits: limits)
        try memtable.append(RowBatch.decode(Bytes(RowBatch.encode(columns))), lsn: 1)
        let disk = try SegmentTests.disk()
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<memtable.rowCount, firstSegmentID: 1, disk: disk,
            options: SegmentBuilder.Options(limits: limits))
        return (disk, try #require(descriptors.first))
    }

    static func table(_ disk: SimulatedDisk, _ descriptor: SegmentDescriptor) throws
        -> (Segment, TableSnapshot)
    {
        let segment = try Segment.open(descriptor, definition: definition, disk: disk)
        let state = TableState(
            definition: definition, segments: SegmentSet([segment], definition: definition),
            memtables: [])
        let snapshot = Snapshot(
            generation: 1, catalog: Catalog(tables: [definition]), tables: [definition.id: state])
        return (segment, try #require(snapshot.table(definition.id)))
    }

    static func hash(_ text: String) -> UInt64 {
        Array(text.utf8).withUnsafeBytes { BlockFilter.hash($0) }
    }

    @Test("a filter admits every value of its block and denies most others")
    func membership() throws {
        let (disk, descriptor) = try Self.write(.random)
        let (segment, table) = try Self.table(disk, descriptor)
        let values = Self.values(.random)
        var start = 0
        var admitted = [0, 0]
        var asked = 0
        for (index, block) in table.blocks.enumerated() {
            for row in start..<start + block.rowCount where row % 50 != 7 {
                #expect(block.mayContain(1, hash: BlockFilter.hash(values[row].0)))
                #expect(block.mayContain(2, hash: Self.hash(values[row].1)))
            }
            for (row, value) in values.enumerated()
            where row < start || row >= start + block.rowCount {
                asked += 1
                if block.mayContain(1, hash: BlockFilter.hash(value.0)) { admitted[0] += 1 }
                if block.mayContain(2, hash: Self.hash(value.1)) { admitted[1] += 1 }
            }
            for column: UInt32 in 1...2 {
                let found = try #require(segment.describe(columnID: column, block: index))
                #expect(found.filterByteCount > 0)
                #expect(found.filterByteCount * 7 <= found.byteCount)
            }
            start += block.rowCount
        }
        #expect(admitted[0] * 20 < asked && admitted[1] * 100 < asked)
        #expect(SegmentCheck.check(descriptor, definition: Self.definition, disk: disk).isIntact)
    }

    @Test(
        "sorted, repeated and small values get no filter",
        arguments: [Shape.sorted, .repeated, .small])
    func without(_ shape: Shape) throws {
        let (disk, descriptor) = try Self.write(shape)
        let (segment, table) = try Self.table(disk, descriptor)
        for (index, block) in table.blocks.enumerated() {
            #expect(segment.describe(columnID: 1, block: index)?.filterByteCount == 0)
            #expect(block.mayContain(1, hash: 12_345))
        }
    }

    @Test("every damaged byte of a filter is an error and never an answer")
    func damage() throws {
        let (disk, descriptor) = try Self.write(.random)
        let bytes = try SegmentTests.bytes(descriptor.path, disk)
        // The section of column 1 ends where column 2 begins.
        let blocks = try SegmentReport.read(descriptor.path, disk: disk).blocks
        let last = try #require(blocks.last { $0.columnID == 1 })
        let next = try #require(blocks.first { $0.columnID == 2 })
        let start = (last.byteOffset + last.byteCount + 63) / 64 * 64
        #expect(next.byteOffset - start > 1_000)
        let (segment, _) = try Self.table(disk, descriptor)
        let blockCount = blocks.filter { $0.columnID == 1 }.count
        // Zeros behind the section, up to the page where column 2 begins, are the last block's.
        let filters = (0..<blockCount).reduce(0) {
            $0 + (segment.describe(columnID: 1, block: $1)?.filterByteCount ?? 0)
        }
        #expect(filters > 500)
        for offset in stride(from: start, to: start + 64 + filters, by: 37) {
            var damaged = bytes
            damaged[offset] ^= 1 << UInt8(offset % 8)
            let disk = try SegmentDamageTests.disk(damaged, descriptor.path)
            let (segment, table) = try Self.table(disk, descriptor)
            // Damaged filters deny nothing, and it is known that they are damaged.
            #expect(table.blocks[0].mayContain(1, hash: 1))
            #expect(table.blocks[0].mayContain(1, hash: 2))
            #expect(segment.knownDamages.map(\.error.serviceError.code) == [.corruptBlock])
            #expect(table.blocks[0].mayContain(2, hash: Self.hash(Self.values(.random)[0].1)))
            #expect(
                !SegmentCheck.check(descriptor, definition: Self.definition, disk: disk).isIntact)
        }
    }

    @Test(
        "of 200,000 absent values a known part passes: 1 in 31 at 8 bits, 1 in 190 at 12",
        arguments: [3, 4, 5])
    func falsePositives(seed: UInt64) throws {
        let (disk, descriptor) = try Self.write(.random)
        let (segment, table) = try Self.table(disk, descriptor)
        var random = SeededRandom(seed: seed &* 7_919)
        var admitted = [0, 0]
        let askedCount = 50_000
        for (index, block) in table.blocks.enumerated() {
            let bits = (1...2).map { column in
                Double(segment.describe(columnID: column, block: index)?.filterByteCount ?? 0) * 8
                    / Double(block.rowCount)
            }
            // A fiftieth of the rows is NULL.
            #expect((7.8...8.3).contains(bits[0]) && (11.7...12.3).contains(bits[1]))
            for _ in 0..<askedCount {
                for column in 0...1 {
                    let hash = random.next()
                    if block.mayContain(UInt32(column + 1), hash: hash) {
                        admitted[column] += 1
                    }
                }
            }
        }
        let asked = Double(askedCount * table.blocks.count)
        #expect((0.025...0.041).contains(Double(admitted[0]) / asked))
        #expect((0.0035...0.0075).contains(Double(admitted[1]) / asked))
    }

    @Test("hashes and the bits they set are the format")
    func hashes() {
        #expect(BlockFilter.hash(0) == 0xE220_A839_7B1D_CDAF)
        #expect(BlockFilter.hash(1) == 0x910A_2DEC_8902_5CC1)
    }

    @Test("the golden segment with filters denies and admits what it did when it was written")
    func golden() throws {
        let (written, fresh) = try Self.write(.random, rowCount: 200)
        let bytes = try SegmentGoldenTests.golden(
            "segment-filters-1.hex", fresh: try SegmentTests.bytes(fresh.path, written))
        let disk = try SegmentDamageTests.disk(bytes, fresh.path)
        let descriptor = SegmentDescriptor(
            id: fresh.id, byteCount: UInt64(bytes.count), rowCount: 200,
            footerChecksum: Bytes(bytes).integer(at: bytes.count - 48, as: UInt32.self),
            firstLSN: 1, lastLSN: 1)
        #expect(SegmentCheck.check(descriptor, definition: Self.definition, disk: disk).isIntact)
        let (segment, table) = try Self.table(disk, descriptor)
        let block = try #require(table.blocks.first)
        #expect(segment.describe(columnID: 1, block: 0)?.filterByteCount == 224)
        #expect(segment.describe(columnID: 2, block: 0)?.filterByteCount == 320)
        for (row, value) in Self.values(.random, rowCount: 200).enumerated() where row % 50 != 7 {
            #expect(block.mayContain(1, hash: BlockFilter.hash(value.0)))
            #expect(block.mayContain(2, hash: Self.hash(value.1)))
        }
        var admitted = [0, 0]
        for number: Int64 in 0..<10_000 {
            if block.mayContain(1, hash: BlockFilter.hash(number)) { admitted[0] += 1 }
            if block.mayContain(2, hash: Self.hash("absent \(number)")) { admitted[1] += 1 }
        }
        #expect(admitted == [255, 51])
    }
}
