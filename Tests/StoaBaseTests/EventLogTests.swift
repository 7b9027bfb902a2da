import StoaBase
import Synchronization
import Testing

@Suite struct EventLogTests {
    /// A log whose clock stands still until told otherwise, and what it passed on.
    private final class Recorder: Sendable {
        let lines = Mutex<[String]>([])
        let seconds = Mutex<Int64>(0)

        func log(minimum: EventLog.Level? = .info, limitPerMinute: Int = 2) -> EventLog {
            EventLog(
                minimum: minimum, limitPerMinute: limitPerMinute,
                now: { self.seconds.withLock { $0 * 1_000_000_000 } },
                handler: { entry in
                    let fields = entry.fields.map { " \($0.name)=\($0.text)" }.joined()
                    self.lines.withLock {
                        $0.append("\(entry.level) \(entry.message)\(fields)")
                    }
                })
        }

        func taken() -> [String] {
            lines.withLock { lines in
                defer { lines = [] }
                return lines
            }
        }

        func wait(_ count: Int64) { seconds.withLock { $0 += count } }
    }

    @Test("an event is passed on with its fields in order, from the least level on")
    func levels() {
        let recorder = Recorder()
        let log = recorder.log()
        log.report(.error, "seal failed", ["table": "t", "reason": "disk full"])
        log.report(.debug, "not seen")
        #expect(recorder.taken() == ["error seal failed table=t reason=disk full"])
        log.setMinimum(.critical)
        log.report(.error, "not seen")
        log.report(EventLog.Entry(.critical, "seen"))
        #expect(recorder.taken() == ["critical seen"])
        #expect(EventLog.Level.allCases == EventLog.Level.allCases.sorted())
    }

    @Test("fields of an event that is not passed on are never made")
    func lazyFields() {
        var count = 0
        func text() -> String {
            count += 1
            return "x"
        }
        Recorder().log().report(.debug, "not seen", ["a": text()])
        EventLog.silent.report(.critical, "not seen", ["a": text()])
        #expect(count == 0)
    }

    @Test("beyond the limit of a minute one line says how many there were, with the worst level")
    func limit() {
        let recorder = Recorder()
        let log = recorder.log()
        for _ in 0..<5 { log.report(.info, "refused") }
        log.report(.error, "refused")
        #expect(recorder.taken() == ["info refused", "info refused"])
        log.flush()
        #expect(recorder.taken() == [])
        recorder.wait(60)
        log.report(.info, "refused")
        #expect(recorder.taken() == ["error 4 more like this event=refused", "info refused"])
    }

    @Test(
        "what was held back is said when its minute is over though nothing follows, or at the end")
    func flush() {
        let recorder = Recorder()
        let log = recorder.log(limitPerMinute: 1)
        for _ in 0..<3 { log.report(.notice, "slow statement") }
        recorder.wait(59)
        log.flush()
        #expect(recorder.taken() == ["notice slow statement"])
        recorder.wait(1)
        log.flush()
        #expect(recorder.taken() == ["notice 2 more like this event=slow statement"])
        for _ in 0..<2 { log.report(.notice, "slow statement") }
        log.flush(all: true)
        log.flush(all: true)
        #expect(
            recorder.taken() == [
                "notice slow statement", "notice 1 more like this event=slow statement",
            ])
    }

    @Test("kinds are limited one by one, and debug events are not")
    func kinds() {
        let recorder = Recorder()
        let log = recorder.log(minimum: .debug, limitPerMinute: 1)
        for table in ["a", "b", "a"] {
            log.report(.info, "sealed", ["table": table], kind: "sealed \(table)")
            log.report(.debug, "commit")
        }
        #expect(
            recorder.taken() == [
                "info sealed table=a", "debug commit", "info sealed table=b", "debug commit",
                "debug commit",
            ])
    }

    @Test("kinds without end hold no memory without end: the last of them are limited together")
    func manyKinds() {
        let recorder = Recorder()
        let log = recorder.log(limitPerMinute: 1)
        for number in 0..<1_000 { log.report(.info, "x", kind: "kind \(number)") }
        #expect(recorder.taken().count == 257)
        recorder.wait(60)
        log.flush()
        #expect(recorder.taken() == ["info 743 more like this event=x"])
    }

    @Test("threads that report at once lose no event")
    func threads() async {
        let recorder = Recorder()
        let log = recorder.log(limitPerMinute: 10)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { for _ in 0..<100 { log.report(.info, "x") } }
            }
        }
        log.flush(all: true)
        let lines = recorder.taken()
        #expect(lines.count == 11)
        #expect(lines.last == "info 790 more like this event=x")
    }
}
