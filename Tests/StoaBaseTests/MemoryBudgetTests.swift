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

    @Test("what a budget is guaranteed nobody else can have, and it is there when all is taken")
    func guarantee() throws {
        let process = MemoryBudget(byteCountLimit: 100)
        let other = MemoryBudget(byteCountLimit: 100, parent: process)
        do {
            let budget = try MemoryBudget(byteCountLimit: 60, guaranteed: 30, parent: process)
            #expect(throws: MemoryLimitReached(byteCountLimit: 100)) { try other.reserve(71) }
            try other.reserve(70)
            try budget.reserve(20)
            try budget.reserve(10)
            #expect(!budget.hasRoom(for: 1) && process.reservedByteCount == 100)
            #expect(throws: MemoryLimitReached(byteCountLimit: 100)) { try budget.reserve(1) }
            other.release(50)
            try budget.reserve(30)
            #expect(throws: MemoryLimitReached(byteCountLimit: 60)) { try budget.reserve(1) }
            #expect(process.reservedByteCount == 80)
            budget.release(45)
            #expect(process.reservedByteCount == 50 && budget.reservedByteCount == 15)
            budget.release(15)
        }
        #expect(process.reservedByteCount == 20)
        #expect(throws: MemoryLimitReached(byteCountLimit: 100)) {
            _ = try MemoryBudget(byteCountLimit: 90, guaranteed: 81, parent: process)
        }
    }

    @Test("a budget draws on its nursery while it is small, and moves as a whole when it grows")
    func nursery() throws {
        let nursery = MemoryBudget(byteCountLimit: 10)
        let parent = MemoryBudget(byteCountLimit: 100)
        try parent.reserve(95)
        let budget = MemoryBudget(
            byteCountLimit: 50, parent: parent, nursery: (budget: nursery, byteCountLimit: 8))
        try budget.reserve(8)
        #expect(nursery.reservedByteCount == 8 && parent.reservedByteCount == 95)
        #expect(!budget.hasRoom(for: 1))
        #expect(throws: MemoryLimitReached(byteCountLimit: 100)) { try budget.reserve(1) }
        #expect(nursery.reservedByteCount == 8 && parent.reservedByteCount == 95)
        parent.release(50)
        try budget.reserve(1)
        #expect(nursery.reservedByteCount == 0 && parent.reservedByteCount == 54)
        budget.release(8)
        try budget.reserve(1)
        #expect(nursery.reservedByteCount == 0 && parent.reservedByteCount == 47)
        budget.release(2)
    }

    @Test("the shares of a process leave something for each, and never promise more than there is")
    func process() throws {
        for limit in [64 << 20, 128 << 20, 12 << 30] {
            let memory = ProcessMemory(byteCountLimit: limit)
            #expect(memory.heldByteCount == 0)
            #expect(memory.queries.byteCountLimit >= limit / 8 * 3)
            try memory.queries.reserve(memory.queries.byteCountLimit)
            let guaranteed = memory.shares.map(\.budget.guaranteedByteCount)
            for (share, byteCount) in zip(memory.shares, guaranteed) where byteCount > 0 {
                try share.budget.reserve(byteCount)
                #expect(!share.budget.hasRoom(for: 1))
            }
            #expect(memory.all.reservedByteCount == limit)
            let query = memory.queryBudget(byteCountLimit: 1 << 30)
            #expect(!query.hasRoom(for: 1))
        }
    }

    @Test("giving back more than was taken stops the process")
    func overRelease() async {
        await #expect(processExitsWith: .failure) {
            MemoryBudget(byteCountLimit: 10).release(1)
        }
    }
}
