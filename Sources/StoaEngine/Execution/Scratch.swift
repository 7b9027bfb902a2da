internal import StoaBase
internal import StoaModel

/// The buffers of one worker in one query: taken as its operators are made, given back together.
final class Scratch {
    let budget: MemoryBudget
    private let pool: ScratchPool
    private var buffers: [UnsafeMutableRawPointer] = []
    private var vectors: [VectorScratch] = []
    private var maskRoom = 0
    private var reservedByteCount = 0
    /// Bytes of one mask of a full batch.
    private static let maskByteCount = Limits.batchRows / 8

    init(pool: ScratchPool, budget: MemoryBudget) {
        self.pool = pool
        self.budget = budget
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
