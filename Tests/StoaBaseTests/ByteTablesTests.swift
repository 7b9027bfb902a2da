import StoaBase
import Testing

@Suite struct ByteTablesTests {
    /// A mask of one kind: full, empty, one row in eight, most rows, half of them.
    private func mask(_ random: inout SeededRandom) -> UInt64 {
        switch random.next() % 5 {
        case 0: .max
        case 1: 0
        case 2: random.next() & random.next() & random.next()
        case 3: random.next() | random.next()
        default: random.next()
        }
    }

    private func spread<Number: FixedWidthInteger & UnsignedInteger>(
        _: Number.Type, seed: UInt64
    ) {
        var random = SeededRandom(seed: seed)
        let masks = (0..<40).map { _ in mask(&random) }
        let count = masks.reduce(0) { $0 + $1.nonzeroBitCount }
        let numbers = (0..<count).map { _ in Number(truncatingIfNeeded: random.next()) }
        var target = [Number](repeating: 0, count: masks.count * 64)
        let done = target.withUnsafeMutableBytes { target in
            numbers.withUnsafeBytes { numbers in
                guard let numbers = numbers.baseAddress, let target = target.baseAddress else {
                    return 0
                }
                return ByteTables.spread(
                    numbers, count: count, byteCount: MemoryLayout<Number>.size, mask: masks,
                    wordCount: masks.count, into: target)
            }
        }
        var next = 0
        for row in 0..<done * 64 {
            #expect(target[row] == numbers[next])
            next += Int(masks[row / 64] >> UInt64(row % 64) & 1)
        }
        // No number behind the last was looked at, and no word behind the done was touched.
        #expect(next + 8 <= count || done == 0)
        #expect(target[(done * 64)...].allSatisfy { $0 == 0 })
        #if arch(x86_64)
            #expect(done == 0 || done >= masks.count - 24)
        #endif
    }

    @Test("numbers of every width are spread over the rows of masks", arguments: UInt64(0)..<30)
    func spreads(seed: UInt64) {
        spread(UInt8.self, seed: seed)
        spread(UInt16.self, seed: seed)
        spread(UInt32.self, seed: seed)
        spread(UInt64.self, seed: seed)
    }

    @Test("codes find their entries", arguments: [0, 1, 15, 16, 17, 1_024, 1_031])
    func lookUp(count: Int) {
        let table = (0..<16).map { UInt16($0 * 4_099 + 7) }
        let codes = (0..<count).map { UInt8($0 * 7 % 16) }
        var found = [UInt16](repeating: 0, count: count)
        ByteTables.lookUp(codes, count: count, table: table, into: &found)
        #expect(found == codes.map { table[Int($0)] })
    }
}
