extension CodecError: CustomStringConvertible {
    /// One clause in words.
    package var description: String {
        switch self {
        case .wrongByteCount(let offset): "its bytes end or go on at \(offset), where they must not"
        case .unknownEncoding(let id): "encoding \(id) is unknown"
        case .unknownRevision(let encoding, let revision):
            "revision \(revision) of encoding \(encoding.name) is unknown"
        case .invalidField(let encoding, let field):
            "encoding \(encoding.name) has an impossible \(field)"
        case .rowCountMismatch(let expected, let found): "it has \(found) rows, not \(expected)"
        case .tooDeep: "its encodings are nested too deep"
        case .wrongContent(let encoding): "encoding \(encoding.name) does not hold this type"
        case .damagedChunk(let index): "chunk \(index) cannot be unpacked"
        case .notUTF8: "a string is not UTF-8"
        case .codeOutOfRange: "a code has no string in its dictionary"
        case .notSorted: "its dictionary is not in order"
        }
    }
}

extension CodecError.Field: CustomStringConvertible {
    /// The field's name on the format's page.
    package var description: String {
        switch self {
        case .reserved: "reserved field"
        case .flags: "set of flags"
        case .lane: "lane"
        case .childCount: "number of parts"
        case .width: "width"
        case .multiplier: "multiplier"
        case .difference: "difference"
        case .patchCount: "number of exceptions"
        case .patchPosition: "place of an exception"
        case .runLength: "length of a run"
        case .validity: "map of NULLs"
        case .nullCount: "number of NULLs"
        case .stringLength: "length of a string"
        case .chunkEnd: "end of a chunk"
        case .byteCount: "number of bytes"
        case .template: "template"
        case .symbol: "symbol"
        case .exponent: "exponent"
        case .exceptionCount: "number of exceptions"
        case .exceptionRow: "row of an exception"
        case .dictionaryCount: "number of strings"
        case .form: "form"
        case .start: "start"
        }
    }
}
