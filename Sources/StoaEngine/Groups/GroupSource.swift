internal import StoaBase
internal import StoaCompute
internal import StoaModel

/// Finished groups as columns: the keys, then the aggregates.
final class GroupSource: ColumnSource {
    private let aggregation: Aggregation
    private let buffers: [ResultBuffers]
    private var values: [Value?]
    private let allRows: UnsafeMutablePointer<UInt64>
    private var groups: UnsafePointer<UInt32>
    private var states: GroupStates?
    private var count = 0

    init(_ aggregation: Aggregation, scratch: Scratch) throws(ServiceError) {
        self.aggregation = aggregation
        let columnCount = aggregation.keys.count + aggregation.aggregates.count
        var buffers: [ResultBuffers] = []
        for _ in 0..<columnCount { buffers.append(try ResultBuffers(scratch: scratch)) }
        self.buffers = buffers
        values = [Value?](repeating: nil, count: columnCount)
        allRows = try scratch.takeMask()
        groups = UnsafePointer(try scratch.take(UInt32.self))
        super.init()
    }

    /// Makes `count` groups the current batch.
    func begin(_ states: GroupStates, groups: UnsafePointer<UInt32>, count: Int) -> Frame {
        self.states = states
        self.groups = groups
        self.count = count
        for index in values.indices { values[index] = nil }
        MaskWords.fill(allRows, rowCount: count)
        return frame(rowCount: count, selection: allRows)
    }

    /// Lets go of the groups.
    func end() {
        states = nil
        for index in values.indices { values[index] = nil }
    }

    override func column(_ index: Int) throws(ServiceError) -> Value {
        if let value = values[index] { return value }
        guard let states else { return try super.column(index) }
        let keyCount = aggregation.keys.count
        let value =
            index < keyCount
            ? try key(index, states)
            : try states.runners[index - keyCount].results(
                groups, count: count, into: buffers[index])
        values[index] = value
        return value
    }

    private func key(
        _ index: Int, _ states: GroupStates
    ) throws(ServiceError) -> Value {
        if let slots = aggregation.slots { return try digits(slots, index, states) }
        let key = aggregation.layout.keys[index]
        let table = states.table
        let groups = groups
        let isNull = { (row: Int) -> Bool in
            let words = table.key(Int(groups[row]))
            if let nullWord = key.nullWord { return words[nullWord] & key.nullBit != 0 }
            switch key.kind {
            case .string: return words[key.word] == KeyLayout.nullString
            case .float: return words[key.word] == KeyLayout.nullPattern
            case .number:
                // INT64 and UINT64 say NULL by a bit, or have none.
                return key.type != .int64 && key.type != .uint64
                    && words[key.word] == KeyLayout.nullPattern
            case .wide: return false
            }
        }
        let word = { (row: Int) in table.key(Int(groups[row]))[key.word] }
        let buffers = buffers[index]
        switch key.kind {
        case .number:
            return try buffers.integers(count: count) { row in
                isNull(row) ? nil : Int64(bitPattern: word(row))
            }
        case .float:
            return try buffers.floats(count: count) { row in
                isNull(row) ? nil : OrderKey.float(Int64(bitPattern: word(row)))
            }
        case .wide:
            return try buffers.wide(count: count) { row throws(ServiceError) in
                if isNull(row) { return nil }
                let words = table.key(Int(groups[row]))
                return Int128(Int64(bitPattern: words[key.word + 1])) << 64
                    | Int128(words[key.word])
            }
        case .string where key.stringWord != nil:
            return try buffers.strings(count: count) { row in
                isNull(row) ? nil : Self.carried(key, table.key(Int(groups[row])))
            }
        case .string:
            let tokens = aggregation.tokens[index].writer()
            var bytes: [UInt8] = []
            var ends = [0]
            for row in 0..<count {
                if !isNull(row) { tokens.append(word(row), to: &bytes) }
                ends.append(bytes.count)
            }
            let count = count
            return try bytes.withUnsafeBufferPointer { all throws(ServiceError) in
                try buffers.strings(count: count) { row in
                    isNull(row)
                        ? nil
                        : UnsafeRawBufferPointer(
                            UnsafeBufferPointer(rebasing: all[ends[row]..<ends[row + 1]]))
                }
            }
        }
    }

    /// The string of a key that carries it, or is it.
    private static func carried(
        _ key: KeyLayout.Key, _ words: UnsafePointer<UInt64>
    ) -> UnsafeRawBufferPointer {
        if let byteCount = StringTokens.inlineByteCount(words[key.word]) {
            // The string's bytes are the lower ones of its token.
            return UnsafeRawBufferPointer(start: words + key.word, count: byteCount)
        }
        let word = key.stringWord ?? key.word
        // SAFETY: the words are those of a string that the table keeps.
        return UnsafeRawBufferPointer(
            start: UnsafeRawPointer(bitPattern: UInt(words[word])), count: Int(words[word + 1]))
    }

    /// A key that is a digit of the groups' slots.
    private func digits(
        _ slots: SlotPlan, _ index: Int, _ states: GroupStates
    ) throws(ServiceError) -> Value {
        let (groups, key) = (groups, slots.keys[index])
        if case .strings(let union) = key.source {
            return try buffers[index].strings(count: count) { row in
                slots.digit(states.slot(Int(groups[row])), ofKey: index).map { union.bytes($0) }
            }
        }
        if case .numbers(let low) = key.source, !key.hasNull, slots.keys.count == 1 {
            let numbers = try buffers[index].integerValues()
            for row in 0..<count {
                numbers[row] = low &+ Int64(bitPattern: states.slot(Int(groups[row])))
            }
            return try buffers[index].integers(count: count, validity: nil)
        }
        return try buffers[index].integers(count: count) { row in
            slots.digit(states.slot(Int(groups[row])), ofKey: index).map { key.number($0) }
        }
    }
}
