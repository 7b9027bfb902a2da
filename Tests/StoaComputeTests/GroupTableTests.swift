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
            try table.find(keys.flatMap { $0 }, count: 1_000, into: groups)
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

    @Test("strings are told apart by their bytes, even when their hashes agree")
    func strings() throws {
        let budget = MemoryBudget(byteCountLimit: 64 << 20)
        let table = GroupTable(wordCount: 4, stringCount: 1, budget: budget)
        let other = GroupTable(wordCount: 4, stringCount: 1, budget: budget)
        var groups: [UInt32] = [0, 0]
        for round in 0..<2 {
            for number in 0..<300 {
                // Few hashes, and texts of which each differs from the next in one place.
                let text = Array("a string of some length".utf8).enumerated().map { place, byte in
                    place == number % 23 ? byte &+ UInt8(number / 23) : byte
                }
                let first = text.count - number % 3
                try text.withUnsafeBytes { bytes in
                    let address = UInt64(UInt(bitPattern: bytes.baseAddress))
                    let key = [UInt64(number % 2), 7, address, UInt64(first)]
                    for table in [table, other] {
                        try table.reserve(1)
                        try table.find(key, count: 1, into: &groups)
                    }
                    let found = try #require(
                        UnsafeRawPointer(bitPattern: UInt(table.key(Int(groups[0]))[2])))
                    #expect(found != bytes.baseAddress)
                    #expect(
                        Array(UnsafeRawBufferPointer(start: found, count: first))
                            == Array(text.prefix(first)))
                }
            }
            #expect(round == 0 || table.count == other.count)
        }
        let texts = (0..<table.count).map { group in
            let key = table.key(group)
            return [UInt8(key[0])]
                + Array(
                    UnsafeRawBufferPointer(
                        start: UnsafeRawPointer(bitPattern: UInt(key[2])), count: Int(key[3])))
        }
        #expect(Set(texts).count == table.count)
        // The same strings of another table are the same groups.
        let count = table.count
        let sources = (0..<UInt32(other.count)).map { $0 }
        var merged = sources
        try table.reserve(count)
        try table.find(sources, of: other, count: other.count, into: &merged)
        #expect(merged == sources)
        #expect(table.count == count)
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
