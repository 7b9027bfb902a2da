import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct SegmentTests {
    /// A disk with the directory of segments.
    static func disk() throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        try disk.makeDirectory(SegmentID.directory)
        return disk
    }

    /// Rows written as segments, and the segments opened.
    static func segments(
        rowCount: Int, limits: Limits, disk: SimulatedDisk, threadCount: Int = 1
    ) throws -> [Segment] {
        let memtable = try Fixture.memtable(rowCount: rowCount, batchRows: 700, limits: limits)
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<rowCount, firstSegmentID: 5, disk: disk,
            options: SegmentBuilder.Options(limits: limits, threadCount: threadCount))
        return try descriptors.map {
            try Segment.open($0, definition: Fixture.everyType, disk: disk)
        }
    }

    @Test(
        "segments give back every value of every type, over every boundary",
        arguments: [1, 63, 64, 1_023, 1_024, 1_025, 2_047, 2_048, 2_049, 6_200])
    func roundTrip(rowCount: Int) throws {
        for limits in [Limits.tiny, Limits()] {
            let segments = try Self.segments(
                rowCount: rowCount, limits: limits, disk: Self.disk())
            #expect(segments.count == (rowCount + limits.segmentRows - 1) / limits.segmentRows)
            let table = try #require(
                Fixture.snapshot(segments, [], generation: 1).table(Fixture.everyType.id))
            #expect(table.rowCount == rowCount)
            #expect(!table.blocks.contains { !$0.isSealed })
            #expect(try Fixture.firstDifference(table, seed: 1) == nil)
        }
    }

    @Test("segments of full-size blocks give back every value", arguments: [65_537])
    func largeBlocks(rowCount: Int) throws {
        let segments = try Self.segments(
            rowCount: rowCount, limits: Limits(), disk: Self.disk(), threadCount: 2)
        let table = try #require(
            Fixture.snapshot(segments, [], generation: 1).table(Fixture.everyType.id))
        #expect(table.blocks.map(\.rowCount) == [65_536, 1])
        #expect(try Fixture.firstDifference(table, seed: 1) == nil)
    }

    @Test("files are the same for one thread and for two")
    func deterministic() throws {
        let one = try Self.disk(), two = try Self.disk()
        _ = try Self.segments(rowCount: 3_000, limits: .tiny, disk: one)
        _ = try Self.segments(rowCount: 3_000, limits: .tiny, disk: two, threadCount: 3)
        for name in try one.list(SegmentID.directory) {
            let path = SegmentID.directory + "/" + name
            let first = try Self.bytes(path, one), second = try Self.bytes(path, two)
            #expect(first == second)
        }
    }

    /// The bytes of a file.
    static func bytes(_ path: String, _ disk: SimulatedDisk) throws -> [UInt8] {
        let file = try disk.open(path, .read)
        defer { disk.close(file) }
        let count = try disk.status(path)?.byteCount ?? 0
        return try disk.map(file, byteCount: count).array
    }
}
