internal import StoaBase
internal import StoaModel

/// Strings as templates (a prefix and how many digits follow) and one child of numbers, which
/// goes through all encodings of numbers: order ids cost what their numbers cost.
///
///     NUMERIC_STRING, revision 1; lane 16
///     offset  size  field
///          0    16  descriptor      flags bit 0: a child of template positions,
///                                   bit 1: a child of exceptions
///         16     4  templateCount   1 … 256; more than 1 exactly with bit 0
///         20     4  exceptionCount  at least 1 exactly with bit 1
///         24     4  prefixByteCount of all prefixes together
///         28    36  reserved        0
///         64        templates       per template: prefix length u8, digits u8 0 … 18, u16 0
///                   prefixes        UTF-8, one behind the other
///                   exceptionRows   u32 × exceptionCount, rising
///                   child           numbers: rowCount, each below 10^digits of its template;
///                                   anything where there are no digits, or at an exception
///                   child           template positions: rowCount
///                   child           exceptions: exceptionCount strings, not NUMERIC_STRING
///
/// The digits are all trailing digits of the string, at most 18: a prefix ends with a digit only
/// before 18 of them. No template stands there twice. So a string has one form, and equal
/// strings of a block have equal numbers.
enum NumericStringCodec {
    static let templateCountLimit = 256
    static let indexFlag: UInt16 = 1
    static let exceptionFlag: UInt16 = 2

    // MARK: Size

    /// Bytes without the children.
    static func ownByteCount(
        templateCount: Int, prefixByteCount: Int, exceptionCount: Int
    ) -> Int {
        NodeDescriptor.padded(
            NodeDescriptor.headerByteCount + NodeDescriptor.aligned(templateCount * 4)
                + NodeDescriptor.aligned(prefixByteCount) + exceptionCount * 4)
    }

    // MARK: Encode

    static func encode(_ plan: NumericStringPlan, to target: UnsafeMutableRawPointer) {
        var flags: UInt16 = plan.indexes == nil ? 0 : indexFlag
        if plan.exceptions != nil { flags |= exceptionFlag }
        NodeDescriptor(
            encoding: .numericString, lane: NodeDescriptor.stringLane,
            childCount: UInt8(1 + flags.nonzeroBitCount), rowCount: plan.numbers.rowCount,
            byteCount: plan.byteCount, flags: flags
        ).write(to: target)
        let fields = [plan.templates.count, plan.exceptionRows.count, plan.prefixByteCount]
        for (index, field) in fields.enumerated() {
            target.storeBytes(
                of: UInt32(field).littleEndian, toByteOffset: 16 + index * 4, as: UInt32.self)
        }
        var array = target + NodeDescriptor.headerByteCount
        let prefixes = array + NodeDescriptor.aligned(plan.templates.count * 4)
        var end = 0
        for template in plan.templates {
            array.storeBytes(of: UInt8(template.prefix.count), as: UInt8.self)
            array.storeBytes(of: UInt8(template.digitCount), toByteOffset: 1, as: UInt8.self)
            array += 4
            template.prefix.withUnsafeBytes {
                UnsafeMutableRawBufferPointer(start: prefixes + end, count: $0.count)
                    .copyMemory(from: $0)
            }
            end += template.prefix.count
        }
        let rows = prefixes + NodeDescriptor.aligned(plan.prefixByteCount)
        for (index, row) in plan.exceptionRows.enumerated() {
            Lane.u32.store(UInt64(row), to: rows, index)
        }
        encodeChildren(plan, to: target + plan.ownByteCount)
    }

    private static func encodeChildren(
        _ plan: NumericStringPlan, to target: UnsafeMutableRawPointer
    ) {
        let rowCount = plan.numbers.rowCount
        plan.numbersPlan.encode(plan.numbers, to: target)
        var child = target + plan.numbersPlan.byteCount(rowCount: rowCount)
        if let indexes = plan.indexes {
            indexes.plan.encode(indexes.input, to: child)
            child += indexes.plan.byteCount(rowCount: rowCount)
        }
        if let exceptions = plan.exceptions {
            exceptions.plan.encode(exceptions.input, to: child)
        }
    }

    // MARK: Decode

    /// What the arrays say.
    struct Templates {
        /// All prefixes, readable a word beyond their end.
        let prefixes: HeapBytes
        /// Where each prefix begins.
        var starts: [Int] = []
        var prefixCounts: [Int] = []
        var digitCounts: [Int] = []
        /// The templates with digits, as vectors name them.
        var shared: [NumberTemplate?] = []

        var count: Int { starts.count }
    }

    static func decode(
        _ node: NodeBytes, depth: Int, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> StringNode {
        var node = node
        let flags = node.descriptor.flags
        let childCount = UInt8(1 + (flags & (indexFlag | exceptionFlag)).nonzeroBitCount)
        try node.require(childCount: childCount, flags: indexFlag | exceptionFlag)
        try node.requireZeros(from: 28)
        let exceptionCount = Int(node.field(20, as: UInt32.self))
        guard exceptionCount <= node.descriptor.rowCount,
            (exceptionCount > 0) == (flags & exceptionFlag != 0)
        else { throw node.invalid(.template) }
        let templates = try decodeTemplates(&node)
        let exceptionRows = try decodeExceptionRows(&node, exceptionCount)
        let numbers = try decodeNumbers(&node, workspace)
        let indexes = flags & indexFlag == 0 ? nil : try decodeNumbers(&node, workspace)
        var exceptions: StringNode?
        if exceptionCount > 0 {
            let child = try node.takeChild()
            guard child.descriptor.rowCount == exceptionCount else {
                throw .rowCountMismatch(
                    expected: exceptionCount, found: child.descriptor.rowCount)
            }
            exceptions = try TextCodecs.decodeBytes(child, depth: depth - 1, workspace)
        }
        try node.requireEnd()
        let check = NumericStringCheck(node, templates, exceptionRows: exceptionRows)
        let vectorTemplates = try check.run(numbers, indexes, workspace)
        let textByteCount = check.textByteCount + (exceptions?.textByteCount ?? 0)
        guard textByteCount <= Int(UInt32.max) else { throw node.invalid(.byteCount) }
        return NumericStringNode(
            node.descriptor,
            NumericStringNode.Parts(
                templates: templates, numbers: numbers, indexes: indexes,
                exceptionRows: exceptionRows, exceptions: exceptions,
                vectorTemplates: vectorTemplates, textByteCount: textByteCount))
    }

    private static func decodeNumbers(
        _ node: inout NodeBytes, _ workspace: DecodeWorkspace
    ) throws(CodecError) -> NumberNode {
        let numbers = try NumberCodecs.decode(
            node.takeChild(), depth: NodeDescriptor.depthLimit, workspace)
        guard numbers.rowCount == node.descriptor.rowCount else {
            throw .rowCountMismatch(expected: node.descriptor.rowCount, found: numbers.rowCount)
        }
        return numbers
    }

    private static func decodeTemplates(_ node: inout NodeBytes) throws(CodecError) -> Templates {
        let count = Int(node.field(16, as: UInt32.self))
        let prefixByteCount = Int(node.field(24, as: UInt32.self))
        let isIndexed = node.descriptor.flags & indexFlag != 0
        guard count >= 1, count <= templateCountLimit, (count > 1) == isIndexed,
            prefixByteCount <= count * NumberTemplate.prefixByteCountLimit
        else { throw node.invalid(.template) }
        let array = try node.take(count * 4)
        let prefixes = try node.take(prefixByteCount)
        var result = Templates(prefixes: HeapBytes(byteCount: prefixByteCount))
        prefixes.withUnsafeBytes {
            UnsafeMutableRawBufferPointer(start: result.prefixes.address, count: $0.count)
                .copyMemory(from: $0)
        }
        var known = Set<[UInt8]>()
        var end = 0
        for index in 0..<count {
            let prefixCount = Int(array[index * 4]), digitCount = Int(array[index * 4 + 1])
            guard array.integer(at: index * 4 + 2, as: UInt16.self) == 0,
                digitCount <= NumberTemplate.digitCountLimit, prefixCount <= prefixByteCount - end
            else { throw node.invalid(.template) }
            let prefix = (end..<end + prefixCount).map { prefixes[$0] }
            let endsWithDigit = prefix.last.map { $0 >= 0x30 && $0 <= 0x39 } ?? false
            guard !endsWithDigit || digitCount == NumberTemplate.digitCountLimit,
                known.insert(prefix + [0xFF, UInt8(digitCount)]).inserted
            else { throw node.invalid(.template) }
            guard prefix.withUnsafeBytes({ UTF8Check.isValid($0) }) else { throw .notUTF8 }
            result.starts.append(end)
            result.prefixCounts.append(prefixCount)
            result.digitCounts.append(digitCount)
            result.shared.append(
                digitCount == 0 ? nil : NumberTemplate(prefix: prefix, digitCount: digitCount))
            end += prefixCount
        }
        guard end == prefixByteCount else { throw node.invalid(.template) }
        return result
    }

    private static func decodeExceptionRows(
        _ node: inout NodeBytes, _ count: Int
    ) throws(CodecError) -> [UInt32] {
        let array = try node.take(count * 4)
        var next = 0
        var rows: [UInt32] = []
        rows.reserveCapacity(count)
        for index in 0..<count {
            let row = Int(Lane.u32.load(array.pointer, index))
            guard row >= next, row < node.descriptor.rowCount else {
                throw node.invalid(.template)
            }
            rows.append(UInt32(row))
            next = row + 1
        }
        return rows
    }
}
