internal import StoaBase
internal import StoaModel

/// A checked DICT node of numbers; its values are kept decoded, in their narrowest lane.
final class NumberDictionaryNode: NumberNode {
    /// The distinct values, rising.
    let values: NarrowedNumbers
    /// Each row's place among the values.
    let codes: NumberNode
    private let valuesNode: NumberNode
    let depth: Int

    init(
        _ descriptor: NodeDescriptor, _ values: NumberNode, _ codes: NumberNode, depth: Int,
        _ workspace: DecodeWorkspace
    ) {
        valuesNode = values
        self.codes = codes
        self.depth = depth
        self.values = NarrowedNumbers(values, workspace)
        super.init(descriptor)
    }

    /// Whether the values order as unsigned numbers.
    var isUnsigned: Bool { descriptor.flags & NumberDictionaryCodec.unsignedFlag != 0 }

    /// Whether no value stands twice and each is above the one before.
    var valuesRise: Bool {
        let flip: UInt64 = isUnsigned ? 0 : 1 << 63
        for index in 1..<max(1, values.count)
        where values.value(index) ^ flip <= values.value(index - 1) ^ flip {
            return false
        }
        return true
    }

    override var lastingBounds: ClosedRange<Int128>? { values.bounds }

    override func read(
        firstVector: Int, vectorCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers {
        let places = codes.read(
            firstVector: firstVector, vectorCount: vectorCount, into: workspace.nested(depth),
            workspace)
        // Codes behind the last row are no codes.
        let rest = rowCount &- firstVector &* Limits.vectorRows
        return look(up: places, count: min(vectorCount &* Limits.vectorRows, rest), into: target)
    }

    /// The values of `count` codes.
    func look(
        up places: Vector.Integers, count: Int, into target: UnsafeMutableRawPointer
    ) -> Vector.Integers {
        if places.lane == .constant {
            let value = values.value(Int(places.base) & values.indexMask)
            return Vector.Integers(
                lane: .constant, values: UnsafeRawPointer(target), base: Int64(bitPattern: value))
        }
        Gather.gather(values, places, count: count, into: target)
        return Vector.Integers(
            lane: values.lane, values: UnsafeRawPointer(target),
            base: Int64(bitPattern: values.base))
    }

    override func filter(
        _ test: NumberTest, _ rows: FilteredRows, _ workspace: DecodeWorkspace
    ) { filterCodes(test, rows, workspace) }

    override func gather(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> Vector.Integers { gatherCodes(rows, count: count, into: target, workspace) }

    override var text: String {
        NumberDictionaryCodec.text(values: valuesNode.text, codes: codes.text)
    }

    override var children: [NumberNode] { [valuesNode, codes] }
}
