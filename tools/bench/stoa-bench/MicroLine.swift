internal import Foundation
internal import StoaBase

/// One measured number: its name, nanoseconds per value, and what else is worth saying.
struct MicroLine {
    var name: String
    var nanoseconds: Double
    var note = ""

    /// Runs `body` several times; the least nanoseconds of one run divided by `count`.
    static func least(runCount: Int, per count: Int, _ body: () -> Void) -> Double {
        body()
        var least = Int64.max
        for _ in 0..<max(1, runCount) {
            let start = HostClock.monotonicNanoseconds()
            body()
            least = min(least, HostClock.monotonicNanoseconds() - start)
        }
        return Double(least) / Double(count)
    }

    /// A loop of dependent multiplications: how fast this machine is today. Other numbers are
    /// compared as multiples of it.
    static func calibration(runCount: Int) -> MicroLine {
        var word: UInt64 = 0x9E37_79B9_7F4A_7C15
        let count = 1 << 20
        let nanoseconds = least(runCount: runCount, per: count) {
            for _ in 0..<count { word = (word ^ word >> 31) &* 0xBF58_476D_1CE4_E5B9 }
        }
        return MicroLine(
            name: "calibration", nanoseconds: nanoseconds, note: word == 0 ? "zero" : "")
    }

    static func show(_ lines: [MicroLine], asJSON: Bool) {
        if asJSON {
            let cells = lines.map { line in
                "  \"\(line.name)\": {\"ns\": \(String(format: "%.5f", line.nanoseconds)), "
                    + "\"note\": \"\(line.note)\"}"
            }
            print("{\n\(cells.joined(separator: ",\n"))\n}")
            return
        }
        print("ns per value  name")
        for line in lines {
            let number = String(format: "%12.4f", line.nanoseconds)
            print("\(number)  \(line.name)  \(line.note)")
        }
    }
}
