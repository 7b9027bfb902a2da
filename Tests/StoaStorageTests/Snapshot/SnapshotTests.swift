import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct SnapshotTests {
    @Test("rows of segments, frozen memtables and the growing one stand in the order they came")
    func order() throws {
        let disk = try SegmentTests.disk()
        let segments = try SegmentTests.segments(rowCount: 5_000, limits: .tiny, disk: disk)
        let frozen = Memtable(definition: Fixture.everyType, limits: .tiny)
        try frozen.append(Fixture.batch(rows: 5_000..<6_100, seed: 1), lsn: 10)
        let growing = Memtable(definition: Fixture.everyType, limits: .tiny)
        try growing.append(Fixture.batch(rows: 6_100..<6_200, seed: 1), lsn: 11)
        try growing.append(Fixture.batch(rows: 6_200..<6_300, seed: 1), lsn: 12)
        for (generation, rowCount) in [(UInt64(9), 5_000), (10, 6_100), (11, 6_200), (12, 6_300)] {
            let snapshot = Fixture.snapshot(
                segments, [frozen, growing], generation: generation)
            let table = try #require(snapshot.table(Fixture.everyType.id))
            #expect(table.rowCount == rowCount)
            #expect(try Fixture.firstDifference(table, seed: 1) == nil)
        }
        #expect(Fixture.snapshot([], [], generation: 1).table(8) == nil)
    }

    @Test("a column that is newer than the rows reads as null, sealed or not")
    func absentColumns() throws {
        var newer = Fixture.everyType
        for (index, type) in Fixture.types.enumerated() {
            newer.columns.append(
                ColumnDefinition(id: UInt32(200 + index), name: "new\(index)", type: type))
        }
        let disk = try SegmentTests.disk()
        let segments = try SegmentTests.segments(rowCount: 1_500, limits: .tiny, disk: disk)
        let memtable = try Fixture.memtable(rowCount: 1_500, batchRows: 700, limits: .tiny)
        let state = TableState(
            definition: newer, segments: SegmentSet(segments, definition: newer),
            memtables: [memtable])
        let snapshot = Snapshot(
            generation: .max, catalog: Catalog(tables: [newer]), tables: [newer.id: state])
        let table = try #require(snapshot.table(newer.id))
        let scratch = VectorScratch()
        for block in table.blocks {
            for column in newer.columns where column.id >= 200 {
                let vector = try block.open(column.id).read(
                    firstRow: 0, rowCount: block.rowCount, into: scratch)
                #expect(vector.rowCount == block.rowCount)
                for row in 0..<block.rowCount {
                    #expect(Fixture.cell(vector, row, type: column.type) == .null)
                }
                guard block.isSealed else { continue }
                #expect(
                    block.statistics(column.id)
                        == BlockStatistics(
                            rowCount: block.rowCount, nullCount: block.rowCount, bounds: .none))
                #expect(block.encodedByteCount(column.id) == 0)
            }
        }
    }

    @Test("sealed blocks know their statistics exactly, fresh ones know none")
    func statistics() throws {
        let disk = try SegmentTests.disk()
        let segments = try SegmentTests.segments(rowCount: 3_000, limits: .tiny, disk: disk)
        let memtable = try Fixture.memtable(rowCount: 100, batchRows: 100, limits: .tiny)
        let table = try #require(
            Fixture.snapshot(segments, [memtable], generation: 1).table(Fixture.everyType.id))
        var start = 0
        for block in table.blocks {
            let known = block.statistics(99)
            guard block.isSealed else {
                #expect(known == nil)
                continue
            }
            let end = start + block.rowCount
            #expect(
                known
                    == BlockStatistics(
                        rowCount: block.rowCount, nullCount: 0,
                        bounds: .integers(min: Int128(start), max: Int128(end - 1)),
                        sum: (Int128(start)..<Int128(end)).reduce(0, +)))
            let nulls = (start..<end).filter { Fixture.value(14, row: $0, seed: 1) == .null }
            #expect(block.statistics(15)?.nullCount == nulls.count)
            #expect(block.codeBounds(15) == 0...49)
            #expect(block.codeBounds(16) == nil || block.codeBounds(16)?.isEmpty == false)
            start = end
        }
    }
}
