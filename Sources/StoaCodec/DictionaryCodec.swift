package import StoaBase
package import StoaModel

/// The strings of a segment's dictionary.
///
///     dictionary
///     offset  size  field
///          0     4  magic       "SDIC"
///          4     2  version     1
///          6     2  flags       bit 0: sorted bytewise, no string twice
///          8     4  count       strings
///         12    52  reserved    0
///         64        strings     a node of strings with `count` rows; nothing when count is 0
///                   64 zeros
package enum DictionaryCodec {
    private static let magic: UInt32 = 0x4349_4453
    private static let version: UInt16 = 1
    private static let headerByteCount = 64
    private static let sortedFlag: UInt16 = 1

    /// The smallest encoding of up to 1,048,576 strings.
    package static func encode(_ dictionary: StringDictionary) -> [UInt8] {
        invariant(
            dictionary.count <= NodeDescriptor.rowCountLimit, "a dictionary has a row per string")
        var plan: TextPlan?
        var nodeByteCount = 0
        let text =
            dictionary.count == 0
            ? nil
            : TextInput(
                offsets: dictionary.offsets, bytes: dictionary.bytes, rowCount: dictionary.count)
        if let text {
            let chosen = TextPlan.chooseUnlikeStrings(text, depth: NodeDescriptor.depthLimit)
            nodeByteCount = chosen.byteCount(text)
            plan = chosen
        }
        return BlockEncoder.block(nodeByteCount: headerByteCount + nodeByteCount) { target in
            target.storeBytes(of: magic.littleEndian, as: UInt32.self)
            target.storeBytes(of: version.littleEndian, toByteOffset: 4, as: UInt16.self)
            target.storeBytes(
                of: (dictionary.isSorted ? sortedFlag : 0).littleEndian, toByteOffset: 6,
                as: UInt16.self)
            target.storeBytes(
                of: UInt32(dictionary.count).littleEndian, toByteOffset: 8, as: UInt32.self)
            if let plan, let text { plan.encode(text, to: target + headerByteCount) }
        }
    }

    /// Reads and checks a dictionary: its bytes are UTF-8 and it is sorted when it says so.
    package static func decode(_ input: Bytes) throws(CodecError) -> StringDictionary {
        let isAligned = UInt(bitPattern: input.pointer) % 64 == 0
        let bytes = isAligned ? input : input.withUnsafeBytes { Bytes(copying: $0) }
        let tail = BlockReader.tailByteCount
        guard bytes.count >= headerByteCount + tail else { throw .wrongByteCount(offset: 0) }
        let flags: UInt16 = bytes.integer(at: 6)
        guard bytes.integer(at: 0, as: UInt32.self) == magic,
            bytes.integer(at: 4, as: UInt16.self) == version, flags & ~sortedFlag == 0
        else { throw .invalidField(.plain, .flags) }
        for index in 12..<headerByteCount where bytes[index] != 0 {
            throw .invalidField(.plain, .reserved)
        }
        for index in bytes.count - tail..<bytes.count where bytes[index] != 0 {
            throw .invalidField(.plain, .reserved)
        }
        let count = Int(bytes.integer(at: 8, as: UInt32.self))
        guard count > 0 else {
            guard bytes.count == headerByteCount + tail else {
                throw .wrongByteCount(offset: headerByteCount)
            }
            return StringDictionary([], isSorted: flags == sortedFlag)
        }
        let node = try NodeBytes(bytes, at: headerByteCount, blockOffset: headerByteCount)
        guard headerByteCount + node.bytes.count + tail == bytes.count else {
            throw .wrongByteCount(offset: headerByteCount + node.bytes.count)
        }
        guard node.descriptor.rowCount == count else {
            throw .rowCountMismatch(expected: count, found: node.descriptor.rowCount)
        }
        // Constants would make few bytes many.
        guard node.descriptor.encoding != .constant else { throw .wrongContent(.constant) }
        let dictionary = try strings(node, isSorted: flags == sortedFlag)
        guard !dictionary.isSorted || isRising(dictionary) else { throw .notSorted }
        return dictionary
    }

    /// Copies the strings of a node out, so that looking one up takes no decoding.
    private static func strings(
        _ bytes: NodeBytes, isSorted: Bool
    ) throws(CodecError) -> StringDictionary {
        let workspace = DecodeWorkspace()
        let node = try TextCodecs.decode(bytes, depth: NodeDescriptor.depthLimit, workspace)
        let count = node.rowCount
        let batch = HeapBytes(byteCount: (Limits.batchRows + 1) * 4)
        let batchOffsets = batch.address.assumingMemoryBound(to: UInt32.self)
        let offsetsByteCount = NodeDescriptor.aligned((count + 1) * 4)
        let storage = HeapBytes(byteCount: offsetsByteCount + node.textByteCount)
        let offsets = storage.address.assumingMemoryBound(to: UInt32.self)
        let text = storage.address + offsetsByteCount
        var end = 0
        for first in stride(from: 0, to: count, by: Limits.batchRows) {
            let rowCount = min(Limits.batchRows, count - first)
            let source = node.read(
                firstRow: first, rowCount: rowCount, offsets: batchOffsets, workspace)
            let byteCount = Int(batchOffsets[rowCount])
            invariant(end + byteCount <= node.textByteCount, "the lengths were added up before")
            (text + end).copyMemory(from: source, byteCount: byteCount)
            for row in 0...rowCount { offsets[first + row] = UInt32(end) + batchOffsets[row] }
            end += byteCount
        }
        withExtendedLifetime((bytes, batch)) {}
        return StringDictionary(
            count: count, offsets: UnsafePointer(offsets), bytes: UnsafeRawPointer(text),
            isSorted: isSorted, owner: storage)
    }

    private static func isRising(_ dictionary: StringDictionary) -> Bool {
        for code in 1..<max(1, dictionary.count) {
            guard TextStatistics.order(dictionary[code - 1], dictionary[code]) < 0 else {
                return false
            }
        }
        return true
    }
}
