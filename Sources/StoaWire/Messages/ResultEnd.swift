/// RESULT_END: the last frame of a result, and what it took.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     1  exactness            Exactness
///          5     3  reserved
///          8     8  rowCount             rows of the result
///         16     8  affectedRowCount     rows a statement wrote
///         24     8  elapsedNanoseconds   in the engine
///         32     8  rowsScanned
///         40     8  rowsSkipped          in blocks that statistics ruled out
///         48     8  blocksScanned
///         56     8  blocksSkipped
///         64     8  bytesRead            encoded bytes of scanned blocks
///         72     8  generation           the answer saw every change up to this
package struct ResultEnd: WireMessage, Equatable {
    package static let kind = FrameKind.resultEnd
    package static let fixedByteCount = 80

    /// How far the rows can be trusted to be all and right. Append; never renumber.
    package enum Exactness: UInt8, CaseIterable, Sendable {
        case exact = 1
        case approximate = 2
        case partial = 3
    }

    package var exactness = Exactness.exact
    package var rowCount: UInt64 = 0
    package var affectedRowCount: UInt64 = 0
    package var elapsedNanoseconds: UInt64 = 0
    package var rowsScanned: UInt64 = 0
    package var rowsSkipped: UInt64 = 0
    package var blocksScanned: UInt64 = 0
    package var blocksSkipped: UInt64 = 0
    package var bytesRead: UInt64 = 0
    package var generation: UInt64 = 0

    package init() {}

    package func encode(into writer: inout PayloadWriter) {
        writer.append(exactness.rawValue)
        for _ in 0..<3 { writer.append(UInt8(0)) }
        writer.append(rowCount)
        writer.append(affectedRowCount)
        writer.append(elapsedNanoseconds)
        writer.append(rowsScanned)
        writer.append(rowsSkipped)
        writer.append(blocksScanned)
        writer.append(blocksSkipped)
        writer.append(bytesRead)
        writer.append(generation)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> ResultEnd {
        guard let exactness = Exactness(rawValue: payload.integer(at: 4)) else {
            throw .badField("exactness")
        }
        var end = ResultEnd()
        end.exactness = exactness
        end.rowCount = payload.integer(at: 8)
        end.affectedRowCount = payload.integer(at: 16)
        end.elapsedNanoseconds = payload.integer(at: 24)
        end.rowsScanned = payload.integer(at: 32)
        end.rowsSkipped = payload.integer(at: 40)
        end.blocksScanned = payload.integer(at: 48)
        end.blocksSkipped = payload.integer(at: 56)
        end.bytesRead = payload.integer(at: 64)
        end.generation = payload.integer(at: 72)
        return end
    }
}
