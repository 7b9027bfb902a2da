internal import StoaBase
internal import StoaModel

/// Strings taken apart into templates and numbers, in one pass.
struct NumericStringSplit {
    /// Stands for the template of a row that has none.
    private static let none = UInt16.max
    /// Rows that the first look takes.
    private static let sampleCount = 256

    private(set) var templates: [NumericStringPlan.Template] = []
    /// Rows of each template.
    private(set) var rowCounts: [Int] = []
    private let numbers: NumberBuffer
    private var positions: [UInt16]

    /// Nil when half of some strings have no digits at their end, or one row in eight fits none of
    /// 256 templates.
    init?(_ input: TextInput) {
        guard Self.isWorthTrying(input) else { return nil }
        let rowCount = input.rowCount
        numbers = NumberBuffer(capacity: rowCount)
        positions = Array(repeating: Self.none, count: rowCount)
        var table = TemplateTable()
        var exceptionCount = 0
        let exceptionLimit = max(16, rowCount / 8)
        var start = 0
        for row in 0..<rowCount {
            let length = Int(truncatingIfNeeded: input.lengths.values[row])
            let string = UnsafeRawBufferPointer(start: input.bytes + start, count: length)
            start &+= length
            let (digitCount, number) = NumberTemplate.split(string)
            let prefix = UnsafeRawBufferPointer(
                start: string.baseAddress, count: length &- digitCount)
            if let position = table.position(prefix, digitCount: digitCount) {
                positions[row] = UInt16(truncatingIfNeeded: position)
                numbers.pointer[row] = number
            } else {
                exceptionCount &+= 1
                if exceptionCount > exceptionLimit { return nil }
            }
        }
        templates = table.templates
        rowCounts = table.rowCounts
    }

    private static func isWorthTrying(_ input: TextInput) -> Bool {
        let step = max(1, input.rowCount / sampleCount)
        var start = 0
        var seenCount = 0, digitCount = 0
        for row in 0..<input.rowCount {
            let length = Int(truncatingIfNeeded: input.lengths.values[row])
            start &+= length
            guard row % step == 0 else { continue }
            seenCount &+= 1
            let last =
                length == 0 ? 0 : input.bytes.load(fromByteOffset: start &- 1, as: UInt8.self)
            digitCount &+= last >= 0x30 && last <= 0x39 ? 1 : 0
        }
        return digitCount * 2 > seenCount
    }

    /// Every row with the places that its templates got; rows whose template has none are
    /// exceptions. They, and strings without digits, repeat the number before them.
    func rows(
        _ places: [UInt64?], rowCount: Int
    ) -> (numbers: NumberInput, indexes: NumberInput, exceptionRows: [UInt32]) {
        let values = NumberBuffer(capacity: rowCount), indexes = NumberBuffer(capacity: rowCount)
        var exceptionRows: [UInt32] = []
        var number: UInt64 = 0, index: UInt64 = 0
        // What stands before the first row repeats that.
        let hasNumber = templates.indices.map { places[$0] != nil && templates[$0].digitCount > 0 }
        if let first = positions.firstIndex(where: { $0 != Self.none && hasNumber[Int($0)] }) {
            number = numbers.pointer[first]
            index = places[Int(positions[first])] ?? 0
        }
        for row in 0..<rowCount {
            let position = positions[row]
            if position != Self.none, let place = places[Int(position)] {
                index = place
                if hasNumber[Int(position)] { number = numbers.pointer[row] }
            } else {
                exceptionRows.append(UInt32(row))
            }
            values.pointer[row] = number
            indexes.pointer[row] = index
        }
        return (
            NumberInput(values, rowCount: rowCount, isUnsigned: false),
            NumberInput(indexes, rowCount: rowCount, isUnsigned: false), exceptionRows
        )
    }
}

/// The templates met so far, found by hash.
private struct TemplateTable {
    private static let slotCount = 1_024
    private(set) var templates: [NumericStringPlan.Template] = []
    private(set) var rowCounts: [Int] = []
    /// Positions plus one; 0: free.
    private var slots = [UInt16](repeating: 0, count: Self.slotCount)
    private var last = -1

    /// The position of a template, a new one if need be; nil when it is too long, or one too
    /// many.
    @inline(__always)
    mutating func position(_ prefix: UnsafeRawBufferPointer, digitCount: Int) -> Int? {
        if last >= 0, isSame(last, prefix, digitCount) {
            rowCounts[last] &+= 1
            return last
        }
        return find(prefix, digitCount)
    }

    @inline(__always)
    private func isSame(
        _ position: Int, _ prefix: UnsafeRawBufferPointer, _ digitCount: Int
    ) -> Bool {
        let template = templates[position]
        guard template.digitCount == digitCount, template.prefix.count == prefix.count else {
            return false
        }
        return template.prefix.withUnsafeBytes { TextStatistics.order($0, prefix) == 0 }
    }

    @inline(never)
    private mutating func find(_ prefix: UnsafeRawBufferPointer, _ digitCount: Int) -> Int? {
        guard prefix.count <= NumberTemplate.prefixByteCountLimit else { return nil }
        var hash = UInt64(digitCount) &* 0x9E37_79B9_7F4A_7C15
        for byte in prefix { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash ^= hash &>> 29
        var slot = Int(truncatingIfNeeded: hash & UInt64(Self.slotCount - 1))
        while slots[slot] != 0 {
            let position = Int(slots[slot]) - 1
            if isSame(position, prefix, digitCount) {
                last = position
                rowCounts[position] += 1
                return position
            }
            slot = (slot + 1) & (Self.slotCount - 1)
        }
        guard templates.count < NumericStringCodec.templateCountLimit else { return nil }
        templates.append(.init(prefix: [UInt8](prefix), digitCount: digitCount))
        rowCounts.append(1)
        slots[slot] = UInt16(templates.count)
        last = templates.count - 1
        return last
    }
}
