package import StoaBase

/// The first 64 bytes of a log file, little-endian, synced before the first record is written. A
/// file whose first 64 bytes are zero was prepared and never used.
///
///     offset  size  field
///          0     4  magic                "SLOG"
///          4     2  version              1
///          6     2  flags                0
///          8    16  database id          high, low
///         24     4  epoch                of the life of the store that writes it
///         28     4  number               1, 2, 3, … within the epoch
///         32     8  previousLSN          the last batch before this file; 0: none. All batches
///                                        before this file were durable when it was begun
///         40     8  closedByteCount      of the file before: bytes behind it are ignored
///         48     8  allocatedByteCount   of this file, synced before this header is written: a
///                                        shorter file was cut
///         56     4  previousChecksum     payloadChecksum of that batch: the chain
///         60     4  headerChecksum       CRC-32C of bytes 0 ..< 60
package struct LogFileHeader: Equatable, Sendable {
    package static let byteCount = 64
    static let magic: UInt32 = 0x474F_4C53
    package static let version: UInt16 = 1

    package var databaseID: DatabaseID
    package var name: LogFileName
    package var previousLSN: UInt64
    package var closedByteCount: UInt64
    package var allocatedByteCount: UInt64
    package var previousChecksum: UInt32

    package init(
        databaseID: DatabaseID, name: LogFileName, previousLSN: UInt64, closedByteCount: UInt64,
        allocatedByteCount: UInt64, previousChecksum: UInt32
    ) {
        self.databaseID = databaseID
        self.name = name
        self.previousLSN = previousLSN
        self.closedByteCount = closedByteCount
        self.allocatedByteCount = allocatedByteCount
        self.previousChecksum = previousChecksum
    }

    /// The 64 bytes.
    package func encode() -> [UInt8] {
        var header = ByteWriter(reservingCapacity: Self.byteCount)
        header.append(Self.magic)
        header.append(Self.version)
        header.append(UInt16(0))
        header.append(databaseID.high)
        header.append(databaseID.low)
        header.append(name.epoch)
        header.append(name.number)
        header.append(previousLSN)
        header.append(closedByteCount)
        header.append(allocatedByteCount)
        header.append(previousChecksum)
        header.append(Checksum.crc32c(header.bytes))
        invariant(header.count == Self.byteCount, "the table above is the format")
        return header.bytes
    }

    /// What the start of a log file says.
    package enum Reading: Equatable, Sendable {
        case header(LogFileHeader)
        /// Prepared and never used.
        case unused
        case tooNew(version: UInt16)
        case invalid
    }

    /// Reads the start of a log file; believes no field before the checksum agrees.
    package static func read(_ bytes: Bytes) -> Reading {
        guard bytes.count >= byteCount else {
            return bytes.array.allSatisfy { $0 == 0 } ? .unused : .invalid
        }
        let start = bytes[0..<byteCount]
        if start.array.allSatisfy({ $0 == 0 }) { return .unused }
        guard start.integer(at: 0, as: UInt32.self) == magic,
            Checksum.crc32c(start[0..<60]) == start.integer(at: 60, as: UInt32.self)
        else { return .invalid }
        let found: UInt16 = start.integer(at: 4)
        guard found <= version else { return .tooNew(version: found) }
        guard found == version, start.integer(at: 6, as: UInt16.self) == 0 else {
            return .invalid
        }
        return .header(
            LogFileHeader(
                databaseID: DatabaseID(high: start.integer(at: 8), low: start.integer(at: 16)),
                name: LogFileName(epoch: start.integer(at: 24), number: start.integer(at: 28)),
                previousLSN: start.integer(at: 32), closedByteCount: start.integer(at: 40),
                allocatedByteCount: start.integer(at: 48),
                previousChecksum: start.integer(at: 56)))
    }
}

/// Which file of the log: `wal/<epoch>-<number>`, both as eight hexadecimal digits.
package struct LogFileName: Hashable, Comparable, Sendable {
    package static let directory = "wal"

    package var epoch: UInt32
    package var number: UInt32

    package init(epoch: UInt32, number: UInt32) {
        self.epoch = epoch
        self.number = number
    }

    /// The name with that spelling; nil when it is no log file's.
    package init?(_ name: String) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, let epoch = HexName.parse32(parts[0]),
            let number = HexName.parse32(parts[1])
        else { return nil }
        self.init(epoch: epoch, number: number)
    }

    package var path: String { "\(Self.directory)/\(HexName.text(epoch))-\(HexName.text(number))" }

    package var next: LogFileName { LogFileName(epoch: epoch, number: number + 1) }

    /// In the order in which files are written.
    package static func < (left: LogFileName, right: LogFileName) -> Bool {
        (left.epoch, left.number) < (right.epoch, right.number)
    }
}

/// Numbers in file names: hexadecimal, lower case, fixed width, so that names sort like numbers.
enum HexName {
    static func text<T: FixedWidthInteger & UnsignedInteger>(_ value: T) -> String {
        let digits = String(value, radix: 16)
        let width = T.bitWidth / 4
        return String(repeating: "0", count: width - digits.utf8.count) + digits
    }

    static func parse32(_ text: some StringProtocol) -> UInt32? {
        guard let value = UInt32(text, radix: 16), HexName.text(value) == text else { return nil }
        return value
    }

    static func parse64(_ text: some StringProtocol) -> UInt64? {
        guard let value = UInt64(text, radix: 16), HexName.text(value) == text else { return nil }
        return value
    }
}
