/// Why bytes are no block. Offsets are relative to the block's start; never a value.
package enum CodecError: Error, Equatable, Sendable {
    /// The bytes end inside a node, or go on behind the last.
    case wrongByteCount(offset: Int)
    /// An encoding id that no version of this program knows.
    case unknownEncoding(UInt8)
    /// A known encoding in a layout that this version does not read.
    case unknownRevision(Encoding, UInt8)
    /// A field holds what its format does not allow.
    case invalidField(Encoding, Field)
    /// The number of rows is not the one that was promised.
    case rowCountMismatch(expected: Int, found: Int)
    /// Encodings are nested deeper than the format allows.
    case tooDeep
    /// An encoding of numbers where strings were expected, or the other way round.
    case wrongContent(Encoding)
    /// A chunk is no LZ4 block of its length.
    case damagedChunk(index: Int)
    /// A string is not UTF-8.
    case notUTF8
    /// A code lies outside its dictionary.
    case codeOutOfRange
    /// A dictionary that should be sorted is not, or holds a string twice.
    case notSorted

    /// What an invalid field is about.
    package enum Field: Sendable {
        case reserved, flags, lane, childCount, width, multiplier, difference, patchCount
        case patchPosition, runLength, validity, nullCount, stringLength, chunkEnd, byteCount
        case template, symbol
        case exponent, exceptionCount, exceptionRow, dictionaryCount, form, start
    }
}
