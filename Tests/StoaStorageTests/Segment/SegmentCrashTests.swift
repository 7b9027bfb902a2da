import StoaBase
import StoaDisk
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

@Suite struct SegmentCrashTests {
    /// The steps of writing three segments, and what they were meant to become.
    static func run() throws -> (SimulatedDisk, [SegmentDescriptor]) {
        let disk = try SegmentTests.disk()
        let memtable = try Fixture.memtable(rowCount: 5_000, batchRows: 900, limits: .tiny)
        let descriptors = try SegmentBuilder.write(
            memtable, rows: 0..<5_000, firstSegmentID: 1, disk: disk,
            options: SegmentBuilder.Options(limits: .tiny))
        return (disk, descriptors)
    }

    @Test("after a power cut at any step a segment has its name only if it is whole")
    func powerCuts() throws {
        let (disk, descriptors) = try Self.run()
        var walker = CrashWalker(DiskImage())
        var random = SeededRandom(seed: 3)
        var stateCount = 0
        for step in disk.steps {
            walker.apply(step)
            var images = [walker.image(keeping: 0), walker.image(keeping: .max)]
            for _ in 0..<6 {
                images.append(walker.image(keeping: random.next()))
                images.append(walker.tornImage(&random))
            }
            for image in images {
                stateCount += 1
                let after = SimulatedDisk(image)
                for descriptor in descriptors where image.names[descriptor.path] != nil {
                    let check = SegmentCheck.check(
                        descriptor, definition: Fixture.everyType, disk: after)
                    #expect(check.findings == [])
                }
            }
        }
        #expect(stateCount > 100)
        let certain = walker.image(keeping: 0)
        #expect(descriptors.count == 3)
        #expect(!descriptors.contains { certain.names[$0.path] == nil })
    }

    @Test("when any call of the disk fails, the error comes out and no file stays")
    func failures() throws {
        var failureCount = 0
        for call in 2..<200 {
            let disk = try SegmentTests.disk()
            let memtable = try Fixture.memtable(rowCount: 2_100, batchRows: 900, limits: .tiny)
            disk.failOperation(call, errno: 5)
            do {
                _ = try SegmentBuilder.write(
                    memtable, rows: 0..<2_100, firstSegmentID: 1, disk: disk,
                    options: SegmentBuilder.Options(limits: .tiny))
                break
            } catch {
                failureCount += 1
                if case .disk = error {} else { Issue.record("\(error) is not of the disk") }
                #expect(try disk.list(SegmentID.directory).isEmpty)
            }
        }
        #expect(failureCount > 10)
    }
}
