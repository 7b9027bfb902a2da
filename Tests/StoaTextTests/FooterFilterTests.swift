import StoaText
import Testing

@Suite("What stands below a table")
struct FooterFilterTests {
    private func reject(_ line: Int, _ text: String, values: Int = 1) -> RejectedRecord {
        RejectedRecord(
            line: line, reason: "\(values) values instead of 3", text: Array(text.utf8))
    }

    @Test("row counts, drawing, comments and what stands behind a gap are no rejects")
    func footers() {
        for text in [
            "(2 rows)", "(1 row)", "2 rows selected.", "(1,200 rows affected)", "+---+---+",
            "2 rows in set (0.01 sec)", "-- end", "# end",
        ] {
            var filter = FooterFilter(bodyLine: 1)
            #expect(filter.take([reject(3, text)], lastRowLine: 2).isEmpty)
            let end = filter.finish()
            #expect(end.rejects.isEmpty && end.footerCount == 1, "\(text)")
        }
        var filter = FooterFilter(bodyLine: 1)
        #expect(filter.take([reject(5, "Source: X"), reject(6, "Y")], lastRowLine: 3).isEmpty)
        #expect(filter.finish().footerCount == 2)
    }

    @Test("broken rows are rejects, wherever they stand")
    func rejects() {
        for (line, text, values) in [
            (3, "7", 1), (3, "7,8", 2), (5, "7,8", 2), (3, "2 x", 1), (3, "#7", 1),
        ] {
            var filter = FooterFilter(bodyLine: 1)
            #expect(filter.take([reject(line, text, values: values)], lastRowLine: 2).isEmpty)
            let end = filter.finish()
            #expect(end.rejects.count == 1 && end.footerCount == 0, "\(text)")
        }
        var filter = FooterFilter(bodyLine: 1)
        let other = RejectedRecord(line: 5, reason: "column \"a\": not UTF-8", text: [0xFF])
        #expect(filter.take([other], lastRowLine: 2).isEmpty)
        #expect(filter.finish().rejects == [other])
    }

    @Test("rows that come later make rejects of what was held back, in the order of the file")
    func order() {
        var filter = FooterFilter(bodyLine: 1)
        #expect(filter.take([reject(3, "(2 rows)")], lastRowLine: 2).isEmpty)
        #expect(filter.take([reject(4, "x")], lastRowLine: nil).isEmpty)
        let sure = filter.take([reject(6, "y"), reject(9, "(1 row)")], lastRowLine: 8)
        #expect(sure.map(\.line) == [3, 4, 6])
        #expect(filter.finish().footerCount == 1)
        let many = (0..<40).map { reject(10 + $0, "(1 row)") }
        #expect(filter.take(many, lastRowLine: nil).count == 40)
        #expect(filter.finish().rejects.isEmpty)
    }
}
