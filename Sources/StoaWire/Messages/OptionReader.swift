internal import StoaBase

/// Reads the fields of one option's value.
struct OptionReader {
    private var reader: ByteReader
    /// What a malformed value is answered with.
    let refusal: WireError

    init(_ option: Payload.Option) {
        reader = ByteReader(option.value)
        refusal = .badField("option \(option.tag.rawValue)")
    }

    var isAtEnd: Bool { reader.remainingByteCount == 0 }

    mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
        _ type: T.Type
    ) throws(WireError) -> T {
        do { return try reader.read(type) } catch { throw refusal }
    }

    mutating func readBytes(_ byteCount: Int) throws(WireError) -> [UInt8] {
        do { return try reader.readBytes(byteCount).array } catch { throw refusal }
    }

    /// A `UInt16` length and that many bytes of UTF-8.
    mutating func readShortText() throws(WireError) -> String {
        try readText(Int(read(UInt16.self)))
    }

    mutating func readText(_ byteCount: Int) throws(WireError) -> String {
        guard let text = String(validating: try readBytes(byteCount), as: UTF8.self) else {
            throw refusal
        }
        return text
    }

    /// Everything that is left, as text.
    mutating func readRemainingText() throws(WireError) -> String {
        try readText(reader.remainingByteCount)
    }

    func requireEnd() throws(WireError) {
        guard isAtEnd else { throw refusal }
    }
}
