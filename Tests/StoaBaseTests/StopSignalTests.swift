import StoaBase
import Testing

@Suite struct StopSignalTests {
    @Test("a signal is raised once and for all, and asking to wait is not a stop")
    func raise() {
        let signal = StopSignal()
        #expect(!signal.isRaised && !signal.asksForAttention)
        signal.asksToWait = true
        #expect(!signal.isRaised && signal.asksForAttention)
        signal.asksToWait = false
        #expect(!signal.asksForAttention)
        signal.raise()
        signal.asksToWait = false
        #expect(signal.isRaised && signal.asksForAttention)
    }

    @Test("a signal with a deadline raises itself for whoever goes on looking")
    func deadline() {
        let signal = StopSignal(after: 1_000_000)
        var looks = 0
        while !signal.isRaised { looks += 1 }
        #expect(looks > 0)
        #expect(!StopSignal(after: 60_000_000_000).isRaised)
    }

    @Test("a stopped budget gives nothing out and takes everything back")
    func budget() throws {
        let all = MemoryBudget(byteCountLimit: 1_000)
        let stop = StopSignal()
        let budget = MemoryBudget(byteCountLimit: 1_000, parent: all, stop: stop)
        try budget.reserve(600)
        try budget.checkStop()
        stop.raise()
        #expect(throws: MemoryLimitReached.self) { try budget.reserve(1) }
        #expect(throws: MemoryLimitReached.self) { try budget.checkStop() }
        budget.release(600)
        #expect(all.reservedByteCount == 0)
    }

    @Test("a budget knows whether others were in its way")
    func refusal() throws {
        let all = MemoryBudget(byteCountLimit: 1_000)
        let (first, second) = (
            MemoryBudget(byteCountLimit: 900, parent: all),
            MemoryBudget(byteCountLimit: 900, parent: all)
        )
        try first.reserve(800)
        #expect(throws: MemoryLimitReached.self) { try first.reserve(101) }
        #expect(!first.wasRefusedAbove, "its own limit refused it")
        #expect(throws: MemoryLimitReached.self) { try second.reserve(300) }
        #expect(second.wasRefusedAbove)
        #expect(all.reservedByteCount == 800)
    }

    @Test("bytes are found in time that is linear in both lengths")
    func search() {
        let text = [UInt8](repeating: 0x61, count: 1 << 20)
        let sought = [UInt8](repeating: 0x61, count: 1 << 19) + [0x62]
        text.withUnsafeBytes { text in
            sought.withUnsafeBytes { sought in
                #expect(ByteSearch.first(sought, in: text, from: 0) == nil)
                let part = UnsafeRawBufferPointer(rebasing: sought[..<(1 << 19)])
                #expect(ByteSearch.first(part, in: text, from: 7) == 7)
                #expect(ByteSearch.first(part, in: text, from: (1 << 19) + 1) == nil)
                let none = UnsafeRawBufferPointer(start: nil, count: 0)
                #expect(ByteSearch.first(none, in: text, from: 3) == 3)
                let one = UnsafeRawBufferPointer(rebasing: sought[(1 << 19)...])
                #expect(ByteSearch.first(one, in: text, from: 0) == nil)
            }
        }
    }
}
