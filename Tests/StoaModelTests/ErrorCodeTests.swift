import StoaModel
import Testing

@Suite struct ErrorCodeTests {
    @Test("numbers and names are unique, and names are in capitals with underscores")
    func unique() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)).count == ErrorCode.allCases.count)
        #expect(Set(ErrorCode.allCases.map(\.name)).count == ErrorCode.allCases.count)
        #expect(ErrorCode.unknownTable.name == "UNKNOWN_TABLE")
        #expect(ErrorCode.ioError.name == "IO_ERROR")
    }

    @Test("a SQLSTATE has five characters, and only 2xxx may be tried again")
    func shape() {
        for code in ErrorCode.allCases {
            #expect(code.sqlState.utf8.count == 5)
            #expect(code.isRetriable == (code.rawValue / 1_000 == 2))
        }
    }
}
