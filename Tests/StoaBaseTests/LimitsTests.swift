import StoaBase
import Testing

@Suite struct LimitsTests {
    @Test("the default and the tiny limits agree with themselves")
    func relations() {
        Limits().checkInvariants()
        Limits.tiny.checkInvariants()
        #expect(Limits.batchRows * 8 <= 64 << 10, "a kernel's buffer stays in the second cache")
    }

    @Test("limits that contradict each other stop the process")
    func contradiction() async {
        await #expect(processExitsWith: .failure) {
            var limits = Limits()
            limits.blockRows = 1_000
            limits.checkInvariants()
        }
    }
}
