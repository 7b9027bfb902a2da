import StoaBase
import StoaCodec
import StoaModel
import StoaStorage
import Testing

@Suite struct BlockVerifierTests {
    static let rowCount = 5_000
    static let lastRow = 4_999

    /// Whether a block of `encoded` passes as a block of `input`.
    static func passes(
        _ encoded: BlockInput, as input: BlockInput, validity: UnsafePointer<UInt64>? = nil,
        encodedValidity: UnsafePointer<UInt64>? = nil, dictionary: StringDictionary? = nil
    ) -> Bool {
        let block = BlockEncoder.encode(encoded, rowCount: rowCount, validity: encodedValidity)
        do throws(BlockMismatch) {
            try BlockVerifier().verify(
                block.bytes, against: input, rowCount: rowCount, validity: validity,
                dictionary: dictionary)
            return true
        } catch {
            return false
        }
    }

    @Test("a block passes as its own rows and fails when one number differs")
    func numbers() {
        let values = (0..<Self.rowCount).map { Int64($0 * 37 % 1_000) }
        var others = values
        others[Self.lastRow] += 1
        values.withUnsafeBufferPointer { left in
            others.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return }
                let own = BlockInput.integers(left, isUnsigned: false)
                #expect(Self.passes(own, as: own))
                #expect(!Self.passes(.integers(right, isUnsigned: false), as: own))
            }
        }
    }

    @Test("floats are compared by their bits")
    func floats() {
        let values = (0..<Self.rowCount).map { $0 % 3 == 0 ? Double.nan : Double($0) / 7 }
        var others = values
        others[1] = -0.0
        var zeros = values
        zeros[1] = 0.0
        others.withUnsafeBufferPointer { left in
            zeros.withUnsafeBufferPointer { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return }
                #expect(Self.passes(.float64(left), as: .float64(left)))
                #expect(!Self.passes(.float64(right), as: .float64(left)))
            }
        }
    }

    @Test("a row that became null or stopped being it is found; a null row may hold anything")
    func nulls() {
        let values = [Int64](repeating: 4, count: Self.rowCount)
        var others = values
        others[70] = 5
        var mask = [UInt64](repeating: .max, count: Self.rowCount / 64 + 1)
        mask[1] &= ~(1 << 6)
        values.withUnsafeBufferPointer { left in
            others.withUnsafeBufferPointer { right in
                mask.withUnsafeBufferPointer { mask in
                    guard let left = left.baseAddress, let right = right.baseAddress,
                        let mask = mask.baseAddress
                    else { return }
                    let own = BlockInput.integers(left, isUnsigned: false)
                    let other = BlockInput.integers(right, isUnsigned: false)
                    #expect(Self.passes(own, as: own, validity: mask, encodedValidity: mask))
                    #expect(Self.passes(other, as: own, validity: mask, encodedValidity: mask))
                    #expect(!Self.passes(own, as: own, encodedValidity: mask))
                    #expect(!Self.passes(own, as: own, validity: mask))
                }
            }
        }
    }

    @Test("a dictionary with another string is found")
    func dictionary() throws {
        let own = StringDictionary([[65], [66], [67]], isSorted: true)
        let other = StringDictionary([[65], [66], [68]], isSorted: true)
        let bytes = DictionaryCodec.encode(own)
        #expect(try BlockVerifier().decodeDictionary(bytes, expected: own).count == 3)
        #expect(throws: BlockMismatch.self) {
            try BlockVerifier().decodeDictionary(bytes, expected: other)
        }
    }
}
