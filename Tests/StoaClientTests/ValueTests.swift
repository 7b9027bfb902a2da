import StoaClient
import StoaModel
import Testing

@Suite struct ValueTests {
    @Test("values print as the command line prints them")
    func descriptions() {
        #expect(Value.null.description == "NULL")
        #expect(Value.decimal(unscaled: -1_250, scale: 3).description == "-1.250")
        #expect(Value.date(daysSince1970: 0).description == "1970-01-01")
        #expect(
            Value.timestamp(microsecondsSince1970: 1).description
                == "1970-01-01 00:00:00.000001")
        #expect(Value.integer(Int128(UInt64.max)).description == "18446744073709551615")
    }

    @Test("a row is read by position and by name")
    func row() {
        let column = InputColumn("a", strings: ["x", nil])
        #expect(column.builder.rowCount == 2)
        #expect(column.builder.type == .string)
    }
}
