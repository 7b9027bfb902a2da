import StoaModel
import StoaWire
import Testing

@Suite struct TypedValueTests {
    private static let cases: [(ColumnType, [UInt8]?, Literal?)] = [
        (.int16, [0xFE, 0xFF], .integer(-2)), (.uint16, [0xFE, 0xFF], .integer(65_534)),
        (.uint64, Array(repeating: 0xFF, count: 8), .integer(Int128(UInt64.max))),
        (.bool, [1], .bool(true)), (.bool, [2], nil), (.int64, nil, .null),
        (.float64, [0, 0, 0, 0, 0, 0, 0xF8, 0x3F], .float(1.5)),
        (.float32, [0, 0, 0xC0, 0x3F], .float(1.5)),
        (.date, [0xFF, 0xFF, 0xFF, 0xFF], .date(-1)),
        (.timestamp, [1, 0, 0, 0, 0, 0, 0, 0], .timestamp(1)),
        (
            .decimal(precision: 38, scale: 2), Array(repeating: 0xFF, count: 16),
            .decimal(unscaled: -1, scale: 2)
        ),
        (.decimal(precision: 2, scale: 1), [100, 0, 0, 0, 0, 0, 0, 0], nil),
        (.string, [0xC3, 0x9F], .string([0xC3, 0x9F])), (.string, [0xC3], nil),
        (.date, [0xFF, 0xFF, 0xFF, 0x7F], nil), (.int64, [1], nil),
    ]

    @Test("typed bytes are the constant they spell, or none", arguments: cases.indices)
    func literals(index: Int) {
        let (type, bytes, expected) = Self.cases[index]
        #expect(TypedValue(type: type, bytes: bytes).literal == expected)
    }
}
