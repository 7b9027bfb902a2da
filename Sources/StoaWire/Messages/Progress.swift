/// How far a request is; any number of them, before its last frame. A client may ignore them.
///
///     offset  size  field
///          0     4  optionsByteCount
///          4     4  reserved
///          8     8  rowsDone
///         16     8  rowsTotal            0: not known
///         24     8  bytesRead
///         32     8  elapsedNanoseconds
package struct Progress: WireMessage, Equatable {
    package static let kind = FrameKind.progress
    package static let fixedByteCount = 40

    package var rowsDone: UInt64
    package var rowsTotal: UInt64
    package var bytesRead: UInt64
    package var elapsedNanoseconds: UInt64

    package init(
        rowsDone: UInt64, rowsTotal: UInt64, bytesRead: UInt64, elapsedNanoseconds: UInt64
    ) {
        self.rowsDone = rowsDone
        self.rowsTotal = rowsTotal
        self.bytesRead = bytesRead
        self.elapsedNanoseconds = elapsedNanoseconds
    }

    package func encode(into writer: inout PayloadWriter) {
        writer.append(UInt32(0))
        writer.append(rowsDone)
        writer.append(rowsTotal)
        writer.append(bytesRead)
        writer.append(elapsedNanoseconds)
    }

    package static func decode(_ payload: Payload) throws(WireError) -> Progress {
        Progress(
            rowsDone: payload.integer(at: 8), rowsTotal: payload.integer(at: 16),
            bytesRead: payload.integer(at: 24), elapsedNanoseconds: payload.integer(at: 32))
    }
}
