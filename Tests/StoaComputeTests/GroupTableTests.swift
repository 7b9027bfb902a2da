import StoaBase
import StoaCompute
import Testing

@Suite struct GroupTableTests {
    @Test(
        "groups are numbered as they are first seen, whatever their hashes",
        arguments: UInt64(1)..<8)
    func numbering(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        let wordCount = Int(seed % 3) + 1
        let table = GroupTable(wordCount: wordCount, budget: budget)
        var known: [[UInt64]: Int] = [:]
        let groups = UnsafeMutablePointer<UInt32>.allocate(capacity: 1_000)
        defer { groups.deallocate() }
        for _ in 0..<40 {
            let keys = (0..<1_000).map { _ in (0..<wordCount).map { _ in random.next() % 60 } }
            try table.reserve(1_000)
            table.find(keys.flatMap { $0 }, count: 1_000, into: groups)
            for (index, key) in keys.enumerated() {
                let expected = known[key] ?? known.count
                known[key] = expected
                #expect(Int(groups[index]) == expected)
            }
        }
        #expect(table.count == known.count)
        for (key, group) in known {
            #expect((0..<wordCount).allSatisfy { table.key(group)[$0] == key[$0] })
        }
    }

    @Test("a table that may not grow says so and leaves the budget as it was")
    func memory() throws {
        let budget = MemoryBudget(byteCountLimit: 20_000)
        do {
            let table = GroupTable(wordCount: 1, budget: budget)
            #expect(throws: MemoryLimitReached.self) { try table.reserve(100_000) }
        }
        #expect(budget.reservedByteCount == 0)
    }

    @Test("interned strings have one number each and keep their bytes", arguments: UInt64(1)..<5)
    func interning(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        let table = InternTable(budget: budget)
        let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
        var known: [[UInt8]: UInt32] = [[]: try table.id(of: nothing)]
        for _ in 0..<20_000 {
            let digits = String(random.next() % 3_000, radix: 2).utf8
            let text = Array(digits.prefix(Int(random.next() % 13)))
            let id = try text.withUnsafeBytes { try table.id(of: $0) }
            #expect(known[text, default: id] == id)
            known[text] = id
        }
        #expect(Set(known.values).count == known.count)
        for (text, id) in known { #expect(Array(table.bytes(id)) == text) }
    }
}
