import StoaBase
import StoaCodec
import StoaModel
import Synchronization
import Testing

@Suite struct SharedReaderTests {
    @Test(
        "several threads may read one block at once",
        arguments: [
            SmallBlock.runLength, .deltaRising, .lz4Text, .maskedNullRows, .codes, .lz4Planes,
        ])
    func threads(small: SmallBlock) throws {
        let block = try #require(small.block)
        let reader = try BlockReader(
            Bytes(block.bytes), kind: small.kind, rowCount: small.rowCount,
            dictionary: small.dictionary)
        let expected = small.cells
        let wrongCount = Atomic<Int>(0)
        let doneCount = Atomic<Int>(0)
        let threads = (0..<4).map { index in
            Thread(name: "reader-\(index)") {
                for _ in 0..<20 where BlockFixture.readAll(reader) != expected {
                    wrongCount.add(1, ordering: .relaxed)
                }
                doneCount.add(1, ordering: .relaxed)
            }
        }
        for thread in threads { thread.join() }
        #expect(doneCount.load(ordering: .relaxed) == 4)
        #expect(wrongCount.load(ordering: .relaxed) == 0)
    }

    @Test("bytes at any address are read")
    func unaligned() throws {
        for small in [SmallBlock.patched, .plain, .nullableBitmap, .lz4Text] {
            let block = try #require(small.block).bytes
            let shifted = Bytes([0, 0, 0] + block)[3..<3 + block.count]
            let reader = try BlockReader(
                shifted, kind: small.kind, rowCount: small.rowCount, dictionary: nil)
            let isSame = BlockFixture.readAll(reader) == small.cells
            #expect(isSame)
        }
    }
}
