/// One step on the way from the bytes of a file to text: takes bytes, gives bytes, and keeps
/// only as much as its format needs, however long the file is.
protocol ByteStage: AnyObject {
    /// Takes from the front of `input` and fills the front of `output`. Neither need be used up,
    /// but with input and room left at least one moves on.
    ///
    /// - Parameter isLast: nothing follows behind `input`. A call with an empty `input` then ends
    ///   the stream; what it produced 0 bytes for is complete.
    /// - Throws: `InputFault` when the bytes are none of the format, or end too early.
    func step(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer, isLast: Bool
    ) throws(InputFault) -> (consumed: Int, produced: Int)
}

/// Why the bytes of a file cannot be turned into text.
package enum InputFault: Error, Hashable, Sendable {
    /// The file ends in the middle of what was compressed.
    case truncated(Compression)
    /// A checksum or the form is wrong.
    case corrupt(Compression)
    /// Bytes follow that are no further part of the format.
    case trailingBytes(Compression)
    /// Decompression would need more memory than it is given.
    case windowTooLarge
    case outOfMemory(Compression)

    /// One clause for behind the file's name.
    package var message: String {
        switch self {
        case .truncated(let compression): "the \(compression) data end too early; it was cut off"
        case .corrupt(let compression): "the \(compression) data are damaged"
        case .trailingBytes(let compression):
            "behind the \(compression) data are bytes that are not \(compression)"
        case .outOfMemory(let compression): "there is no memory left to decompress \(compression)"
        case .windowTooLarge: "the zstd data need more than 128 MiB of memory to decompress"
        }
    }

    /// What to do.
    package var hint: String {
        switch self {
        case .truncated, .corrupt: "Nothing was loaded. Copy or download the file again."
        case .trailingBytes:
            "Nothing was loaded. Decompress the file by hand and look at its end."
        case .outOfMemory: "Nothing was loaded. Try again when other programs have ended."
        case .windowTooLarge:
            "Decompress it with zstd: zstd -dc --long=31 FILE | stoa import - --table NAME"
        }
    }
}
