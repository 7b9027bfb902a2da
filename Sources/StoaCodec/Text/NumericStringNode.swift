internal import StoaBase
internal import StoaModel

/// A checked NUMERIC_STRING node.
final class NumericStringNode: StringNode {
    struct Parts {
        let templates: NumericStringCodec.Templates
        let numbers: NumberNode
        /// Positions of templates; nil: there is one.
        let indexes: NumberNode?
        let exceptionRows: [UInt32]
        let exceptions: StringNode?
        /// The one template of each vector, or `NumericStringCheck.mixed`.
        let vectorTemplates: [Int16]
        let textByteCount: Int
    }

    let parts: Parts
    private let lastingBounds: ClosedRange<Int128>?

    init(_ descriptor: NodeDescriptor, _ parts: Parts) {
        self.parts = parts
        lastingBounds = parts.numbers.lastingBounds
        super.init(descriptor)
    }

    override var textByteCount: Int { parts.textByteCount }

    /// The position of the one template that some rows have; nil: several, or exceptions.
    func template(firstRow: Int, rowCount: Int) -> Int? {
        guard parts.indexes != nil || parts.exceptions != nil else { return 0 }
        let vectors =
            firstRow / Limits.vectorRows...(firstRow + rowCount - 1) / Limits.vectorRows
        let first = parts.vectorTemplates[vectors.lowerBound]
        guard first != NumericStringCheck.mixed,
            parts.vectorTemplates[vectors].allSatisfy({ $0 == first })
        else { return nil }
        return Int(first)
    }

    override func readNumbered(
        firstRow: Int, rowCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> (numbers: Vector.Integers, template: NumberTemplate)? {
        guard rowCount > 0, let position = template(firstRow: firstRow, rowCount: rowCount),
            let template = parts.templates.shared[position]
        else { return nil }
        let numbers = Self.read(parts.numbers, firstRow, rowCount, into: target, workspace)
        return numbersFit(numbers, rowCount, template) ? (numbers, template) : nil
    }

    /// Whether numbers have no more digits than their template, which users of numbers rely on:
    /// unless they changed since they were checked.
    private func numbersFit(
        _ numbers: Vector.Integers, _ rowCount: Int, _ template: NumberTemplate
    ) -> Bool {
        let limit = Int128(template.numberLimit)
        if let bounds = lastingBounds, bounds.lowerBound >= 0, bounds.upperBound < limit {
            return true
        }
        let fit = CodeBounds.hold(numbers, rowCount: rowCount, below: Int(clamping: limit))
        if !fit { DecodingDoubt.add() }
        return fit
    }

    override func gatherNumbered(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> (numbers: Vector.Integers, template: NumberTemplate)? {
        guard parts.indexes == nil, parts.exceptions == nil,
            let template = parts.templates.shared[0]
        else { return nil }
        let numbers = parts.numbers.gather(rows, count: count, into: target, workspace)
        return numbersFit(numbers, count, template) ? (numbers, template) : nil
    }

    override func match(
        _ test: StringTest, firstRow: Int, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>,
        _ workspace: DecodeWorkspace
    ) -> Bool {
        matchTemplates(
            test, firstRow: firstRow, rowCount: rowCount, into: mask, workspace)
    }

    /// Numbers of rows that begin anywhere.
    static func read(
        _ node: NumberNode, _ firstRow: Int, _ rowCount: Int,
        into target: UnsafeMutableRawPointer, _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let firstVector = firstRow / Limits.vectorRows
        let vectorCount = (firstRow + rowCount - 1) / Limits.vectorRows - firstVector + 1
        invariant(
            vectorCount <= DecodeWorkspace.vectorCountLimit, "a read fits the workspace")
        var numbers = node.read(
            firstVector: firstVector, vectorCount: vectorCount, into: target, workspace)
        let skipped = firstRow - firstVector * Limits.vectorRows
        numbers.values += skipped * numbers.lane.byteCount
        return numbers
    }

    override func read(
        firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> UnsafeRawPointer {
        let position = rowCount > 0 ? template(firstRow: firstRow, rowCount: rowCount) : nil
        guard let position, let template = parts.templates.shared[position] else {
            return readMixed(firstRow: firstRow, rowCount: rowCount, offsets: offsets, workspace)
        }
        let numbers = Self.read(
            parts.numbers, firstRow, rowCount, into: workspace.numbers.address, workspace)
        let length = template.byteCount
        for row in 0...rowCount { offsets[row] = UInt32(truncatingIfNeeded: row &* length) }
        let target = workspace.reserveWritten(rowCount * length)
        NumberedText.write(numbers, template, rowCount: rowCount, into: target)
        return UnsafeRawPointer(target)
    }

    override var text: String {
        var parts = [self.parts.numbers.text]
        if let indexes = self.parts.indexes { parts.append(indexes.text) }
        if let exceptions = self.parts.exceptions { parts.append(exceptions.text) }
        return "NUMERIC_STRING(\(parts.joined(separator: ", ")))"
    }

    override var children: [NumberNode] {
        [parts.numbers] + (parts.indexes.map { [$0] } ?? [])
    }

    override var textChildren: [StringNode] { parts.exceptions.map { [$0] } ?? [] }

    // MARK: Rows of several templates

    private func readMixed(
        firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> UnsafeRawPointer {
        offsets[0] = 0
        guard rowCount > 0 else { return UnsafeRawPointer(offsets) }
        let numbers = Self.read(
            parts.numbers, firstRow, rowCount, into: workspace.numbers.address, workspace)
        let positions = parts.indexes.map {
            Self.read($0, firstRow, rowCount, into: workspace.positions.address, workspace)
        }
        let rows = readExceptions(firstRow: firstRow, rowCount: rowCount, workspace)
        var next = 0
        var end: UInt32 = 0
        for row in 0..<rowCount {
            if next < rows.count, rows.row(next) == firstRow &+ row {
                end &+= UInt32(truncatingIfNeeded: rows.string(next).count)
                next &+= 1
            } else {
                let position = template(positions?.pattern(row))
                end &+= UInt32(
                    truncatingIfNeeded: parts.templates.prefixCounts[position]
                        &+ parts.templates.digitCounts[position])
            }
            offsets[row &+ 1] = end
        }
        let target = workspace.reserveWritten(Int(end))
        next = 0
        for row in 0..<rowCount {
            let string = target + Int(offsets[row])
            if next < rows.count, rows.row(next) == firstRow &+ row {
                let source = rows.string(next)
                UnsafeMutableRawBufferPointer(start: string, count: source.count)
                    .copyMemory(from: source)
                next &+= 1
            } else {
                let position = template(positions?.pattern(row))
                write(position, numbers.pattern(row), to: string)
            }
        }
        return UnsafeRawPointer(target)
    }

    /// The position of a template; some other one when it changed since it was checked.
    @inline(__always)
    private func template(_ pattern: UInt64?) -> Int {
        let last = UInt64(parts.templates.count &- 1)
        return Int(truncatingIfNeeded: min(pattern ?? 0, last))
    }

    /// Writes one string and up to seven bytes more, which the next string writes over.
    @inline(__always)
    private func write(_ position: Int, _ number: UInt64, to target: UnsafeMutableRawPointer) {
        let prefix = UnsafeRawPointer(
            parts.templates.prefixes.address + parts.templates.starts[position])
        let prefixCount = parts.templates.prefixCounts[position]
        let digitCount = parts.templates.digitCounts[position]
        var index = 0
        while index < prefixCount {
            target.storeBytes(
                of: prefix.loadUnaligned(fromByteOffset: index, as: UInt64.self),
                toByteOffset: index, as: UInt64.self)
            index &+= 8
        }
        if digitCount > 0 {
            NumberedText.writeDigits(number, digitCount, to: target + prefixCount)
        }
    }

    /// The exceptions among some rows.
    struct ExceptionStrings {
        let rows: ArraySlice<UInt32>
        let offsets: UnsafePointer<UInt32>
        let bytes: UnsafeRawPointer

        var count: Int { rows.count }

        @inline(__always)
        func row(_ index: Int) -> Int { Int(rows[rows.startIndex &+ index]) }

        @inline(__always)
        func string(_ index: Int) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                start: bytes + Int(offsets[index]),
                count: Int(offsets[index &+ 1] &- offsets[index]))
        }
    }

    func readExceptions(
        firstRow: Int, rowCount: Int, _ workspace: DecodeWorkspace
    ) -> ExceptionStrings {
        let first = parts.exceptionRows.firstPosition(notBelow: UInt32(firstRow))
        let end = parts.exceptionRows.firstPosition(notBelow: UInt32(firstRow + rowCount))
        let offsets = workspace.innerOffsets.address.assumingMemoryBound(to: UInt32.self)
        var bytes = UnsafeRawPointer(offsets)
        if end > first, let exceptions = parts.exceptions {
            bytes = exceptions.read(
                firstRow: first, rowCount: end - first, offsets: offsets, workspace)
        }
        return ExceptionStrings(
            rows: parts.exceptionRows[first..<end], offsets: UnsafePointer(offsets), bytes: bytes)
    }
}

extension Array where Element == UInt32 {
    /// The position of the first element of a rising array that is at least `value`.
    func firstPosition(notBelow value: UInt32) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
