package import StoaBase
package import StoaModel

/// Reads one encoded block. Everything about its bytes is checked once, when it is made, at
/// about the cost of reading the block; reading then checks nothing. Make one per block and keep
/// it. Any number of threads may read at once, each with a scratch of its own.
///
///     block
///     root node    a multiple of 64 bytes, see NodeDescriptor
///     64 zeros     so that kernels may read behind any array
package final class BlockReader: @unchecked Sendable {
    // SAFETY: nothing here changes after `init`; `bytes` keeps the memory of the nodes alive.
    /// Zero bytes behind the root node.
    static let tailByteCount = 64

    package let rowCount: Int
    package let kind: BlockKind
    private let bytes: Bytes
    let dictionary: StringDictionary?
    let validity: Validity?
    let content: Content
    let root: NodeDescriptor
    /// Whether no byte of the block can make a code that the dictionary lacks.
    private var codesAreBounded = false

    enum Content {
        case allNull
        case numbers(NumberNode)
        case strings(StringNode)
    }

    /// Checks a block; any bytes may come, none trap. They are copied when they do not start at
    /// a multiple of 64. `dictionary` is needed for `.codes` and ignored otherwise.
    package init(
        _ input: Bytes, kind: BlockKind, rowCount: Int, dictionary: StringDictionary?
    ) throws(CodecError) {
        let isAligned = UInt(bitPattern: input.pointer) % 64 == 0
        bytes = isAligned ? input : input.withUnsafeBytes { Bytes(copying: $0) }
        self.rowCount = rowCount
        self.kind = kind
        self.dictionary = dictionary
        let workspace = DecodeWorkspace()
        var node = try Self.rootNode(bytes, rowCount: rowCount)
        root = node.descriptor
        guard try !ConstantCodec.isAllNull(node) else {
            validity = nil
            content = .allNull
            return
        }
        var depth = NodeDescriptor.depthLimit
        if root.encoding == .masked || root.encoding == .nullable {
            let validity = try MaskedCodec.decode(&node)
            let child = try node.takeChild()
            try node.requireEnd()
            guard
                child.descriptor.lane == NodeDescriptor.stringLane
                    ? root.lane == NodeDescriptor.stringLane : root.lane == 0
            else { throw node.invalid(.lane) }
            let expected = root.encoding == .masked ? validity.validCount : rowCount
            guard child.descriptor.rowCount == expected else {
                throw .rowCountMismatch(expected: expected, found: child.descriptor.rowCount)
            }
            self.validity = validity
            node = child
            depth -= 1
        } else {
            validity = nil
        }
        if kind == .strings {
            content = .strings(try TextCodecs.decode(node, depth: depth, workspace))
        } else {
            content = .numbers(try NumberCodecs.decode(node, depth: depth, workspace))
        }
        if kind == .codes { try checkCodes(workspace) }
    }

    private static func rootNode(
        _ bytes: Bytes, rowCount: Int
    ) throws(CodecError) -> NodeBytes {
        guard rowCount >= 1, rowCount <= Limits.blockRowsLimit else {
            throw .rowCountMismatch(expected: Limits.blockRowsLimit, found: rowCount)
        }
        let node = try NodeBytes(bytes, at: 0, blockOffset: 0)
        guard node.bytes.count + tailByteCount == bytes.count else {
            throw .wrongByteCount(offset: node.bytes.count)
        }
        for index in node.bytes.count..<bytes.count where bytes[index] != 0 {
            throw .invalidField(node.descriptor.encoding, .reserved)
        }
        guard node.descriptor.rowCount == rowCount else {
            throw .rowCountMismatch(expected: rowCount, found: node.descriptor.rowCount)
        }
        return node
    }

    private func checkCodes(_ workspace: DecodeWorkspace) throws(CodecError) {
        guard case .numbers(let node) = content else { return }
        guard let dictionary else { throw .codeOutOfRange }
        guard node.isBelow(UInt64(dictionary.count), workspace) else { throw .codeOutOfRange }
        if let bounds = node.lastingBounds, bounds.lowerBound >= 0,
            bounds.upperBound < Int128(dictionary.count)
        {
            codesAreBounded = true
        }
    }

    /// What the values of a block of integers lie between, read as signed, whatever happens to its
    /// bytes after the check; nil when a reader has to look at the values.
    package var lastingBounds: ClosedRange<Int128>? {
        guard case .numbers(let node) = content else { return nil }
        return node.lastingBounds
    }

    /// Codes for their users, who look them up in tables of the dictionary's size: each is below
    /// its count, also when the block's bytes changed since they were checked.
    func codes(_ numbers: Vector.Integers, rowCount: Int) -> Vector.Content {
        let dictionary = dictionary ?? .empty
        if codesAreBounded || CodeBounds.hold(numbers, rowCount: rowCount, below: dictionary.count)
        {
            return .codes(numbers, dictionary)
        }
        DecodingDoubt.add()
        return .codes(Vector.Integers(lane: .constant, values: numbers.values), dictionary)
    }

    // MARK: Reading

    /// Decodes `rowCount` ≤ 4,096 rows from `firstRow`, a multiple of 1,024. The vector points
    /// into the scratch or into the block, and is valid until the next read with this scratch.
    package func read(
        firstRow: Int, rowCount: Int, into scratch: VectorScratch
    ) -> Vector {
        invariant(
            firstRow >= 0 && firstRow % Limits.vectorRows == 0, "reads start at whole vectors")
        invariant(
            rowCount >= 1 && rowCount <= Limits.batchRows
                && firstRow + rowCount <= self.rowCount, "reads end inside the block")
        let workspace = DecodeWorkspace.of(scratch)
        switch content {
        case .allNull: return readNulls(rowCount: rowCount, scratch)
        case .strings(let node):
            return readStrings(node, firstRow: firstRow, rowCount: rowCount, scratch, workspace)
        case .numbers(let node):
            return readNumbers(node, firstRow: firstRow, rowCount: rowCount, scratch, workspace)
        }
    }

    /// The validity of some rows; nil when none of them is null.
    private func validityWords(firstRow: Int, rowCount: Int) -> UnsafePointer<UInt64>? {
        guard let validity else { return nil }
        let vector = firstRow / Limits.vectorRows
        let last = NumberNode.vectorCount(firstRow + rowCount)
        if (firstRow + rowCount) % Limits.vectorRows == 0 || firstRow + rowCount == self.rowCount,
            validity.ranks[last] - validity.ranks[vector] == rowCount
        {
            return nil
        }
        return validity.words + firstRow / 64
    }

    func readNulls(rowCount: Int, _ scratch: VectorScratch) -> Vector {
        scratch.validity.update(repeating: 0, count: (rowCount + 63) / 64)
        let values = UnsafeRawPointer(scratch.values)
        let zeros = Vector.Integers(lane: .constant, values: values)
        let content: Vector.Content
        switch kind {
        case .integers: content = .integers(zeros)
        case .codes: content = .codes(zeros, dictionary ?? .empty)
        case .float32, .float64:
            scratch.values.initializeMemory(as: UInt8.self, repeating: 0, count: rowCount * 8)
            content =
                kind == .float32
                ? .float32(values.assumingMemoryBound(to: Float.self))
                : .float64(values.assumingMemoryBound(to: Double.self))
        case .strings:
            scratch.offsets.update(repeating: 0, count: rowCount + 1)
            content = .strings(offsets: UnsafePointer(scratch.offsets), bytes: values)
        }
        return Vector(
            rowCount: rowCount, content: content, validity: UnsafePointer(scratch.validity))
    }

    private func readNumbers(
        _ node: NumberNode, firstRow: Int, rowCount: Int, _ scratch: VectorScratch,
        _ workspace: DecodeWorkspace
    ) -> Vector {
        let words = validityWords(firstRow: firstRow, rowCount: rowCount)
        let isFloat = kind == .float32 || kind == .float64
        // Floats that are not read in place take one more step, from the auxiliary buffer.
        let target = isFloat ? scratch.auxiliary : scratch.values
        let numbers: Vector.Integers
        if root.encoding == .masked, let validity {
            numbers = readMasked(
                node, validity, rows: firstRow..<firstRow + rowCount, into: target, workspace)
        } else {
            numbers = node.read(
                firstVector: firstRow / Limits.vectorRows,
                vectorCount: NumberNode.vectorCount(rowCount), into: target, workspace)
        }
        let content: Vector.Content
        switch kind {
        case .float32:
            content = .float32(FloatPatterns.float32(numbers, rowCount, into: scratch.values))
        case .float64:
            content = .float64(FloatPatterns.float64(numbers, rowCount, into: scratch.values))
        case .codes: content = codes(numbers, rowCount: rowCount)
        case .integers, .strings: content = .integers(numbers)
        }
        return Vector(rowCount: rowCount, content: content, validity: words)
    }

    /// Reads the values of the rows that are not null and spreads them over all.
    private func readMasked(
        _ node: NumberNode, _ validity: Validity, rows: Range<Int>,
        into target: UnsafeMutableRawPointer, _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let first = validity.rank(rows.lowerBound)
        let count = validity.rank(rows.upperBound) - first
        guard count > 0 else {
            return Vector.Integers(lane: .constant, values: UnsafeRawPointer(target))
        }
        let firstVector = first / Limits.vectorRows
        var numbers = workspace.readOuter(
            node, firstVector..<NumberNode.vectorCount(first + count))
        let skipped = (first - firstVector * Limits.vectorRows) * numbers.lane.byteCount
        MaskedCodec.expand(
            numbers.values + skipped, count: count,
            validity: validity.words + rows.lowerBound / 64, rowCount: rows.count, into: target,
            lane: numbers.lane)
        numbers.values = UnsafeRawPointer(target)
        return numbers
    }

    private func readStrings(
        _ node: StringNode, firstRow: Int, rowCount: Int, _ scratch: VectorScratch,
        _ workspace: DecodeWorkspace
    ) -> Vector {
        let words = validityWords(firstRow: firstRow, rowCount: rowCount)
        let rows = firstRow..<firstRow + rowCount
        if let numbered = readNumbered(node, rows: rows, scratch, workspace) {
            return Vector(rowCount: rowCount, content: numbered, validity: words)
        }
        let bytes: UnsafeRawPointer
        if root.encoding == .masked, let validity {
            let first = validity.rank(firstRow)
            let count = validity.rank(firstRow + rowCount) - first
            let offsets = workspace.offsets.address.assumingMemoryBound(to: UInt32.self)
            offsets[0] = 0
            bytes =
                count == 0
                ? UnsafeRawPointer(offsets)
                : node.read(
                    firstRow: first, rowCount: count, offsets: offsets, workspace)
            var next = 0
            for row in 0..<rowCount {
                scratch.offsets[row] = offsets[next]
                let position = firstRow &+ row
                next &+= Int(validity.words[position &>> 6] &>> UInt64(position & 63) & 1)
                // There are as many as were counted, unless the words changed since.
                next = min(next, count)
            }
            scratch.offsets[rowCount] = offsets[next]
        } else {
            bytes = node.read(
                firstRow: firstRow, rowCount: rowCount, offsets: scratch.offsets, workspace)
        }
        return Vector(
            rowCount: rowCount,
            content: .strings(offsets: UnsafePointer(scratch.offsets), bytes: bytes),
            validity: words)
    }

    /// Strings as numbers, when the rows have one template.
    private func readNumbered(
        _ node: StringNode, rows: Range<Int>, _ scratch: VectorScratch,
        _ workspace: DecodeWorkspace
    ) -> Vector.Content? {
        guard root.encoding == .masked, let validity else {
            return node.readNumbered(
                firstRow: rows.lowerBound, rowCount: rows.count, into: scratch.values, workspace
            ).map { .numbered($0.numbers, $0.template) }
        }
        let first = validity.rank(rows.lowerBound)
        let count = validity.rank(rows.upperBound) - first
        workspace.forgetOuter()
        guard count > 0,
            let found = node.readNumbered(
                firstRow: first, rowCount: count, into: workspace.outer.address, workspace)
        else { return nil }
        var numbers = found.numbers
        MaskedCodec.expand(
            numbers.values, count: count, validity: validity.words + rows.lowerBound / 64,
            rowCount: rows.count, into: scratch.values, lane: numbers.lane)
        numbers.values = UnsafeRawPointer(scratch.values)
        return .numbered(numbers, found.template)
    }
}

extension BlockReader {
    /// One node of a block's tree, for `stoa inspect`.
    package struct NodeSummary: Sendable {
        /// 0 at the root.
        package var depth: Int
        package var encoding: Encoding
        package var rowCount: Int
        /// With the node's children.
        package var byteCount: Int
        /// The node and its children in words.
        package var text: String
    }

    /// The encoding tree in words, for example `MASKED(FOR u16 w≤11)`.
    package var description: String {
        let inner: String
        switch content {
        case .allNull: return "CONST null"
        case .numbers(let node): inner = node.text
        case .strings(let node): inner = node.text
        }
        return validity == nil ? inner : "\(root.encoding.name)(\(inner))"
    }

    /// How the block is encoded at its root.
    package var rootEncoding: Encoding { root.encoding }

    /// Rows that are null.
    package var nullCount: Int {
        if case .allNull = content { return rowCount }
        return validity?.nullCount ?? 0
    }

    /// Every node, parents before their children.
    package func nodes() -> [NodeSummary] {
        var result: [NodeSummary] = []
        func add(_ descriptor: NodeDescriptor, _ text: String, depth: Int) {
            result.append(
                NodeSummary(
                    depth: depth, encoding: descriptor.encoding, rowCount: descriptor.rowCount,
                    byteCount: descriptor.byteCount, text: text))
        }
        func add(_ node: NumberNode, depth: Int) {
            add(node.descriptor, node.text, depth: depth)
            for child in node.children { add(child, depth: depth + 1) }
        }
        func add(_ node: StringNode, depth: Int) {
            add(node.descriptor, node.text, depth: depth)
            for child in node.children { add(child, depth: depth + 1) }
            for child in node.textChildren { add(child, depth: depth + 1) }
        }
        let depth = validity == nil ? 0 : 1
        switch content {
        case .allNull: add(root, description, depth: 0)
        case .numbers(let node):
            if validity != nil { add(root, description, depth: 0) }
            add(node, depth: depth)
        case .strings(let node):
            if validity != nil { add(root, description, depth: 0) }
            add(node, depth: depth)
        }
        return result
    }
}
