/// One line on a terminal that says how far an import is, twice a second.
struct ImportProgress {
    private let name: String
    private let byteCount: Int
    private let started = ContinuousClock.now
    private var lastShown: ContinuousClock.Instant?
    private var isShown = false

    init(name: String, byteCount: Int) {
        self.name = name
        self.byteCount = byteCount
    }

    /// Seconds since the import began.
    var elapsedSeconds: Double {
        let elapsed = ContinuousClock.now - started
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// Shows where the import is.
    mutating func show(_ verb: String, consumedByteCount: Int, rowCount: Int) {
        guard Terminal.isError else { return }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(500) { return }
        lastShown = now
        isShown = true
        let seconds = max(elapsedSeconds, 1e-6)
        let share = Double(consumedByteCount) / Double(max(1, byteCount))
        let rest = seconds / max(share, 1e-6) - seconds
        var line = "\(verb) \(name)  \(Int(share * 100)) %"
        line += "  \(HumanText.short(Double(rowCount))) rows"
        line += "  \(HumanText.short(Double(rowCount) / seconds)) rows/s"
        if seconds > 2 { line += "  \(HumanText.duration(seconds: max(1, rest).rounded())) left" }
        Terminal.write(error: "\r\u{1B}[K\(line)")
    }

    /// Takes the line away.
    mutating func clear() {
        if isShown { Terminal.write(error: "\r\u{1B}[K") }
        isShown = false
    }
}
