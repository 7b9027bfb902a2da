import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// When strings take a dictionary, and when they stand in their blocks.
@Suite struct StringColumnTests {
    /// What a segment of one string column says of it: its line, and the line of its first block.
    private static func report(
        rowCount: Int, _ string: (Int) -> String
    ) throws -> (column: String, block: String) {
        let definition = TableDefinition(
            id: 8, name: "strings", columns: [ColumnDefinition(id: 1, name: "s", type: .string)])
        var limits = Limits()
        limits.blockRows = 4_096
        let memtable = Memtable(definition: definition, limits: limits)
        for (index, start) in stride(from: 0, to: rowCount, by: 4_096).enumerated() {
            var builder = ColumnBuilder(name: "s", type: .string)
            for row in start..<min(start + 4_096, rowCount) {
                builder.append(.string(Array(string(row).utf8)))
            }
            try memtable.append(
                RowBatch.decode(Bytes(RowBatch.encode([builder]))), lsn: UInt64(index + 1))
        }
        let disk = try SegmentTests.disk()
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<rowCount, firstSegmentID: 5, disk: disk,
            options: SegmentBuilder.Options(limits: limits))
        let report = try SegmentReport.read(try #require(descriptors.first).path, disk: disk)
        #expect(report.isIntact)
        let lines = report.lines()
        return (lines[1], lines[2])
    }

    @Test("distinct numbered strings stand in their blocks as numbers")
    func numbered() throws {
        let found = try Self.report(rowCount: 20_000) { "ORD-\(1_000_000 + $0 * 17)" }
        #expect(!found.column.contains("dictionary"), "\(found.column)")
        #expect(found.block.contains("NUMERIC_STRING"), "\(found.block)")
    }

    @Test("strings that repeat take a dictionary, also numbered ones")
    func repeated() throws {
        let found = try Self.report(rowCount: 20_000) { "customer-\($0 * 7_919 % 500)" }
        #expect(found.column.contains("dictionary of 500 strings"), "\(found.column)")
    }

    @Test("strings that repeat twice take what is smaller")
    func twice() throws {
        let found = try Self.report(rowCount: 20_000) { "session-\(100_000 + $0 / 2)" }
        #expect(!found.column.contains("dictionary"), "\(found.column)")
        #expect(found.block.contains("NUMERIC_STRING"), "\(found.block)")
    }
}
