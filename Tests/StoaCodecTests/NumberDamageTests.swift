import StoaBase
import StoaCodec
import StoaModel
import Testing

/// Fields of number encodings that would lead a reader astray if they were believed.
@Suite struct NumberDamageTests {
    /// What a reader says of a small block with some bytes set.
    private func error(
        _ small: SmallBlock, _ changes: [Int: UInt8]
    ) throws -> CodecError? {
        var bytes = try #require(small.block).bytes
        for (offset, byte) in changes { bytes[offset] = byte }
        do throws(CodecError) {
            _ = try BlockReader(
                Bytes(bytes), kind: small.kind, rowCount: small.rowCount, dictionary: nil)
            return nil
        } catch {
            return error
        }
    }

    @Test("a progression without a step is refused")
    func sequence() throws {
        var changes: [Int: UInt8] = [:]
        for offset in 24..<32 { changes[offset] = 0 }
        #expect(try error(.sequence, changes) == .invalidField(.sequence, .multiplier))
        #expect(try error(.sequence, [40: 1]) == .invalidField(.sequence, .reserved))
    }

    @Test("powers of ten beyond the tables are refused")
    func scales() throws {
        #expect(try error(.alp, [16: 19]) == .invalidField(.alp, .exponent))
        #expect(try error(.alp, [17: 15]) == .invalidField(.alp, .exponent))
        #expect(try error(.alpFloat, [16: 11]) == .invalidField(.alp, .exponent))
    }

    @Test("exceptions that do not rise, or lie behind the last row, are refused")
    func exceptionRows() throws {
        #expect(try error(.alp, [64: 150]) == .invalidField(.alp, .exceptionRow))
        #expect(try error(.alp, [67: 1]) == .invalidField(.alp, .exceptionRow))
        #expect(try error(.alp, [22: 1]) == .invalidField(.alp, .exceptionCount))
        #expect(try error(.sparse, [66: 9]) == .invalidField(.sparse, .exceptionRow))
        #expect(try error(.sparse, [32: 0]) == .invalidField(.sparse, .exceptionCount))
        #expect(try error(.sparseBitmap, [64: 0]) == .invalidField(.sparse, .exceptionCount))
        #expect(try error(.sparseBitmap, [64: 0xFF]) == .invalidField(.sparse, .exceptionRow))
    }

    @Test("cuts and dictionaries of floats that were never written are refused")
    func cuts() throws {
        #expect(try error(.alpRealDouble, [16: 57]) == .invalidField(.alpRealDouble, .width))
        #expect(try error(.alpRealFloat, [16: 16]) == .invalidField(.alpRealDouble, .width))
        #expect(try error(.alpRealDouble, [17: 5]) == .invalidField(.alpRealDouble, .width))
        #expect(
            try error(.alpRealDouble, [18: 0]) == .invalidField(.alpRealDouble, .dictionaryCount))
        #expect(
            try error(.alpRealDouble, [18: 17]) == .invalidField(.alpRealDouble, .dictionaryCount))
        #expect(try error(.alpRealFloat, [65: 0xFF]) == .invalidField(.alpRealDouble, .width))
    }

    @Test("values of a dictionary that do not rise are refused")
    func values() throws {
        // The least value is negative: as unsigned numbers the order is another one.
        #expect(try error(.numberDictionary, [12: 1]) == .notSorted)
    }

    @Test("a code without a value is refused")
    func codes() throws {
        let bytes = try #require(SmallBlock.numberDictionary.block).bytes
        // The second child: codes, behind the header and the values.
        let valuesByteCount = Int(bytes[64 + 8]) * 64
        let base = 64 + valuesByteCount + 16
        #expect(try error(.numberDictionary, [base: 200]) == .codeOutOfRange)
    }

    @Test("differences of differences of differences are refused")
    func depth() throws {
        // Two vectors: their starts and steps take less than 64 bytes.
        #expect(
            try error(.doubleDelta, [128: Encoding.delta.rawValue]) == .wrongContent(.delta))
        #expect(
            try error(.deltaJumps, [128: Encoding.doubleDelta.rawValue])
                == .wrongContent(.doubleDelta))
    }
}
