internal import StoaBase
internal import StoaModel

/// A checked node that holds strings. Immutable, like `NumberNode`.
class StringNode {
    let descriptor: NodeDescriptor

    init(_ descriptor: NodeDescriptor) { self.descriptor = descriptor }

    var rowCount: Int { descriptor.rowCount }

    /// Bytes of all strings together.
    var textByteCount: Int { 0 }

    /// Writes `rowCount + 1` offsets, the first of them 0, for rows that begin anywhere and span
    /// at most `DecodeWorkspace.vectorCountLimit` vectors; the bytes they point into stay valid
    /// until the next read with the same workspace.
    func read(
        firstRow: Int, rowCount: Int, offsets: UnsafeMutablePointer<UInt32>,
        _ workspace: DecodeWorkspace
    ) -> UnsafeRawPointer {
        invariant(false, "every node of strings can be read")
        return UnsafeRawPointer(offsets)
    }

    /// Numbers that begin with `firstRow`, and the one template that makes the strings of them;
    /// nil when there is none, and `read` must be called. `target` has room for
    /// `DecodeWorkspace.vectorCountLimit` vectors of the widest lane.
    func readNumbered(
        firstRow: Int, rowCount: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> (numbers: Vector.Integers, template: NumberTemplate)? { nil }

    /// Numbers of single rows, rising, and the one template of all rows; nil: gather strings.
    func gatherNumbered(
        _ rows: UnsafePointer<UInt16>, count: Int, into target: UnsafeMutableRawPointer,
        _ workspace: DecodeWorkspace
    ) -> (numbers: Vector.Integers, template: NumberTemplate)? { nil }

    /// For at most 4,096 rows that begin anywhere: a bit per row that passes, the bits behind the
    /// last one 0. False when the encoding cannot say it without reading the strings.
    func match(
        _ test: StringTest, firstRow: Int, rowCount: Int, into mask: UnsafeMutablePointer<UInt64>,
        _ workspace: DecodeWorkspace
    ) -> Bool { false }

    /// The encoding tree in words.
    var text: String { descriptor.encoding.name }

    /// The nodes of numbers nested in this one.
    var children: [NumberNode] { [] }

    /// The nodes of strings nested in this one.
    var textChildren: [StringNode] { [] }
}

extension Vector.Integers {
    /// One value as its 64-bit pattern.
    @inline(__always)
    func pattern(_ row: Int) -> UInt64 {
        UInt64(bitPattern: base) &+ UInt64(bitPattern: multiplier) &* lane.load(values, row)
    }
}
