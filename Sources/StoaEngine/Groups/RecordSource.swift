internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// The rows of a chunk of a log, as columns again: what the aggregates of a partition read.
final class RecordSource: ColumnSource {
    private let layout: RecordLayout
    private let scratch: Scratch
    private let words: UnsafeMutablePointer<UInt64>
    private var wordBuffer: GrowingBuffer<UInt64>
    private let buffers: [UnsafeMutableRawPointer]
    private let masks: [UnsafeMutablePointer<UInt64>]
    private let allRows: UnsafeMutablePointer<UInt64>
    private let texts: [FieldText]
    private let places: UnsafeMutablePointer<UInt64>?
    private var values: [Value?]
    private var records: UnsafeRawPointer
    private var chunkEnd: UnsafeRawPointer
    private var count = 0

    init(_ layout: RecordLayout, scratch: Scratch) throws(ServiceError) {
        self.layout = layout
        self.scratch = scratch
        words = try scratch.take(UInt64.self)
        wordBuffer = GrowingBuffer(budget: scratch.budget)
        var buffers: [UnsafeMutableRawPointer] = []
        var masks: [UnsafeMutablePointer<UInt64>] = []
        for _ in layout.fields {
            buffers.append(UnsafeMutableRawPointer(try scratch.take(Int128.self)))
            masks.append(try scratch.takeMask())
        }
        self.buffers = buffers
        self.masks = masks
        allRows = try scratch.takeMask()
        texts = layout.fields.map { _ in FieldText(budget: scratch.budget) }
        places = try layout.placeOffset == nil ? nil : scratch.take(UInt64.self)
        values = layout.fields.map { _ in nil }
        records = UnsafeRawPointer(words)
        chunkEnd = UnsafeRawPointer(words)
        super.init()
    }

    /// Makes `count` records from `first` on the current batch.
    func begin(_ chunk: RowLog.Chunk, first: Int, count: Int) -> Frame {
        records = UnsafeRawPointer(chunk.base + first * layout.byteCount)
        chunkEnd = UnsafeRawPointer(chunk.base + chunk.byteCount)
        self.count = count
        for index in values.indices { values[index] = nil }
        MaskWords.fill(allRows, rowCount: count)
        if let places, let offset = layout.placeOffset {
            for row in 0..<count {
                places[row] = records.loadUnaligned(
                    fromByteOffset: row * layout.byteCount + offset, as: UInt64.self)
            }
            place = RowPlace(places: places)
        }
        return frame(rowCount: count, selection: allRows)
    }

    /// The keys of the batch; valid until the next call and as long as the chunk.
    func keys() throws(ServiceError) -> UnsafePointer<UInt64> {
        let (stride, records, count) = (layout.byteCount, records, count)
        let (wordCount, hashedWordCount) = (layout.wordCount, layout.hashedWordCount)
        if wordCount == 1 {
            let words = words
            if layout.wordByteCount == 4 {
                for row in 0..<count {
                    words[row] = UInt64(
                        records.loadUnaligned(fromByteOffset: row &* stride, as: UInt32.self))
                }
            } else {
                for row in 0..<count {
                    words[row] = records.loadUnaligned(
                        fromByteOffset: row &* stride, as: UInt64.self)
                }
            }
            return UnsafePointer(words)
        }
        try withinBudget { () throws(MemoryLimitReached) in
            try wordBuffer.reserve(count * wordCount, used: 0)
        }
        for row in 0..<count {
            for word in 0..<hashedWordCount {
                wordBuffer.base[row &* wordCount &+ word] = records.loadUnaligned(
                    fromByteOffset: row &* stride &+ word &* 8, as: UInt64.self)
            }
        }
        for index in 0..<layout.stringCount { readStrings(index, into: wordBuffer.base) }
        return UnsafePointer(wordBuffer.base)
    }

    /// Leads keys to their strings in the chunk.
    private func readStrings(_ index: Int, into keys: UnsafeMutablePointer<UInt64>) {
        let (stride, wordCount) = (layout.byteCount, layout.wordCount)
        let source = records + layout.stringOffset + index * 8
        let target = keys + layout.hashedWordCount + index * 2
        let end = UInt64(UInt(bitPattern: chunkEnd))
        for row in 0..<count {
            let distance = source.loadUnaligned(fromByteOffset: row &* stride, as: UInt32.self)
            let byteCount = source.loadUnaligned(
                fromByteOffset: row &* stride &+ 4, as: UInt32.self)
            target[row &* wordCount] = end &- UInt64(distance)
            target[row &* wordCount &+ 1] = UInt64(byteCount)
        }
    }

    override func column(_ index: Int) throws(ServiceError) -> Value {
        if let value = values[index] { return value }
        let field = layout.fields[index]
        let validity = validity(index)
        let content: Vector.Content
        switch field.kind {
        case .integer(let byteCount, let low): content = integers(index, byteCount, low)
        case .float32: content = .float32(UnsafePointer(gather(index, Float.self)))
        case .float64: content = .float64(UnsafePointer(gather(index, Double.self)))
        case .wide: content = .wide(UnsafePointer(gather(index, Int128.self)))
        case .text: content = try strings(index)
        }
        let value = Value(
            Vector(rowCount: count, content: content, validity: validity), bounds: field.bounds)
        values[index] = value
        return value
    }

    private func integers(_ index: Int, _ byteCount: Int, _ low: Int64) -> Vector.Content {
        switch byteCount {
        case 1:
            let values = gather(index, UInt8.self)
            return .integers(Vector.Integers(lane: .u8, values: values, base: low))
        case 2:
            let values = gather(index, UInt16.self)
            return .integers(Vector.Integers(lane: .u16, values: values, base: low))
        case 4:
            let values = gather(index, UInt32.self)
            return .integers(Vector.Integers(lane: .u32, values: values, base: low))
        default:
            return .integers(Vector.Integers(lane: .u64, values: gather(index, UInt64.self)))
        }
    }

    @inline(__always)
    private func gather<T: BitwiseCopyable>(
        _ index: Int, _ type: T.Type
    ) -> UnsafeMutablePointer<T> {
        // SAFETY: the buffer has room for a batch of 16 bytes each and is this field's alone.
        let target = buffers[index].assumingMemoryBound(to: T.self)
        let (stride, source) = (layout.byteCount, records + layout.fields[index].offset)
        for row in 0..<count {
            target[row] = source.loadUnaligned(fromByteOffset: row &* stride, as: T.self)
        }
        return target
    }

    private func validity(_ index: Int) -> UnsafePointer<UInt64>? {
        let source = records + layout.validityOffset + index / 8
        let bit = UInt8(1) << UInt8(index % 8)
        let stride = layout.byteCount
        var all = bit
        for row in 0..<count {
            all &= source.load(fromByteOffset: row &* stride, as: UInt8.self)
        }
        guard all == 0 else { return nil }
        let mask = masks[index]
        MaskWords.clear(mask, rowCount: count)
        for row in 0..<count
        where source.load(fromByteOffset: row &* stride, as: UInt8.self) & bit != 0 {
            mask[row &>> 6] |= 1 &<< UInt64(row & 63)
        }
        return UnsafePointer(mask)
    }

    private func strings(_ index: Int) throws(ServiceError) -> Vector.Content {
        // SAFETY: as in `gather`; a batch of offsets and one more fits.
        let offsets = buffers[index].assumingMemoryBound(to: UInt32.self)
        let (stride, source) = (layout.byteCount, records + layout.fields[index].offset)
        var total = 0
        for row in 0..<count {
            total += Int(
                source.loadUnaligned(fromByteOffset: row &* stride &+ 4, as: UInt32.self))
        }
        guard total <= Int(Int32.max) else {
            throw MemoryLimitReached(byteCountLimit: Int(Int32.max)).serviceError
        }
        let base = try texts[index].reserve(total)
        var end = 0
        offsets[0] = 0
        for row in 0..<count {
            let distance = source.loadUnaligned(fromByteOffset: row &* stride, as: UInt32.self)
            let byteCount = Int(
                source.loadUnaligned(fromByteOffset: row &* stride &+ 4, as: UInt32.self))
            if byteCount > 0 {
                (base + end).copyMemory(from: chunkEnd - Int(distance), byteCount: byteCount)
            }
            end += byteCount
            offsets[row + 1] = UInt32(end)
        }
        return .strings(offsets: UnsafePointer(offsets), bytes: UnsafeRawPointer(base))
    }
}

/// The bytes of one field's strings of a batch.
private final class FieldText {
    private var bytes: GrowingBuffer<UInt8>

    init(budget: MemoryBudget) { bytes = GrowingBuffer(budget: budget) }

    func reserve(_ byteCount: Int) throws(ServiceError) -> UnsafeMutableRawPointer {
        try withinBudget { () throws(MemoryLimitReached) in
            try bytes.reserve(byteCount, used: 0)
        }
        return UnsafeMutableRawPointer(bytes.base)
    }
}
