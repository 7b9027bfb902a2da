import StoaBase
import Testing

@Suite struct ChecksumTests {
    @Test("the sum is CRC-32C: the check value of RFC 3720 and of the catalogue")
    func knownValues() {
        #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
        #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(Checksum.crc32c([]) == 0)
    }

    @Test("a sum continued over two parts is the sum of the whole, wherever it is cut")
    func continuing() {
        let bytes = (0..<100).map { UInt8($0) }
        let whole = Checksum.crc32c(bytes)
        for cut in bytes.indices {
            let first = Checksum.crc32c(Array(bytes[..<cut]))
            let rest = Array(bytes[cut...])
            #expect(rest.withUnsafeBytes { Checksum.crc32c($0, continuing: first) } == whole)
        }
    }
}
