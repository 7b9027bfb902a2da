package import StoaBase

/// The 64 bytes in front of every record of the log, little-endian. Records start at multiples of
/// 64 bytes; the gap behind a payload is zero.
///
///     offset  size  field
///          0     4  magic                "SREC"
///          4     1  type                 LogRecordType
///          5     1  flags                0
///          6     2  version              1
///          8     4  payloadByteCount     bytes after this header
///         12     4  payloadChecksum      CRC-32C of the payload
///         16     8  lsn                  of the batch; a marker has the one before it
///         24     8  previousLSN          of the batch before, in this log; 0: none
///         32     8  durableLSN           the last batch known to be synced when this was written
///         40     4  epoch                of the file
///         44     4  previousChecksum     payloadChecksum of the batch before: the chain
///         48     8  time                 microseconds since 1970 UTC
///         56     4  reserved             0
///         60     4  headerChecksum       CRC-32C of bytes 0 ..< 60
package struct LogRecordHeader: Equatable, Sendable {
    package static let byteCount = 64
    static let magic: UInt32 = 0x4345_5253
    static let version: UInt16 = 1
    /// No payload is longer: the largest batch and what stands before it.
    package static let payloadByteCountLimit = Limits.batchByteCountLimit + (1 << 16)

    package var type: LogRecordType
    package var payloadByteCount: UInt32
    package var payloadChecksum: UInt32
    package var lsn: UInt64
    package var previousLSN: UInt64
    package var durableLSN: UInt64
    package var epoch: UInt32
    package var previousChecksum: UInt32
    package var time: Int64

    package init(
        type: LogRecordType, payloadByteCount: UInt32, payloadChecksum: UInt32, lsn: UInt64,
        previousLSN: UInt64, durableLSN: UInt64, epoch: UInt32, previousChecksum: UInt32,
        time: Int64
    ) {
        self.type = type
        self.payloadByteCount = payloadByteCount
        self.payloadChecksum = payloadChecksum
        self.lsn = lsn
        self.previousLSN = previousLSN
        self.durableLSN = durableLSN
        self.epoch = epoch
        self.previousChecksum = previousChecksum
        self.time = time
    }

    /// Bytes of the whole record in the file, gap included.
    package var recordByteCount: Int { Self.recordByteCount(payload: Int(payloadByteCount)) }

    static func recordByteCount(payload: Int) -> Int { byteCount + (payload + 63) / 64 * 64 }

    /// Appends the 64 bytes.
    package func encode(into output: inout ByteWriter) {
        invariant(payloadByteCount <= Self.payloadByteCountLimit, "a reader takes the payload")
        invariant(durableLSN <= previousLSN, "a record is not durable before it is written")
        var header = ByteWriter(reservingCapacity: Self.byteCount)
        header.append(Self.magic)
        header.append(type.rawValue)
        header.append(UInt8(0))
        header.append(Self.version)
        header.append(payloadByteCount)
        header.append(payloadChecksum)
        header.append(lsn)
        header.append(previousLSN)
        header.append(durableLSN)
        header.append(epoch)
        header.append(previousChecksum)
        header.append(time)
        header.append(UInt32(0))
        header.append(Checksum.crc32c(header.bytes))
        invariant(header.count == Self.byteCount, "the table above is the format")
        output.append(contentsOf: header)
    }

    /// The header at the start of `bytes`; nil when there is none. Believes no field before the
    /// checksum agrees.
    package static func decode(_ bytes: Bytes) -> LogRecordHeader? {
        guard bytes.count >= byteCount, bytes.integer(at: 0, as: UInt32.self) == magic,
            Checksum.crc32c(bytes[0..<60]) == bytes.integer(at: 60, as: UInt32.self),
            let type = LogRecordType(rawValue: bytes[4]), bytes[5] == 0,
            bytes.integer(at: 6, as: UInt16.self) == version,
            bytes.integer(at: 56, as: UInt32.self) == 0
        else { return nil }
        let header = LogRecordHeader(
            type: type, payloadByteCount: bytes.integer(at: 8),
            payloadChecksum: bytes.integer(at: 12), lsn: bytes.integer(at: 16),
            previousLSN: bytes.integer(at: 24), durableLSN: bytes.integer(at: 32),
            epoch: bytes.integer(at: 40), previousChecksum: bytes.integer(at: 44),
            time: bytes.integer(at: 48))
        guard header.payloadByteCount <= payloadByteCountLimit,
            header.durableLSN <= header.previousLSN
        else { return nil }
        return header
    }
}

/// What a record says; never reused, never renumbered.
package enum LogRecordType: UInt8, Sendable, CaseIterable {
    /// Rows of one table, with who sent them.
    case batch = 1
    /// Nothing but a newer `durableLSN`, after 100 ms without traffic.
    case idle = 2
    /// The store was closed in order; nothing follows.
    case close = 3
}
