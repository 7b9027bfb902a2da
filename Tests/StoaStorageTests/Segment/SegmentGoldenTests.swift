import Glibc
import StoaBase
import StoaModel
import StoaStorage
import StoaTestKit
import Testing

/// A segment that the format's first version wrote, as hexadecimal lines of 32 bytes. Every later
/// version must read it. `STOA_WRITE_GOLDEN=1` writes the file when it is missing, and never one
/// that is there.
@Suite struct SegmentGoldenTests {
    static let folder: String = {
        let parts = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        return parts.joined(separator: "/") + "/Golden/"
    }()

    static let rowCount = 40

    @Test("the golden segment is read as the rows it was written from")
    func rows() throws {
        let (fresh, written) = try SegmentDamageTests.written(rowCount: Self.rowCount)
        let golden = try Self.golden("segment-1.hex", fresh: fresh)
        let disk = try SegmentDamageTests.disk(golden, written.path)
        let report = try SegmentReport.read(written.path, disk: disk)
        #expect(report.isIntact)
        #expect(report.lines().count == 1 + 2 * Fixture.everyType.columns.count)
        #expect(SegmentCheck.check(written.path, disk: disk).isIntact)
        let checksum = Bytes(golden).integer(at: golden.count - 48, as: UInt32.self)
        let descriptor = SegmentDescriptor(
            id: 5, byteCount: UInt64(golden.count), rowCount: UInt32(Self.rowCount),
            footerChecksum: checksum, firstLSN: 1, lastLSN: 1)
        let segment = try Segment.open(
            descriptor, definition: Fixture.everyType, disk: disk)
        let table = try #require(
            Fixture.snapshot([segment], [], generation: 1).table(Fixture.everyType.id))
        #expect(try Fixture.firstDifference(table, seed: 1) == nil)
    }

    @Test("header and trailer have their fields where the format says")
    func layout() throws {
        let (array, _) = try SegmentDamageTests.written(rowCount: Self.rowCount)
        let bytes = Bytes(array)
        #expect(Array(array[0..<12]) == Array("STOASEG".utf8) + [0, 1, 0, 0, 0])
        #expect(bytes.integer(at: 20, as: UInt32.self) == 7)
        #expect(bytes.integer(at: 24, as: UInt64.self) == 5)
        #expect(bytes.integer(at: 36, as: UInt32.self) == 40)
        #expect(bytes.integer(at: 40, as: UInt32.self) == 17)
        #expect(bytes.integer(at: 44, as: UInt32.self) == 1_024)
        let trailer = array.count - 64
        let footer = Int(bytes.integer(at: trailer, as: UInt64.self))
        #expect(footer % 64 == 0)
        #expect(trailer - footer == 64 + 17 * 64 + 17 * 128)
        #expect(bytes.integer(at: trailer + 24, as: UInt64.self) == UInt64(array.count))
        #expect(Array(array[(trailer + 56)...]) == Array("STOASEG".utf8) + [0])
    }

    /// The bytes of a golden file.
    static func golden(_ name: String, fresh: [UInt8]) throws -> [UInt8] {
        let path = folder + name
        if access(path, F_OK) != 0, getenv("STOA_WRITE_GOLDEN") != nil {
            let file = try #require(fopen(path, "w"))
            for first in stride(from: 0, to: fresh.count, by: 32) {
                let line = fresh[first..<min(first + 32, fresh.count)].map { byte in
                    (byte < 16 ? "0" : "") + String(byte, radix: 16)
                }
                fputs(line.joined() + "\n", file)
            }
            fclose(file)
        }
        let file = try #require(fopen(path, "r"), "\(path) is missing")
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var half: UInt8?
        while case let character = fgetc(file), character != EOF {
            let scalar = UnicodeScalar(UInt8(truncatingIfNeeded: character))
            guard let digit = Character(scalar).hexDigitValue else { continue }
            if let high = half {
                bytes.append(high << 4 | UInt8(digit))
                half = nil
            } else {
                half = UInt8(digit)
            }
        }
        return bytes
    }
}
