import StoaBase
import StoaModel
import StoaStorage
import Testing

@Suite struct BatchAdmissionTests {
    static func table(_ type: ColumnType, isNullable: Bool = true) -> TableDefinition {
        TableDefinition(
            id: 1, name: "t",
            columns: [
                ColumnDefinition(id: 10, name: "Value", type: type, isNullable: isNullable),
                ColumnDefinition(id: 11, name: "other", type: .string),
            ])
    }

    static func batch(_ columns: [(String, ColumnType, Literal)]) throws -> RowBatch {
        let builders = columns.map { name, type, value in
            var builder = ColumnBuilder(name: name, type: type)
            builder.append(value)
            return builder
        }
        return try RowBatch.decode(Bytes(RowBatch.encode(builders)))
    }

    @Test("columns are found by name, exactly or ignoring case; missing ones are null")
    func names() throws {
        let batch = try Self.batch([("VALUE", .int64, .integer(4))])
        let admitted = try BatchAdmission.check(batch, against: Self.table(.int64))
        #expect(admitted.sources == [0, nil])
        #expect(admitted.columnIDs == [10])
        let again = try BatchAdmission.check(
            batch, columnIDs: [10], against: Self.table(.int64))
        #expect(again.sources == [0, nil])
    }

    @Test("every refusal names its column")
    func refusals() throws {
        let number = ("value", ColumnType.int64, Literal.integer(1))
        let null = ("value", ColumnType.int64, Literal.null)
        func refusal(
            _ columns: [(String, ColumnType, Literal)], _ table: TableDefinition
        ) throws -> StorageError? {
            let batch = try Self.batch(columns)
            return #expect(throws: StorageError.self) {
                try BatchAdmission.check(batch, against: table)
            }
        }
        let strict = Self.table(.int64, isNullable: false)
        #expect(try refusal([number, ("what", .int8, .null)], strict) == .unknownColumn("what"))
        #expect(
            try refusal([("other", .string, .null)], strict)
                == .notNullViolation(column: "Value"))
        #expect(try refusal([null], strict) == .notNullViolation(column: "Value"))
        #expect(
            try refusal([number], Self.table(.date))
                == .typeMismatch(column: "Value", expected: .date, found: .int64))
        let batch = try Self.batch([number, ("other", .string, .null)])
        #expect(throws: StorageError.duplicateColumn("other")) {
            try BatchAdmission.check(batch, columnIDs: [10, 10], against: strict)
        }
        #expect(throws: StorageError.unknownColumn("other")) {
            try BatchAdmission.check(batch, columnIDs: [10, 12], against: strict)
        }
        #expect(throws: StorageError.self) {
            try BatchAdmission.check(batch, columnIDs: [10], against: strict)
        }
    }

    @Test("a type is admitted exactly when all its values are values of the table's type")
    func widening() {
        func accepts(_ found: ColumnType, _ expected: ColumnType) -> Bool {
            BatchAdmission.accepts(found, for: expected)
        }
        #expect(accepts(.int8, .int16) && accepts(.int32, .int64) && accepts(.uint32, .int64))
        #expect(accepts(.uint8, .int16) && accepts(.uint8, .uint64))
        #expect(!accepts(.int64, .int32) && !accepts(.int8, .uint8) && !accepts(.uint64, .int64))
        #expect(accepts(.float32, .float64) && !accepts(.float64, .float32))
        #expect(!accepts(.int64, .float64) && !accepts(.bool, .int8) && !accepts(.date, .int32))
        let narrow = ColumnType.decimal(precision: 5, scale: 2)
        #expect(accepts(narrow, .decimal(precision: 18, scale: 2)))
        #expect(!accepts(narrow, .decimal(precision: 18, scale: 3)))
        #expect(!accepts(.decimal(precision: 38, scale: 2), .decimal(precision: 18, scale: 2)))
    }

    @Test(
        "values of narrower types arrive unchanged in wider columns",
        arguments: [
            ColumnType.int8, .int16, .int32, .uint8, .uint16, .uint32, .float32,
        ])
    func widenedValues(found: ColumnType) throws {
        let expected: ColumnType = found == .float32 ? .float64 : .int64
        let table = TableDefinition(
            id: 7, name: "everything",
            columns: [ColumnDefinition(id: 1, name: "v", type: expected)])
        let range = found.integerRange ?? -1...1
        let values: [Literal] =
            found == .float32
            ? [.float(-1.5), .null, .float(.infinity)]
            : [.integer(range.lowerBound), .null, .integer(range.upperBound)]
        var builder = ColumnBuilder(name: "v", type: found)
        for value in values { builder.append(value) }
        let memtable = Memtable(definition: table, limits: .tiny)
        try memtable.append(RowBatch.decode(Bytes(RowBatch.encode([builder]))), lsn: 3)
        let state = TableState(
            definition: table, segments: SegmentSet([], definition: table), memtables: [memtable])
        let snapshot = Snapshot(
            generation: 3, catalog: Catalog(tables: [table]), tables: [7: state])
        let block = try #require(snapshot.table(7)?.blocks.first)
        let scratch = VectorScratch()
        let vector = try block.open(1).read(firstRow: 0, rowCount: 3, into: scratch)
        let cells = withExtendedLifetime(scratch) {
            (0..<3).map { Fixture.cell(vector, $0, type: expected) }
        }
        #expect(cells == values)
    }
}
