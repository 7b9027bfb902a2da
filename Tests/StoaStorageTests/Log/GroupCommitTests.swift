import StoaStorage
import Testing

@Suite struct GroupCommitTests {
    @Test("what is appended while a sync runs is the next group")
    func grouping() {
        var machine = GroupCommit()
        #expect(machine.isIdle)
        #expect(machine.didAppend(upTo: 10) == .sync(upTo: 10))
        #expect(machine.didAppend(upTo: 20) == .wait)
        #expect(machine.didAppend(upTo: 30) == .wait)
        #expect(machine.didSync(succeeded: true) == .acknowledge(upTo: 10, thenSync: 30))
        #expect(!machine.isIdle)
        #expect(machine.didSync(succeeded: true) == .acknowledge(upTo: 30, thenSync: nil))
        #expect(machine.isIdle)
    }

    @Test("after a failed sync nothing is synced or acknowledged any more")
    func failure() {
        var machine = GroupCommit()
        #expect(machine.didAppend(upTo: 10) == .sync(upTo: 10))
        #expect(machine.didAppend(upTo: 20) == .wait)
        #expect(machine.didSync(succeeded: false) == .poison)
        #expect(machine.isPoisoned && machine.durable == 0)
        #expect(machine.didAppend(upTo: 30) == .poison)
    }

    @Test("a sync that ends after the store lost its trust acknowledges nothing")
    func lateSuccess() {
        var machine = GroupCommit()
        #expect(machine.didAppend(upTo: 10) == .sync(upTo: 10))
        machine.poison()
        #expect(machine.didSync(succeeded: true) == .poison)
        #expect(machine.durable == 0)
    }
}
