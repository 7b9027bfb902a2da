internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Rows put aside by the hash of their keys, of one worker: their keys and the arguments of the
/// aggregates. What passes its share of memory goes to a temporary file.
final class RowLog: @unchecked Sendable {
    // SAFETY: one worker fills it; then workers read and release different partitions.
    /// Records of one partition that stand together.
    struct Chunk {
        var base: UnsafeMutableRawPointer
        var byteCount: Int
        var recordCount = 0
        var textByteCount = 0
    }

    let layout: RecordLayout
    let partitionBits: Int
    /// How many times `partitionBits` of the hash were used before.
    let level: Int
    private let budget: MemoryBudget
    private let share: Int
    private let spill: SpillFile?
    private var chunks: [[Chunk]]
    private(set) var pages: [[SpillFile.Page]]
    private var heldByteCount = 0
    // Of each partition's last chunk: where the next record goes, and where its text begins.
    private let cursors: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private let limits: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Where each partition's last chunk ends.
    private let ends: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Where the records of the current rows go.
    let targets: UnsafeMutablePointer<UnsafeMutableRawPointer>
    /// Where their text goes, and how far that is from the chunk's end.
    let texts: UnsafeMutablePointer<UnsafeMutableRawPointer>
    let distances: UnsafeMutablePointer<UInt32>
    private let partitions: UnsafeMutablePointer<UInt32>
    private(set) var rowCount = 0
    static let chunkByteCountLimit = 64 << 10
    private static let firstChunkByteCount = 1 << 10
    private static let pageByteCount = 192 << 10

    /// - Parameter share: Bytes from which on records go to `spill`.
    init(
        _ layout: RecordLayout, partitionBits: Int, level: Int, share: Int, spill: SpillFile?,
        budget: MemoryBudget
    ) {
        self.layout = layout
        self.partitionBits = partitionBits
        self.level = level
        self.share = share
        self.spill = spill
        self.budget = budget
        let count = 1 << partitionBits
        chunks = Array(repeating: [], count: count)
        pages = Array(repeating: [], count: count)
        targets = .allocate(capacity: Limits.batchRows)
        texts = .allocate(capacity: Limits.batchRows)
        distances = .allocate(capacity: Limits.batchRows)
        partitions = .allocate(capacity: Limits.batchRows)
        cursors = .allocate(capacity: count)
        limits = .allocate(capacity: count)
        ends = .allocate(capacity: count)
        // Without a chunk both are the same place, which has no room.
        cursors.initialize(repeating: UnsafeMutableRawPointer(cursors), count: count)
        limits.initialize(repeating: UnsafeMutableRawPointer(cursors), count: count)
        ends.initialize(repeating: UnsafeMutableRawPointer(cursors), count: count)
    }

    deinit {
        targets.deallocate()
        texts.deallocate()
        distances.deallocate()
        partitions.deallocate()
        cursors.deallocate()
        limits.deallocate()
        ends.deallocate()
        for list in chunks { for chunk in list { chunk.base.deallocate() } }
        budget.release(heldByteCount)
    }

    var partitionCount: Int { 1 << partitionBits }

    // MARK: Writing

    /// Adds records: `write` fills those of a range of the indexes at `targets`. `texts` is how
    /// many bytes each record has at the chunk's end.
    func append(
        count: Int, words: UnsafePointer<UInt64>, texts: UnsafePointer<UInt32>?,
        _ write: (Range<Int>) -> Void
    ) throws(ServiceError) {
        GroupTable.partitions(
            words, count: count, wordCount: layout.hashedWordCount, stride: layout.wordCount,
            skippedBits: level * partitionBits, bits: partitionBits, into: partitions)
        var first = 0
        while first < count {
            let end =
                if let texts {
                    placeTexts(first..<count, texts)
                } else {
                    place(first..<count)
                }
            if end > first { write(first..<end) }
            rowCount += end - first
            first = end
            if first < count { try makeRoom() }
        }
    }

    /// Finds the places of records; returns the first that has none for want of memory.
    private func place(_ range: Range<Int>) -> Int {
        let byteCount = layout.byteCount
        let (cursors, limits, targets) = (cursors, limits, targets)
        let partitions = partitions
        for index in range {
            let partition = Int(partitions[index])
            if limits[partition] - cursors[partition] < byteCount {
                guard open(partition, byteCount) else { return index }
            }
            let cursor = cursors[partition]
            targets[index] = cursor
            cursors[partition] = cursor + byteCount
        }
        return range.upperBound
    }

    /// As `place`, with text at the end of the chunks.
    private func placeTexts(
        _ range: Range<Int>, _ byteCounts: UnsafePointer<UInt32>
    ) -> Int {
        let byteCount = layout.byteCount
        let (cursors, limits, ends) = (cursors, limits, ends)
        let (targets, texts, distances) = (targets, texts, distances)
        let partitions = partitions
        for index in range {
            let partition = Int(partitions[index])
            let textByteCount = Int(byteCounts[index])
            if limits[partition] - cursors[partition] < byteCount + textByteCount {
                guard open(partition, byteCount + textByteCount) else { return index }
            }
            targets[index] = cursors[partition]
            cursors[partition] += byteCount
            let text = limits[partition] - textByteCount
            limits[partition] = text
            texts[index] = text
            distances[index] = UInt32(truncatingIfNeeded: ends[partition] - text)
        }
        return range.upperBound
    }

    /// Begins a chunk; false when memory is short.
    private func open(_ partition: Int, _ room: Int) -> Bool {
        close(partition)
        let held = chunks[partition].reduce(0) { $0 + $1.byteCount }
        let byteCount = max(
            room, min(Self.chunkByteCountLimit, max(Self.firstChunkByteCount, held)))
        if spill != nil, heldByteCount > 0, heldByteCount + byteCount > share { return false }
        do { try budget.reserve(byteCount) } catch { return false }
        heldByteCount += byteCount
        let base = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 16)
        chunks[partition].append(Chunk(base: base, byteCount: byteCount))
        cursors[partition] = base
        limits[partition] = base + byteCount
        ends[partition] = base + byteCount
        return true
    }

    private func close(_ partition: Int) {
        let last = chunks[partition].count - 1
        guard last >= 0, !isClosed(partition) else { return }
        chunks[partition][last].recordCount =
            (cursors[partition] - chunks[partition][last].base) / layout.byteCount
        chunks[partition][last].textByteCount = ends[partition] - limits[partition]
        forget(partition)
    }

    private func isClosed(_ partition: Int) -> Bool {
        cursors[partition] == UnsafeMutableRawPointer(cursors)
    }

    private func forget(_ partition: Int) {
        cursors[partition] = UnsafeMutableRawPointer(cursors)
        limits[partition] = UnsafeMutableRawPointer(cursors)
    }

    /// Ends writing.
    func seal() { for partition in 0..<partitionCount { close(partition) } }

    // MARK: Memory

    /// Moves the largest partitions to the file until half of the memory is free.
    private func makeRoom() throws(ServiceError) {
        guard let spill, heldByteCount > 0 else {
            throw MemoryLimitReached(byteCountLimit: budget.byteCountLimit).serviceError
        }
        let sizes = chunks.map { $0.reduce(0) { $0 + $1.byteCount } }
        let order = sizes.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
        let goal = heldByteCount / 2
        for partition in order where heldByteCount > goal {
            try withinBudget { () throws(MemoryLimitReached) in try budget.checkStop() }
            try move(partition, to: spill)
        }
    }

    /// Moves what is in memory to the file.
    private func move(_ partition: Int, to spill: SpillFile) throws(ServiceError) {
        close(partition)
        var page = SpillFile.Content()
        for chunk in chunks[partition] where chunk.recordCount > 0 {
            // Text is found from its chunk's end, so chunks with text stay pages of their own.
            let isApart = chunk.textByteCount > 0 || page.textByteCount > 0
            if page.recordCount > 0, isApart || page.bytes.count >= Self.pageByteCount {
                pages[partition].append(try spill.write(page))
                page = SpillFile.Content()
            }
            page.add(chunk, recordByteCount: layout.byteCount)
        }
        if page.recordCount > 0 { pages[partition].append(try spill.write(page)) }
        releaseChunks(partition)
    }

    private func releaseChunks(_ partition: Int) {
        var byteCount = 0
        for chunk in chunks[partition] {
            byteCount += chunk.byteCount
            chunk.base.deallocate()
        }
        chunks[partition] = []
        forget(partition)
        budget.release(byteCount)
        lock.withLock { heldByteCount -= byteCount }
    }

    private let lock = Lock()

    // MARK: Reading

    /// Hands on all chunks of a partition; those of the file are read one after the other.
    func forEachChunk(
        _ partition: Int, _ body: (Chunk) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        // Other workers release other partitions meanwhile.
        let held = lock.withLock { chunks[partition] }
        for chunk in held where chunk.recordCount > 0 { try body(chunk) }
        guard let spill else { return }
        for page in pages[partition] { try spill.read(page, budget: budget, body) }
    }

    /// Gives a partition's memory back.
    func release(_ partition: Int) {
        lock.lock()
        let list = chunks[partition]
        chunks[partition] = []
        let byteCount = list.reduce(0) { $0 + $1.byteCount }
        heldByteCount -= byteCount
        lock.unlock()
        for chunk in list { chunk.base.deallocate() }
        budget.release(byteCount)
    }
}
