/// One line on a terminal that says how far an import is, twice a second.
struct ImportProgress {
    private let name: String
    /// Bytes of all files; nil when one of them has no length.
    private let byteCount: Int?
    private let started = ContinuousClock.now
    /// Bytes of the files that are done with.
    private var finishedByteCount = 0
    private var lastShown: ContinuousClock.Instant?
    private var isShown = false

    init(_ files: [InputFile]) {
        name = files.count == 1 ? files[0].name : "\(files.count) files"
        let counts = files.compactMap(\.byteCount)
        byteCount = counts.count == files.count ? counts.reduce(0, +) : nil
    }

    /// Seconds since the import began.
    var elapsedSeconds: Double {
        let elapsed = ContinuousClock.now - started
        return Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
    }

    /// Begins with the first file.
    mutating func begin() { finishedByteCount = 0 }

    /// Goes on to the next file.
    mutating func finishFile(rawByteCount: Int) { finishedByteCount += rawByteCount }

    /// Shows where the import is.
    ///
    /// - Parameter rawByteCount: bytes of the present file, as it is stored.
    mutating func show(_ verb: String, rawByteCount: Int, rowCount: Int) {
        guard Terminal.isError else { return }
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < .milliseconds(500) { return }
        lastShown = now
        isShown = true
        let seconds = max(elapsedSeconds, 1e-6)
        let done = Double(finishedByteCount + rawByteCount)
        var line = "\(verb) \(name)"
        let share = byteCount.map { min(1, done / Double(max(1, $0))) }
        line += share.map { "  \(Int($0 * 100)) %" } ?? "  \(HumanText.bytes(done))"
        line += "  \(HumanText.short(Double(rowCount))) rows"
        line += "  \(HumanText.short(Double(rowCount) / seconds)) rows/s"
        if let share, seconds > 2 {
            let rest = seconds / max(share, 1e-6) - seconds
            line += "  \(HumanText.duration(seconds: max(1, rest).rounded())) left"
        }
        Terminal.write(error: "\r\u{1B}[K\(line)")
    }

    /// Takes the line away.
    mutating func clear() {
        if isShown { Terminal.write(error: "\r\u{1B}[K") }
        isShown = false
    }
}
