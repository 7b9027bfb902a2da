import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct MemtableStringTests {
    static let table = TableDefinition(
        id: 7, name: "strings", columns: [ColumnDefinition(id: 1, name: "s", type: .string)])

    /// Row `row` of a column of that shape.
    enum Shape: String, CaseIterable, Sendable {
        case few, distinct, empty, nulls, firstFewThenDistinct, prefixes, long

        func value(_ row: Int) -> Literal {
            switch self {
            case .few: .string(Array("value-\(row % 7)".utf8))
            case .distinct: .string(Array("v\(row &* 7_919)".utf8))
            case .empty: .string([])
            case .nulls: .null
            case .firstFewThenDistinct:
                row < 3_000 ? .string([65]) : .string(Array("x\(row)".utf8))
            case .prefixes: .string([UInt8](repeating: 97, count: row % 40))
            case .long:
                .string([UInt8](repeating: UInt8(97 + row % 5), count: 17 + row % 3_000))
            }
        }
    }

    static func batch(_ shape: Shape, _ rows: Range<Int>, isCoded: Bool) throws -> RowBatch {
        var builder: ColumnBuilder
        if isCoded {
            var distinct: [[UInt8]] = []
            var codes: [[UInt8]: UInt32] = [:]
            for row in rows {
                guard case .string(let text) = shape.value(row), codes[text] == nil else {
                    continue
                }
                codes[text] = UInt32(distinct.count)
                distinct.append(text)
            }
            builder = ColumnBuilder(
                name: "s", dictionary: StringDictionary(distinct, isSorted: false))
            for row in rows {
                guard case .string(let text) = shape.value(row), let code = codes[text] else {
                    builder.appendNull()
                    continue
                }
                builder.append(code: code)
            }
        } else {
            builder = ColumnBuilder(name: "s", type: .string)
            for row in rows { builder.append(shape.value(row)) }
        }
        return try RowBatch.decode(Bytes(RowBatch.encode([builder])))
    }

    static func differingRow(
        _ shape: Shape, segments: [Segment], memtables: [Memtable]
    ) throws -> Int? {
        let state = TableState(
            definition: table, segments: SegmentSet(segments, definition: table),
            memtables: memtables)
        let snapshot = Snapshot(
            generation: .max, catalog: Catalog(tables: [table]), tables: [7: state])
        let scratch = VectorScratch()
        var row = 0
        for block in try #require(snapshot.table(7)).blocks {
            let reader = try block.open(1)
            for first in stride(from: 0, to: block.rowCount, by: 1_024) {
                let count = min(1_024, block.rowCount - first)
                let vector = reader.read(firstRow: first, rowCount: count, into: scratch)
                for index in 0..<count {
                    if Fixture.cell(vector, index, type: .string) != shape.value(row) { return row }
                    row += 1
                }
            }
        }
        return nil
    }

    @Test("strings of every shape come back from memtable and segment", arguments: Shape.allCases)
    func shapes(shape: Shape) throws {
        for isCoded in [false, true] {
            let memtable = Memtable(definition: Self.table, limits: .tiny)
            for start in stride(from: 0, to: 9_000, by: 900) {
                let batch = try Self.batch(shape, start..<start + 900, isCoded: isCoded)
                try memtable.append(batch, lsn: UInt64(start + 1))
            }
            #expect(try Self.differingRow(shape, segments: [], memtables: [memtable]) == nil)
            let disk = try SegmentTests.disk()
            let segments = try SegmentBuilder.write(
                memtable, rows: 0..<9_000, firstSegmentID: 1, disk: disk,
                options: SegmentBuilder.Options(limits: .tiny)
            ).map { try Segment.open($0, definition: Self.table, disk: disk) }
            #expect(try Self.differingRow(shape, segments: segments, memtables: []) == nil)
        }
    }

    @Test("statistics of strings bound every row, exactly when they are short")
    func statistics() throws {
        for shape in Shape.allCases {
            let memtable = Memtable(definition: Self.table, limits: .tiny)
            try memtable.append(Self.batch(shape, 0..<2_000, isCoded: false), lsn: 1)
            let disk = try SegmentTests.disk()
            let descriptors = try SegmentBuilder.write(
                memtable, rows: 0..<2_000, firstSegmentID: 1, disk: disk,
                options: SegmentBuilder.Options(limits: .tiny))
            let segment = try Segment.open(
                try #require(descriptors.first), definition: Self.table, disk: disk)
            let set = SegmentSet([segment], definition: Self.table)
            let state = TableState(definition: Self.table, segments: set, memtables: [])
            let snapshot = Snapshot(
                generation: 1, catalog: Catalog(tables: [Self.table]), tables: [7: state])
            let block = try #require(snapshot.table(7)?.blocks.first)
            let rows = (0..<1_024).compactMap { row -> [UInt8]? in
                guard case .string(let text) = shape.value(row) else { return nil }
                return text
            }
            let known = try #require(block.statistics(1))
            guard case .strings(let min, let max, let isExact) = known.bounds else {
                #expect(rows.isEmpty)
                continue
            }
            let low = rows.min { $0.lexicographicallyPrecedes($1) } ?? []
            let high = rows.max { $0.lexicographicallyPrecedes($1) } ?? []
            #expect(!low.lexicographicallyPrecedes(min))
            #expect(!(try #require(max)).lexicographicallyPrecedes(high))
            if isExact { #expect(low == min && high == max) }
            #expect(isExact == (low.count <= 16 && high.count <= 16))
        }
    }
}
