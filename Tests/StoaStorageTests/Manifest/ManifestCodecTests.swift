import StoaBase
import StoaModel
import StoaStorage
import Testing

@Suite struct ManifestCodecTests {
    static func manifest() -> Manifest {
        var manifest = Manifest(
            generation: 3, databaseID: DatabaseID(high: 1, low: 2), incarnation: 1)
        manifest.lsn = 99
        manifest.nextTableID = 8
        manifest.nextSegmentID = 17
        manifest.previousChecksum = 0xDEAD_BEEF
        manifest.log = LogPosition(
            file: LogFileName(epoch: 4, number: 5), chain: LogChain(lsn: 90, checksum: 6),
            durableLSN: 98)
        var table = ManifestTable(
            definition: TableDefinition(
                id: 7, name: "Größe €", schemaVersion: 2,
                columns: [
                    ColumnDefinition(id: 1, name: "ts", type: .timestamp, isNullable: false),
                    ColumnDefinition(id: 3, name: "p", type: .decimal(precision: 18, scale: 4)),
                ], timeColumnID: 1), sealedLSN: 80)
        table.nextColumnID = 5
        table.segments = [
            SegmentDescriptor(
                id: 16, byteCount: 1 << 33, rowCount: 1_000, footerChecksum: 5, firstLSN: 1,
                lastLSN: 80)
        ]
        table.labels = [LoadLabel(text: "day 1", lsn: 44, rowCount: 1_000)]
        manifest.tables = [table]
        manifest.producers.accept(
            BatchOrigin(producerHigh: 3, producerLow: 4, stream: 5, epoch: 6, sequence: 1),
            ProducerState.Batch(lsn: 98, fingerprint: 9), time: 1_000)
        return manifest
    }

    /// The bytes with a checksum that fits.
    static func summed(_ bytes: [UInt8]) -> [UInt8] {
        var body = ByteWriter()
        body.append(contentsOf: Array(bytes.dropLast(4)))
        body.append(Checksum.crc32c(body.bytes))
        return body.bytes
    }

    @Test("a manifest is read as written")
    func roundTrip() throws {
        let bytes = ManifestCodec.encode(Self.manifest())
        let read = try ManifestCodec.decode(Bytes(bytes), path: "manifest/x")
        #expect(read == Self.manifest())
        #expect(ManifestCodec.encode(read) == bytes)
    }

    @Test("sort columns are read as written, and one that is not there is refused")
    func sortColumns() throws {
        var manifest = Self.manifest()
        manifest.tables[0].definition.sortColumnIDs = [3, 1]
        let bytes = ManifestCodec.encode(manifest)
        #expect(try ManifestCodec.decode(Bytes(bytes), path: "m") == manifest)
        for wrong: [UInt32] in [[2], [3, 3]] {
            manifest.tables[0].definition.sortColumnIDs = wrong
            #expect(throws: StorageError.self) {
                _ = try ManifestCodec.decode(Bytes(ManifestCodec.encode(manifest)), path: "m")
            }
        }
    }

    @Test("a column's id that is there twice or was never given out is refused")
    func columnIDs() {
        for ids: (UInt32, UInt32, UInt32) in [(1, 1, 5), (1, 5, 5), (0, 1, 5), (1, 3, .max)] {
            var manifest = Self.manifest()
            manifest.tables[0].definition.columns[0].id = ids.0
            manifest.tables[0].definition.columns[1].id = ids.1
            manifest.tables[0].nextColumnID = ids.2
            #expect(throws: StorageError.self) {
                _ = try ManifestCodec.decode(Bytes(ManifestCodec.encode(manifest)), path: "m")
            }
        }
    }

    @Test("the bytes of a manifest are the format: sum and length never change")
    func golden() {
        let bytes = ManifestCodec.encode(Self.manifest())
        #expect(bytes.count == 349)
        #expect(
            Array(bytes.prefix(16)) == [
                0x53, 0x4D, 0x41, 0x4E, 1, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0,
            ])
        #expect(ManifestCodec.checksum(bytes) == 1_579_734_151)
    }

    @Test("a counter that could not count on is refused, though the checksum fits")
    func spentCounters() {
        let bytes = ManifestCodec.encode(Self.manifest())
        for (offset, byteCount) in [
            (56, 8), (64, 8), (72, 8), (80, 8), (88, 4), (96, 4), (100, 4), (104, 8), (112, 8),
            (124, 4),
        ] {
            var spent = bytes
            for index in offset..<offset + byteCount { spent[index] = 0xFF }
            #expect(
                throws: StorageError.corruptManifest(
                    path: "m", byteOffset: offset, reason: "the counter is beyond its end")
            ) { _ = try ManifestCodec.decode(Bytes(Self.summed(spent)), path: "m") }
        }
    }

    @Test("every cut and every flipped bit of a manifest is refused with its path")
    func damage() {
        let bytes = ManifestCodec.encode(Self.manifest())
        for count in bytes.indices {
            #expect(throws: StorageError.self) {
                _ = try ManifestCodec.decode(Bytes(Array(bytes[..<count])), path: "m")
            }
        }
        for bit in 0..<bytes.count * 8 {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StorageError.self) {
                _ = try ManifestCodec.decode(Bytes(damaged), path: "m")
            }
        }
    }

    @Test("a manifest with a right checksum and wrong fields is refused or read, never a trap")
    func forged() {
        let bytes = ManifestCodec.encode(Self.manifest())
        var random = SeededRandom(seed: 8)
        for _ in 0..<5_000 {
            var forged = bytes
            for _ in 0..<Int(random.next() % 3) + 1 {
                let index = 64 + Int(random.next() % UInt64(bytes.count - 68))
                forged[index] = UInt8(truncatingIfNeeded: random.next())
            }
            _ = try? ManifestCodec.decode(Bytes(Self.summed(forged)), path: "m")
        }
    }

    @Test("a manifest that asks for a newer reader is too new, not damaged")
    func tooNew() {
        for (offset, value) in [(6, UInt8(2)), (8, 2), (24, 1)] {
            var bytes = ManifestCodec.encode(Self.manifest())
            bytes[offset] = value
            let summed = Self.summed(bytes)
            let error = #expect(throws: StorageError.self) {
                _ = try ManifestCodec.decode(Bytes(summed), path: "m")
            }
            #expect(error?.serviceError.code == .formatTooNew)
        }
    }

    @Test("CURRENT and IDENTITY are read as written, and every flipped bit is refused")
    func smallFiles() throws {
        let current = CurrentFile(generation: 7, manifestByteCount: 8, manifestChecksum: 9)
        let identity = IdentityFile(databaseID: DatabaseID(high: 1, low: 2), incarnation: 3)
        #expect(try CurrentFile.decode(Bytes(current.encode())) == current)
        #expect(try IdentityFile.decode(Bytes(identity.encode())) == identity)
        for bit in 0..<CurrentFile.byteCount * 8 {
            var bytes = current.encode()
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StorageError.self) { _ = try CurrentFile.decode(Bytes(bytes)) }
        }
        for bit in 0..<IdentityFile.byteCount * 8 {
            var bytes = identity.encode()
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: StorageError.self) { _ = try IdentityFile.decode(Bytes(bytes)) }
        }
    }
}
