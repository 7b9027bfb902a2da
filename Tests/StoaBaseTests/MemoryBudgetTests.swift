import StoaBase
import Testing

@Suite struct MemoryBudgetTests {
    @Test("a reservation over the limit takes nothing, and the peak is remembered")
    func limit() throws {
        let budget = MemoryBudget(byteCountLimit: 100)
        try budget.reserve(60)
        #expect(throws: MemoryLimitReached(byteCountLimit: 100)) { try budget.reserve(41) }
        #expect(budget.reservedByteCount == 60)
        try budget.reserve(40)
        budget.release(100)
        #expect(budget.reservedByteCount == 0)
        #expect(budget.peakByteCount == 100)
    }

    @Test("a child draws on its parent, and gives back what the parent refused")
    func parent() throws {
        let process = MemoryBudget(byteCountLimit: 100)
        let first = MemoryBudget(byteCountLimit: 80, parent: process)
        let second = MemoryBudget(byteCountLimit: 80, parent: process)
        try first.reserve(70)
        #expect(throws: MemoryLimitReached(byteCountLimit: 100)) { try second.reserve(40) }
        #expect(second.reservedByteCount == 0)
        first.release(70)
        try second.reserve(40)
        #expect(process.reservedByteCount == 40)
        second.release(40)
    }

    @Test("bytes that are there count beyond the limit, and a share gives back what it holds")
    func share() throws {
        let process = MemoryBudget(byteCountLimit: 100)
        let budget = MemoryBudget(byteCountLimit: 50, parent: process)
        do {
            let share = MemoryShare(of: budget)
            share.set(40)
            #expect(budget.hasRoom(for: 10) && !budget.hasRoom(for: 11))
            share.set(70)
            #expect(budget.reservedByteCount == 70 && process.reservedByteCount == 70)
            #expect(throws: MemoryLimitReached(byteCountLimit: 50)) { try budget.reserve(1) }
            share.set(20)
            try process.reserve(75)
            #expect(!budget.hasRoom(for: 6) && budget.hasRoom(for: 5))
            withExtendedLifetime(share) {}
        }
        #expect(budget.reservedByteCount == 0 && budget.peakByteCount == 70)
        #expect(process.reservedByteCount == 75)
    }

    @Test("giving back more than was taken stops the process")
    func overRelease() async {
        await #expect(processExitsWith: .failure) {
            MemoryBudget(byteCountLimit: 10).release(1)
        }
    }
}
