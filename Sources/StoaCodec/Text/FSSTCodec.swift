internal import StoaBase
internal import StoaModel

/// The strings' bytes as codes of up to 255 symbols of one to eight bytes, so that single rows
/// are decoded alone.
///
///     FSST, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor
///         16     8  textByteCount  decoded bytes of all strings, less than 2^32
///         24     4  codeByteCount  of all codes
///         28     2  symbolCount    0 … 255
///         30     2  symbolByteCount  of all symbols together
///         32    32  reserved       0
///         64        symbolLengths  u8 × symbolCount, 1 … 8
///                   symbols        their bytes, one behind the other
///                   codes          a symbol's position; 255: the next byte is itself
///                   child          lengths in codes: numbers, 0 … 1,048,576 each
enum FSSTCodec {
    // MARK: Size

    /// Bytes without the child.
    static func ownByteCount(symbolCount: Int, symbolByteCount: Int, codeByteCount: Int) -> Int {
        NodeDescriptor.padded(
            NodeDescriptor.headerByteCount + NodeDescriptor.aligned(symbolCount)
                + NodeDescriptor.aligned(symbolByteCount) + codeByteCount)
    }

    // MARK: Encode

    static func encode(
        _ plan: FSSTPlan, textByteCount: Int, to target: UnsafeMutableRawPointer
    ) {
        NodeDescriptor(
            encoding: .fsst, lane: NodeDescriptor.stringLane, childCount: 1,
            rowCount: plan.lengths.rowCount, byteCount: plan.byteCount, flags: 0
        ).write(to: target)
        let symbols = plan.table.symbols
        let symbolByteCount = symbols.reduce(0) { $0 + $1.byteCount }
        target.storeBytes(
            of: UInt64(textByteCount).littleEndian, toByteOffset: 16, as: UInt64.self)
        target.storeBytes(
            of: UInt32(plan.codeByteCount).littleEndian, toByteOffset: 24, as: UInt32.self)
        target.storeBytes(
            of: UInt16(symbols.count).littleEndian, toByteOffset: 28, as: UInt16.self)
        target.storeBytes(
            of: UInt16(symbolByteCount).littleEndian, toByteOffset: 30, as: UInt16.self)
        let lengths = target + NodeDescriptor.headerByteCount
        let bytes = lengths + NodeDescriptor.aligned(symbols.count)
        var end = 0
        for (index, symbol) in symbols.enumerated() {
            lengths.storeBytes(of: UInt8(symbol.byteCount), toByteOffset: index, as: UInt8.self)
            for position in 0..<symbol.byteCount {
                bytes.storeBytes(
                    of: UInt8(truncatingIfNeeded: symbol.word &>> UInt64(8 * position)),
                    toByteOffset: end, as: UInt8.self)
                end += 1
            }
        }
        (bytes + NodeDescriptor.aligned(symbolByteCount))
            .copyMemory(from: plan.codes.address, byteCount: plan.codeByteCount)
        plan.lengthsPlan.encode(plan.lengths, to: target + plan.ownByteCount)
    }

    // MARK: Decode

    static func decode(
        _ node: NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        var node = node
        try node.require(childCount: 1)
        try node.requireZeros(from: 32)
        let textByteCount = node.field(16, as: UInt64.self)
        let codeByteCount = Int(node.field(24, as: UInt32.self))
        guard textByteCount <= UInt64(UInt32.max) else { throw node.invalid(.byteCount) }
        let symbols = try decodeSymbols(&node)
        let codes = try node.take(codeByteCount)
        let lengths = try StringLengths(
            NumberCodecs.decode(
                node.takeChild(), depth: NodeDescriptor.depthLimit, workspace),
            byteCount: codeByteCount, owner: node, workspace)
        try node.requireEnd()
        let check = SymbolCheck(symbols, codes)
        lengths.forEachStart(workspace) { check.visitStart($0) }
        try check.finish(node, textByteCount: Int(textByteCount))
        return FSSTNode(
            node.descriptor, symbols, codes: codes.pointer, lengths,
            textByteCount: Int(textByteCount))
    }

    private static func decodeSymbols(_ node: inout NodeBytes) throws(CodecError) -> Symbols {
        let count = Int(node.field(28, as: UInt16.self))
        let byteCount = Int(node.field(30, as: UInt16.self))
        guard count <= SymbolTable.symbolCountLimit else { throw node.invalid(.symbol) }
        let lengths = try node.take(count)
        let bytes = try node.take(byteCount)
        let result = Symbols()
        var start = 0
        for index in 0..<count {
            let length = Int(lengths[index])
            guard length >= 1, length <= SymbolTable.symbolByteCountLimit,
                length <= byteCount - start
            else { throw node.invalid(.symbol) }
            var word: UInt64 = 0
            for position in 0..<length {
                word |= UInt64(bytes[start + position]) << UInt64(8 * position)
            }
            result.words[index] = word
            result.lengths[index] = UInt8(length)
            start += length
        }
        guard start == byteCount else { throw node.invalid(.symbol) }
        return result
    }

    /// Symbols by their code; codes without one have length 0.
    final class Symbols {
        let words: UnsafeMutablePointer<UInt64>
        let lengths: UnsafeMutablePointer<UInt8>

        init() {
            words = .allocate(capacity: 256)
            words.initialize(repeating: 0, count: 256)
            lengths = .allocate(capacity: 256)
            lengths.initialize(repeating: 0, count: 256)
        }

        deinit {
            words.deallocate()
            lengths.deallocate()
        }

        /// Bytes of text of `count` codes.
        func byteCount(_ codes: UnsafeRawPointer, count: Int) -> Int {
            var next = 0, result = 0
            while next < count {
                let code = codes.load(fromByteOffset: next, as: UInt8.self)
                let isEscape = code == SymbolTable.escape
                result &+= isEscape ? 1 : Int(lengths[Int(code)])
                next &+= isEscape ? 2 : 1
            }
            return result
        }

        /// Decodes `count` codes; writes up to 8 bytes for each, and up to 8 behind the last.
        /// Returns the bytes of text.
        @inline(__always)
        func decode(
            _ codes: UnsafeRawPointer, count: Int, to target: UnsafeMutableRawPointer
        ) -> Int {
            let words = words, lengths = lengths
            var next = 0
            var written = 0
            while next < count {
                let code = codes.load(fromByteOffset: next, as: UInt8.self)
                if code != SymbolTable.escape {
                    target.storeBytes(
                        of: words[Int(code)].littleEndian, toByteOffset: written, as: UInt64.self)
                    written &+= Int(lengths[Int(code)])
                    next &+= 1
                } else {
                    target.storeBytes(
                        of: codes.load(fromByteOffset: next &+ 1, as: UInt8.self),
                        toByteOffset: written, as: UInt8.self)
                    written &+= 1
                    next &+= 2
                }
            }
            return written
        }
    }

    private final class FSSTNode: StringNode {
        let symbols: Symbols
        let codes: UnsafeRawPointer
        let lengths: StringLengths
        let byteCount: Int

        init(
            _ descriptor: NodeDescriptor, _ symbols: Symbols, codes: UnsafeRawPointer,
            _ lengths: StringLengths, textByteCount: Int
        ) {
            self.symbols = symbols
            self.codes = codes
            self.lengths = lengths
            byteCount = textByteCount
            super.init(descriptor)
        }

        override var textByteCount: Int { byteCount }

        override func read(
            firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
            _ workspace: DecodeWorkspace
        ) -> UnsafeRawPointer {
            let start = lengths.readOffsets(
                firstRow: firstRow, rowCount: rowCount, into: offsets, workspace)
            let source = codes + start
            let capacity = min(
                Int(offsets[rowCount]) * SymbolTable.symbolByteCountLimit, byteCount)
            let target = workspace.reserveSymbols(capacity)
            var end = 0
            var first = Int(offsets[0])
            for row in 0..<rowCount {
                let next = Int(offsets[row &+ 1])
                let most = (next &- first) &* SymbolTable.symbolByteCountLimit
                if most > capacity &- end {
                    // All rows together take no more, unless codes changed since.
                    let codes = source + first
                    let count = symbols.byteCount(codes, count: next &- first)
                    guard count <= capacity &- end else {
                        DecodingDoubt.add()
                        offsets[row &+ 1] = UInt32(truncatingIfNeeded: end)
                        first = next
                        continue
                    }
                }
                end &+= symbols.decode(source + first, count: next &- first, to: target + end)
                offsets[row &+ 1] = UInt32(truncatingIfNeeded: end)
                first = next
            }
            return UnsafeRawPointer(target)
        }

        override var text: String { "FSST(\(lengths.node.text))" }

        override var children: [NumberNode] { [lengths.node] }
    }
}

/// Decodes every string once: its codes are symbols, it is not too long, and it is UTF-8.
private final class SymbolCheck {
    private let symbols: FSSTCodec.Symbols
    private let codes: Bytes
    private var text = HeapBytes(byteCount: 1 << 12)
    private var start = -1
    private var textByteCount = 0
    private var problem: CodecError?

    init(_ symbols: FSSTCodec.Symbols, _ codes: Bytes) {
        self.symbols = symbols
        self.codes = codes
    }

    /// Checks the string before the one that begins at `next`; they come in rising order.
    func visitStart(_ next: Int) {
        if start >= 0, problem == nil { check(start..<next) }
        start = next
    }

    /// Checks the last string and the size of all, and throws what was found.
    func finish(_ node: NodeBytes, textByteCount expected: Int) throws(CodecError) {
        if start >= 0, problem == nil { check(start..<codes.count) }
        if let problem { throw problem }
        guard textByteCount == expected else { throw node.invalid(.byteCount) }
    }

    private func check(_ range: Range<Int>) {
        var byteCount = 0
        var index = range.lowerBound
        while index < range.upperBound {
            let code = codes[index]
            let isEscape = code == SymbolTable.escape
            let length = isEscape ? 1 : Int(symbols.lengths[Int(code)])
            index += isEscape ? 2 : 1
            guard length > 0, index <= range.upperBound else {
                problem = .invalidField(.fsst, .symbol)
                return
            }
            byteCount += length
        }
        guard byteCount <= Limits.stringByteCountLimit else {
            problem = .invalidField(.fsst, .stringLength)
            return
        }
        if text.byteCount < byteCount { text = HeapBytes(byteCount: byteCount * 2) }
        _ = symbols.decode(
            codes.pointer + range.lowerBound, count: range.count, to: text.address)
        let decoded = UnsafeRawBufferPointer(start: text.address, count: byteCount)
        if !UTF8Check.isValid(decoded) { problem = .notUTF8 }
        textByteCount += byteCount
    }
}
