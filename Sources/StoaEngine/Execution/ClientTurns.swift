/// How many queries each client has running, so that places go round among clients and not among
/// queries: one that sent a thousand does not hold up one that sent one. Used under the pool's
/// lock.
struct ClientTurns {
    private var counts: [ObjectIdentifier: Int] = [:]

    mutating func begin(_ job: StatementJob) {
        guard let client = job.clientID else { return }
        counts[client, default: 0] += 1
    }

    mutating func end(_ job: StatementJob) {
        guard let client = job.clientID, let count = counts[client] else { return }
        counts[client] = count > 1 ? count - 1 : nil
    }

    /// Queries of the job's client that run.
    func runningCount(ofClientOf job: StatementJob) -> Int {
        job.clientID.flatMap { counts[$0] } ?? 0
    }

    /// The place in line of the query whose turn it is: the first of those whose clients have
    /// fewest running. `waiting` is not empty.
    func next(of waiting: [StatementJob]) -> Int {
        var best = 0
        var least = Int.max
        for (index, job) in waiting.enumerated() {
            let count = runningCount(ofClientOf: job)
            if count < least { (best, least) = (index, count) }
            if least == 0 { break }
        }
        return best
    }
}
