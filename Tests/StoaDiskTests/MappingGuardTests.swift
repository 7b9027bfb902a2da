import StoaBase
import StoaDisk
import Testing

/// Pages of a mapped file that cannot be read any more.
@Suite struct MappingGuardTests {
    @Test("a file that is cut under its mapping reads as zeros, and is known to be lost")
    func truncated() throws {
        let disk = try KernelDiskTests.makeDisk()
        defer { KernelDiskTests.clean(disk) }
        let pageCount = 40, pageByteCount = 4_096
        var mappings: [Bytes] = []
        for name in ["cut", "whole"] {
            let file = try disk.open(name, .createNew)
            try disk.write(
                file, at: 0, array: [UInt8](repeating: 7, count: pageCount * pageByteCount))
            mappings.append(try disk.map(file, byteCount: pageCount * pageByteCount))
            if name == "cut" { try disk.truncate(file, to: 3 * pageByteCount) }
            disk.close(file)
        }
        let before = disk.lostPageCount(nil)
        let (cut, whole) = (mappings[0], mappings[1])
        #expect(cut[2 * pageByteCount] == 7)
        #expect(disk.lostPageCount(cut) == 0)
        #expect((3..<pageCount).allSatisfy { cut[$0 * pageByteCount + 5] == 0 })
        #expect(disk.lostPageCount(cut) == UInt64(pageCount - 3))
        #expect(whole.array.allSatisfy { $0 == 7 })
        #expect(disk.lostPageCount(whole) == 0)
        #expect(disk.lostPageCount(nil) >= before + UInt64(pageCount - 3))
    }
}
