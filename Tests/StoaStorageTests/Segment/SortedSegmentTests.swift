import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// Segments of tables with sort columns.
@Suite struct SortedSegmentTests {
    /// Columns by which the rows of `Fixture.everyType` are sorted: a few values, then many.
    static let sortings: [[Int]] = [[0, 3], [14, 9], [15], [10], [8, 12], [9, 14, 4], [11]]

    static func definition(_ sorting: [Int]) -> TableDefinition {
        var definition = Fixture.everyType
        definition.sortColumnIDs = sorting.map { definition.columns[$0].id }
        return definition
    }

    /// Slow order of two values of a column: NULL last, NaN above all numbers.
    static func isLess(_ left: Literal, _ right: Literal) -> Bool {
        switch (left, right) {
        case (.null, _): false
        case (_, .null): true
        case (.bool(let a), .bool(let b)): !a && b
        case (.integer(let a), .integer(let b)): a < b
        case (.decimal(let a, _), .decimal(let b, _)): a < b
        case (.float(let a), .float(let b)): FloatOrder.isLess(a, b)
        case (.date(let a), .date(let b)): a < b
        case (.timestamp(let a), .timestamp(let b)): a < b
        case (.string(let a), .string(let b)): a.lexicographicallyPrecedes(b)
        default: false
        }
    }

    /// The rows' numbers in the order a slow stable sort gives.
    static func expected(_ sorting: [Int], rows: Range<Int>) -> [Int] {
        rows.sorted { left, right in
            for column in sorting {
                let a = Fixture.value(column, row: left, seed: 1)
                let b = Fixture.value(column, row: right, seed: 1)
                if isLess(a, b) { return true }
                if isLess(b, a) { return false }
            }
            return left < right
        }
    }

    @Test(
        "rows stand in the order of the sort columns, equal ones as they came", arguments: sortings)
    func order(_ sorting: [Int]) throws {
        let definition = Self.definition(sorting)
        let memtable = Memtable(definition: definition, limits: .tiny)
        for start in stride(from: 0, to: 3_000, by: 70) {
            let rows = start..<min(start + 70, 3_000)
            try memtable.append(Fixture.batch(rows: rows, seed: 1), lsn: UInt64(start / 70 + 1))
        }
        let disk = try SegmentTests.disk()
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<3_000, firstSegmentID: 1, disk: disk,
            options: SegmentBuilder.Options(limits: .tiny))
        #expect(descriptors.count == 2)
        var first = 0
        for descriptor in descriptors {
            let segment = try Segment.open(descriptor, definition: definition, disk: disk)
            #expect(segment.sortColumnIDs == definition.sortColumnIDs)
            let rows = first..<first + segment.rowCount
            #expect(
                try Self.difference(segment, definition, Self.expected(sorting, rows: rows)) == nil)
            #expect(
                SegmentCheck.check(descriptor, definition: definition, disk: disk).findings == [])
            first = rows.upperBound
        }
        #expect(first == 3_000)
    }

    /// The first cell that is not that of the row expected there.
    static func difference(
        _ segment: Segment, _ definition: TableDefinition, _ expected: [Int]
    ) throws -> String? {
        let table = try #require(
            Snapshot(
                generation: 1, catalog: Catalog(tables: [definition]),
                tables: [
                    definition.id: TableState(
                        definition: definition,
                        segments: SegmentSet([segment], definition: definition), memtables: [])
                ]
            ).table(definition.id))
        let scratch = VectorScratch()
        var start = 0
        for block in table.blocks {
            for (index, column) in definition.columns.enumerated() {
                let vector = try block.open(column.id).read(
                    firstRow: 0, rowCount: block.rowCount, into: scratch)
                for row in 0..<block.rowCount {
                    let found = Fixture.cell(vector, row, type: column.type)
                    let wanted = Fixture.value(index, row: expected[start + row], seed: 1)
                    if !Fixture.isSame(found, wanted) {
                        return "row \(start + row) of \(column.name): \(found), not \(wanted)"
                    }
                }
            }
            start += block.rowCount
        }
        return start == expected.count ? nil : "\(start) rows"
    }

    @Test("a bulk load's segments are sorted too, and rows are there once")
    func bulk() throws {
        let store = try Store.open(on: SimulatedDisk(), options: StoreTests.options())
        let draft = TableDraft(name: "t", columns: Numbers.columns, sortColumns: ["N"])
        let load = try store.openBulk(.create(draft), label: nil)
        let values = (0..<3_000).map { Int64($0 * 7_919 % 3_001) }
        try load.append(try Numbers.batch(values))
        _ = try load.commit(expectedRowCount: 3_000)
        let found = try store.numbers(load.definition.id)
        #expect(found == values[..<2_048].sorted() + values[2_048...].sorted())
        store.close()
    }
}
