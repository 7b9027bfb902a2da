import StoaModel
import Testing

@Suite struct ColumnTypeTests {
    static let all: [ColumnType] = [
        .bool, .int8, .int16, .int32, .int64, .uint8, .uint16, .uint32, .uint64, .float32,
        .float64, .decimal(precision: 1, scale: 0), .decimal(precision: 18, scale: 18),
        .decimal(precision: 38, scale: 6), .date, .timestamp, .string,
    ]

    @Test("a code with precision and scale gives back its type")
    func codes() {
        for type in Self.all {
            let copy = ColumnType(code: type.code, precision: type.precision, scale: type.scale)
            #expect(copy == type)
        }
    }

    @Test("unknown codes and impossible decimals are refused")
    func refused() {
        #expect(ColumnType(code: 0, precision: 0, scale: 0) == nil)
        #expect(ColumnType(code: 16, precision: 0, scale: 0) == nil)
        #expect(ColumnType(code: 12, precision: 0, scale: 0) == nil)
        #expect(ColumnType(code: 12, precision: 39, scale: 0) == nil)
        #expect(ColumnType(code: 12, precision: 5, scale: 6) == nil)
        #expect(ColumnType(code: 5, precision: 1, scale: 0) == nil)
    }

    @Test("decimals of more than 18 digits are results, not columns")
    func storable() {
        #expect(ColumnType.decimal(precision: 18, scale: 4).isStorable)
        #expect(!ColumnType.decimal(precision: 19, scale: 4).isStorable)
        #expect(!ColumnType.decimal(precision: 19, scale: 4).isIntegerBacked)
    }
}
