import StoaModel
import Testing

@Suite struct ScanPredicateTests {
    private let numbers = BlockStatistics(
        rowCount: 10, nullCount: 2, bounds: .integers(min: 5, max: 9))

    @Test("a range that misses the bounds skips the block, one that touches them does not")
    func integers() {
        #expect(!mayMatch(.integers(min: 10, max: nil), numbers))
        #expect(!mayMatch(.integers(min: nil, max: 4), numbers))
        #expect(mayMatch(.integers(min: 9, max: nil), numbers))
        #expect(mayMatch(.integers(min: nil, max: 5), numbers))
        #expect(mayMatch(.integers(min: 6, max: 7), numbers))
    }

    @Test("a block of nulls only matches nothing but IS NULL")
    func nulls() {
        let nulls = BlockStatistics(rowCount: 3, nullCount: 3, bounds: .none)
        #expect(!mayMatch(.integers(min: nil, max: nil), nulls))
        #expect(!mayMatch(.isNotNull, nulls))
        #expect(mayMatch(.isNull, nulls))
        #expect(mayMatch(.isNull, numbers))
        #expect(!mayMatch(.isNull, BlockStatistics(rowCount: 1, nullCount: 0, bounds: .none)))
    }

    @Test("NaN stands above infinity, and the zeros are one value")
    func floats() {
        let block = BlockStatistics(rowCount: 2, nullCount: 0, bounds: .floats(min: 0, max: .nan))
        #expect(mayMatch(.floats(min: .nan, max: nil), block))
        #expect(mayMatch(.floats(min: nil, max: -0.0), block))
        let finite = BlockStatistics(rowCount: 2, nullCount: 0, bounds: .floats(min: 0, max: 1))
        #expect(!mayMatch(.floats(min: .nan, max: nil), finite))
    }

    @Test("a string bound that was cut short still keeps every block it must")
    func strings() {
        let block = BlockStatistics(
            rowCount: 2, nullCount: 0,
            bounds: .strings(min: Array("ba".utf8), max: Array("bz".utf8), isExact: false))
        #expect(!mayMatch(.strings(min: nil, max: Array("az".utf8)), block))
        #expect(!mayMatch(.strings(min: Array("c".utf8), max: nil), block))
        #expect(mayMatch(.strings(min: Array("bz".utf8), max: nil), block))
        let open = BlockStatistics(
            rowCount: 2, nullCount: 0, bounds: .strings(min: [], max: nil, isExact: false))
        #expect(mayMatch(.strings(min: Array("zzz".utf8), max: nil), open))
    }

    private func mayMatch(_ test: ScanPredicate.Test, _ statistics: BlockStatistics) -> Bool {
        ScanPredicate(columnID: 1, test: test).mayMatch(statistics)
    }
}
