/// The places of those who work on one job: each worker takes one for a piece and has the job's
/// state of that place to itself. There are as many as workers, whatever the number of threads, so
/// a job's memory does not grow with those. Used under the job's lock.
struct WorkLanes {
    /// When each place was taken, monotonic nanoseconds; 0: free.
    private var starts: [Int64]
    private(set) var busyCount = 0

    init(count: Int) { starts = Array(repeating: 0, count: max(1, count)) }

    /// The first free place: the state of one that was used before is used again.
    var free: Int? { busyCount < starts.count ? starts.firstIndex(of: 0) : nil }

    mutating func take(_ lane: Int, at now: Int64) {
        starts[lane] = now
        busyCount += 1
    }

    /// Nanoseconds for which it was taken.
    mutating func free(_ lane: Int, at now: Int64) -> Int64 {
        guard starts[lane] != 0 else { return 0 }
        defer { starts[lane] = 0 }
        busyCount -= 1
        return now - starts[lane]
    }

    mutating func freeAll() {
        for lane in starts.indices { starts[lane] = 0 }
        busyCount = 0
    }

    /// When the piece that takes longest began.
    var oldestStart: Int64? { busyCount == 0 ? nil : starts.filter { $0 != 0 }.min() }

    /// Nanoseconds that pieces under way have taken so far, together.
    func busyNanoseconds(at now: Int64) -> Int64 {
        starts.reduce(0) { $0 + ($1 == 0 ? 0 : now - $1) }
    }
}
