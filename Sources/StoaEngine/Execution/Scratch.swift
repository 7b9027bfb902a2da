internal import StoaBase
internal import StoaModel

/// The buffers of one worker in one query: taken as its operators are made, given back together.
final class Scratch {
    let budget: MemoryBudget
    /// Where what uses the buffers looks whether it is to stop.
    let interrupts: Interrupts
    /// Bytes of text that functions made and columns gave since somebody last set this to 0: what
    /// the rows at hand are worth.
    var textByteCount = 0
    private let pool: ScratchPool
    private var buffers: [UnsafeMutableRawPointer] = []
    private var vectors: [VectorScratch] = []
    private var maskRoom = 0
    private var reservedByteCount = 0
    /// Bytes of one mask of a full batch.
    private static let maskByteCount = Limits.batchRows / 8

    init(pool: ScratchPool, budget: MemoryBudget, interrupts: Interrupts) {
        self.pool = pool
        self.budget = budget
        self.interrupts = interrupts
    }

    deinit {
        for buffer in buffers { pool.give(back: buffer) }
        for vector in vectors { pool.give(back: vector) }
        budget.release(reservedByteCount)
    }

    private func reserve(_ byteCount: Int) throws(ServiceError) {
        do {
            try budget.reserve(byteCount)
        } catch {
            throw error.serviceError
        }
        reservedByteCount += byteCount
    }

    private func buffer() throws(ServiceError) -> UnsafeMutableRawPointer {
        try reserve(ScratchPool.bufferByteCount)
        let buffer = pool.takeBuffer()
        buffers.append(buffer)
        return buffer
    }

    /// Room for a batch of numbers of at most 128 bits.
    func take<Element: BitwiseCopyable>(
        _ type: Element.Type
    ) throws(ServiceError) -> UnsafeMutablePointer<Element> {
        invariant(MemoryLayout<Element>.stride <= 16, "a buffer holds a batch of numbers")
        // SAFETY: the memory is raw and this user's alone; only trivial types are bound to it.
        return try buffer().assumingMemoryBound(to: type)
    }

    /// The buffer in `slot`, taken at its first use.
    func reuse<Element: BitwiseCopyable>(
        _ slot: inout UnsafeMutablePointer<Element>?
    ) throws(ServiceError) -> UnsafeMutablePointer<Element> {
        if let buffer = slot { return buffer }
        let buffer = try take(Element.self)
        slot = buffer
        return buffer
    }

    private var maskBase: UnsafeMutableRawPointer?

    /// Room for one mask.
    func takeMask() throws(ServiceError) -> UnsafeMutablePointer<UInt64> {
        if maskRoom == 0 {
            maskBase = try buffer()
            maskRoom = Limits.batchRows * 16 / Self.maskByteCount
        }
        guard let base = maskBase else { return try take(UInt64.self) }
        maskRoom -= 1
        // SAFETY: as in `take`; masks do not overlap.
        return (base + maskRoom * Self.maskByteCount).assumingMemoryBound(to: UInt64.self)
    }

    func takeVector() throws(ServiceError) -> VectorScratch {
        try reserve(ScratchPool.vectorByteCount)
        let vector = pool.takeVector()
        vectors.append(vector)
        return vector
    }
}

extension MemoryLimitReached {
    /// As a client sees it.
    var serviceError: ServiceError {
        ServiceError(
            .memoryLimit,
            "The query needs more than the \(byteCountLimit) bytes of memory it may use.",
            hint: "Group by fewer values, add a LIMIT, or raise the memory limit.")
    }
}

/// Runs `body`, with a reached limit as the client's error.
@inline(__always)
func withinBudget<Result>(
    _ body: () throws(MemoryLimitReached) -> Result
) throws(ServiceError) -> Result {
    do {
        return try body()
    } catch {
        throw error.serviceError
    }
}

extension MemoryBudget {
    /// Bytes that a query may take beyond the limits of all, to bring to its end what it has begun
    /// to send: it cannot begin anew, and only its end gives back what it holds.
    private static let overdraftByteCount = 256 << 10

    /// Takes memory for rows on their way to the client.
    func reserveForOutput(_ byteCount: Int) throws(ServiceError) {
        do {
            try reserve(byteCount)
        } catch {
            let isOwnLimit = reservedByteCount > byteCountLimit - byteCount
            guard !isOwnLimit, byteCount <= Self.overdraftByteCount, !(stop?.isRaised ?? false)
            else { throw error.serviceError }
            take(byteCount)
        }
    }
}
