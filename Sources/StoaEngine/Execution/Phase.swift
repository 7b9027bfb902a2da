internal import StoaModel

/// What a worker may do in a phase now.
enum Claim {
    /// This piece, which nobody else gets.
    case piece(Int)
    /// Nothing at the moment: others work on it, or the client has no credit.
    case nothing
    /// Nothing any more; the phase ends when the pieces under way are done.
    case exhausted
}

/// One stage of a query. `claim` and `didRun` are called under the job's lock, `run` outside of it
/// by several workers at once, and `finish` by one when all pieces are done.
class Phase {
    /// Whether more than one worker can be of use.
    var isParallel: Bool { false }

    func claim(worker: Int) -> Claim { .exhausted }
    func run(_ piece: Int, worker: Int) throws(ServiceError) {}
    func didRun(_ piece: Int) {}

    /// Whether a worker was sent away that could find a piece now; asked after `didRun`.
    func takeRefusal() -> Bool { false }

    /// The next phase; nil when the result is complete.
    func finish() throws(ServiceError) -> Phase? { nil }
}
