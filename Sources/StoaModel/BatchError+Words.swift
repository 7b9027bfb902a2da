internal import StoaBase

extension BatchError.Reason: CustomStringConvertible {
    /// One clause in words.
    package var description: String {
        switch self {
        case .truncated: "its bytes end too early"
        case .badMagic: "it does not begin as a batch does"
        case .unknownVersion(let found): "its format has version \(found), not 1"
        case .badHeader: "its header has an impossible value"
        case .badColumnEntry: "its entry has an impossible value"
        case .bufferOutOfBounds: "its values lie outside of the batch"
        case .misalignedBuffer: "its values do not begin at a multiple of 8 bytes"
        case .badName: "its name is none: 1 to \(Limits.nameByteCountLimit) bytes of UTF-8"
        case .duplicateName: "a column before has the same name"
        case .unknownType(let code): "there is no type \(code)"
        case .nullCountMismatch: "its NULLs are not as many as it says"
        case .offsetsNotRising: "its texts overlap"
        case .codeOutOfRange: "a code has no text in its dictionary"
        case .valueOutOfRange: "a value is none of its type"
        case .notUTF8: "a text is not UTF-8"
        case .stringTooLong:
            "a text is longer than \(Limits.stringByteCountLimit >> 20) MiB"
        }
    }
}
