internal import StoaBase
internal import StoaCompute
internal import StoaModel
internal import StoaQuery

/// Writes the rows of one worker's batches into its log.
final class RecordWriter {
    private let log: RowLog
    private let nodes: [ExpressionNode]
    private let loaders: [NumberLoader]
    /// Bytes of text of each row of the current batch.
    private let textByteCounts: UnsafeMutablePointer<UInt32>

    /// A writer of the arguments, as expressions over the table's columns.
    convenience init(_ log: RowLog, compiler: ExpressionCompiler) throws(ServiceError) {
        try self.init(log, log.layout.fields.map(\.argument), compiler)
    }

    /// A writer of the fields of another log's records.
    convenience init(
        _ log: RowLog, layout: RecordLayout, compiler: ExpressionCompiler
    ) throws(ServiceError) {
        try self.init(log, layout.fields.map { layout.column($0.argument) }, compiler)
    }

    private init(
        _ log: RowLog, _ fields: [BoundExpression], _ compiler: ExpressionCompiler
    ) throws(ServiceError) {
        self.log = log
        var nodes: [ExpressionNode] = []
        for field in fields { nodes.append(try compiler.compile(field)) }
        self.nodes = nodes
        loaders = nodes.map { _ in NumberLoader(scratch: compiler.scratch) }
        textByteCounts = try compiler.scratch.take(UInt32.self)
    }

    /// Values of one field of the current batch.
    private enum Cells {
        case integers(Vector.Integers, byteCount: Int, low: Int64)
        case float32(UnsafePointer<Float>)
        case float64(UnsafePointer<Double>)
        case wide(UnsafePointer<Int128>)
        case text(StringRows)
    }

    /// Adds rows of a frame with their keys' words.
    func add(
        _ frame: Frame, words: UnsafePointer<UInt64>, rows: UnsafePointer<UInt16>, count: Int
    ) throws(ServiceError) {
        var cells: [Cells] = []
        var validities: [UnsafePointer<UInt64>?] = []
        for (index, field) in log.layout.fields.enumerated() {
            let vector = try nodes[index].value(frame).vector
            cells.append(try self.cells(vector, field.kind, index))
            validities.append(vector.validity)
        }
        let texts = measure(cells, validities, words, rows, count)
        try log.append(count: count, words: words, texts: texts) { range in
            writeKeys(words, range)
            for index in 0..<log.layout.stringCount { writeStrings(index, words, range) }
            if let offset = log.layout.placeOffset {
                for index in range {
                    log.targets[index].storeBytes(
                        of: UInt64(frame.place[Int(rows[index])]), toByteOffset: offset,
                        as: UInt64.self)
                }
            }
            for (index, field) in log.layout.fields.enumerated() {
                write(cells[index], validities[index], rows, range, at: field.offset)
            }
            writeValidity(validities, rows, range)
        }
    }

    private func cells(
        _ vector: Vector, _ kind: RecordLayout.Kind, _ index: Int
    ) throws(ServiceError) -> Cells {
        let node = nodes[index]
        switch (kind, vector.content) {
        case (.integer(let byteCount, let low), .integers(let source)):
            return .integers(source, byteCount: byteCount, low: low)
        case (.float32, .float32(let values)): return .float32(values)
        case (.wide, _):
            return .wide(try loaders[index].wide(vector, isUnsigned: node.type.isUnsigned64))
        case (.text, _): return .text(try loaders[index].strings(vector))
        default: return .float64(try loaders[index].floats(vector, type: node.type))
        }
    }

    /// The bytes of text of each row; nil when no record has any.
    private func measure(
        _ cells: [Cells], _ validities: [UnsafePointer<UInt64>?], _ words: UnsafePointer<UInt64>,
        _ rows: UnsafePointer<UInt16>, _ count: Int
    ) -> UnsafePointer<UInt32>? {
        let layout = log.layout
        guard layout.hasText else { return nil }
        let (byteCounts, wordCount) = (textByteCounts, layout.wordCount)
        byteCounts.update(repeating: 0, count: count)
        for word in stride(from: layout.hashedWordCount + 1, to: wordCount, by: 2) {
            for index in 0..<count {
                byteCounts[index] &+= UInt32(
                    truncatingIfNeeded: words[index &* wordCount &+ word])
            }
        }
        for (cells, validity) in zip(cells, validities) {
            guard case .text(let strings) = cells else { continue }
            for index in 0..<count {
                let row = Int(rows[index])
                if let validity, !MaskWords.isSet(validity, row) { continue }
                byteCounts[index] &+= UInt32(truncatingIfNeeded: strings[row].count)
            }
        }
        return UnsafePointer(byteCounts)
    }

    /// One of the strings that keys lead to, as `writeTexts`.
    private func writeStrings(
        _ index: Int, _ words: UnsafePointer<UInt64>, _ range: Range<Int>
    ) {
        let layout = log.layout
        let (targets, texts, distances) = (log.targets, log.texts, log.distances)
        let offset = layout.stringOffset + index * 8
        let strings = words + layout.hashedWordCount + index * 2
        let wordCount = layout.wordCount
        for row in range {
            let byteCount = UInt32(truncatingIfNeeded: strings[row &* wordCount &+ 1])
            let target = targets[row]
            target.storeBytes(of: distances[row], toByteOffset: offset, as: UInt32.self)
            target.storeBytes(of: byteCount, toByteOffset: offset &+ 4, as: UInt32.self)
            // SAFETY: the words are those of a string of the current frame.
            guard byteCount > 0,
                let bytes = UnsafeRawPointer(bitPattern: UInt(strings[row &* wordCount]))
            else { continue }
            texts[row].copyMemory(from: bytes, byteCount: Int(byteCount))
            texts[row] += Int(byteCount)
            distances[row] &-= byteCount
        }
    }

    private func writeKeys(_ words: UnsafePointer<UInt64>, _ range: Range<Int>) {
        let (targets, wordCount) = (log.targets, log.layout.wordCount)
        let hashedWordCount = log.layout.hashedWordCount
        if log.layout.wordByteCount == 4 {
            for index in range {
                targets[index].storeBytes(
                    of: UInt32(truncatingIfNeeded: words[index]), as: UInt32.self)
            }
        } else if wordCount == 1 {
            for index in range { targets[index].storeBytes(of: words[index], as: UInt64.self) }
        } else {
            for index in range {
                for word in 0..<hashedWordCount {
                    targets[index].storeBytes(
                        of: words[index &* wordCount &+ word], toByteOffset: word &* 8,
                        as: UInt64.self)
                }
            }
        }
    }

    private func write(
        _ cells: Cells, _ validity: UnsafePointer<UInt64>?, _ rows: UnsafePointer<UInt16>,
        _ range: Range<Int>, at offset: Int
    ) {
        let targets = log.targets
        switch cells {
        case .integers(let source, let byteCount, let low):
            switch byteCount {
            case 1: writeIntegers(source, low, UInt8.self, rows, range, at: offset)
            case 2: writeIntegers(source, low, UInt16.self, rows, range, at: offset)
            case 4: writeIntegers(source, low, UInt32.self, rows, range, at: offset)
            default: writeIntegers(source, low, UInt64.self, rows, range, at: offset)
            }
        case .float32(let values):
            for index in range {
                targets[index].storeBytes(
                    of: values[Int(rows[index])], toByteOffset: offset, as: Float.self)
            }
        case .float64(let values):
            for index in range {
                targets[index].storeBytes(
                    of: values[Int(rows[index])], toByteOffset: offset, as: Double.self)
            }
        case .wide(let values):
            for index in range {
                targets[index].storeBytes(
                    of: values[Int(rows[index])], toByteOffset: offset, as: Int128.self)
            }
        case .text(let strings): writeTexts(strings, validity, rows, range, at: offset)
        }
    }

    private func writeIntegers<T: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
        _ source: Vector.Integers, _ low: Int64, _ type: T.Type, _ rows: UnsafePointer<UInt16>,
        _ range: Range<Int>, at offset: Int
    ) {
        let targets = log.targets
        let base = source.base &- low
        let (values, multiplier) = (source.values, source.multiplier)
        switch source.lane {
        case .constant:
            let value = T(truncatingIfNeeded: base)
            for index in range {
                targets[index].storeBytes(of: value, toByteOffset: offset, as: T.self)
            }
        case .u8:
            let numbers = values.assumingMemoryBound(to: UInt8.self)
            for index in range {
                let value = base &+ multiplier &* Int64(numbers[Int(rows[index])])
                targets[index].storeBytes(
                    of: T(truncatingIfNeeded: value), toByteOffset: offset, as: T.self)
            }
        case .u16:
            let numbers = values.assumingMemoryBound(to: UInt16.self)
            for index in range {
                let value = base &+ multiplier &* Int64(numbers[Int(rows[index])])
                targets[index].storeBytes(
                    of: T(truncatingIfNeeded: value), toByteOffset: offset, as: T.self)
            }
        case .u32:
            let numbers = values.assumingMemoryBound(to: UInt32.self)
            for index in range {
                let value = base &+ multiplier &* Int64(numbers[Int(rows[index])])
                targets[index].storeBytes(
                    of: T(truncatingIfNeeded: value), toByteOffset: offset, as: T.self)
            }
        case .u64:
            let numbers = values.assumingMemoryBound(to: Int64.self)
            for index in range {
                let value = base &+ multiplier &* numbers[Int(rows[index])]
                targets[index].storeBytes(
                    of: T(truncatingIfNeeded: value), toByteOffset: offset, as: T.self)
            }
        }
    }

    /// Several texts of a record stand one behind the other; `texts` and `distances` move on.
    private func writeTexts(
        _ strings: StringRows, _ validity: UnsafePointer<UInt64>?, _ rows: UnsafePointer<UInt16>,
        _ range: Range<Int>, at offset: Int
    ) {
        for index in range {
            let row = Int(rows[index])
            let isNull = validity.map { !MaskWords.isSet($0, row) } ?? false
            let bytes = isNull ? UnsafeRawBufferPointer(start: nil, count: 0) : strings[row]
            log.targets[index].storeBytes(
                of: log.distances[index], toByteOffset: offset, as: UInt32.self)
            log.targets[index].storeBytes(
                of: UInt32(bytes.count), toByteOffset: offset + 4, as: UInt32.self)
            guard let start = bytes.baseAddress, bytes.count > 0 else { continue }
            log.texts[index].copyMemory(from: start, byteCount: bytes.count)
            log.texts[index] += bytes.count
            log.distances[index] -= UInt32(bytes.count)
        }
    }

    private func writeValidity(
        _ validities: [UnsafePointer<UInt64>?], _ rows: UnsafePointer<UInt16>, _ range: Range<Int>
    ) {
        let (targets, offset) = (log.targets, log.layout.validityOffset)
        for first in stride(from: 0, to: validities.count, by: 8) {
            let part = validities[first..<min(first + 8, validities.count)]
            let place = offset + first / 8
            guard part.contains(where: { $0 != nil }) else {
                for index in range {
                    targets[index].storeBytes(of: 0xFF, toByteOffset: place, as: UInt8.self)
                }
                continue
            }
            for index in range {
                var bits: UInt8 = 0
                for (bit, validity) in part.enumerated() {
                    let isValid = validity.map { MaskWords.isSet($0, Int(rows[index])) } ?? true
                    if isValid { bits |= 1 << UInt8(bit) }
                }
                targets[index].storeBytes(of: bits, toByteOffset: place, as: UInt8.self)
            }
        }
    }
}
