import StoaText
import Testing

@Suite("What is no delimited text")
struct ForeignFormatTests {
    private func detect(_ text: String) -> ForeignFormat? { detect(Array(text.utf8)) }

    private func detect(_ bytes: [UInt8]) -> ForeignFormat? {
        bytes.withUnsafeBytes { ForeignFormat.detected(in: $0) }
    }

    @Test("files of other programs are known by their first bytes")
    func binaries() {
        let zeros = [UInt8](repeating: 0, count: 300)
        let table: [([UInt8], ForeignFormat)] = [
            (Array("PAR1".utf8) + [0x15, 4], .parquet), (Array("ARROW1".utf8) + [0, 0], .arrow),
            (Array("SQLite format 3\0".utf8), .sqlite),
            (zeros.prefix(8) + Array("DUCK".utf8), .duckdb),
            ([0x50, 0x4B, 3, 4, 20, 0] + Array("[Content_Types].xml".utf8), .spreadsheet),
            ([0x50, 0x4B, 3, 4, 20, 0] + Array("a.csv".utf8), .zip),
            ([0xD0, 0xCF, 0x11, 0xE0, 0xA1], .oldSpreadsheet), (Array("BZh91AY&SY".utf8), .bzip2),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0], .xz), ([0x89] + Array("PNG\r\n".utf8), .png),
            ([0xFF, 0xD8, 0xFF, 0xE0], .jpeg), (Array("%PDF-1.7\n".utf8), .pdf),
            (zeros.prefix(257) + Array("ustar".utf8), .tar),
            ([0x7F] + Array("ELF".utf8), .executable),
            ([0xFF, 0xFE, 0, 0, 65, 0, 0, 0], .utf32), ([0x1F, 0x8B, 8, 0], .gzip),
            (Array("PGDMP".utf8) + [1, 14], .postgresDump),
        ]
        for (bytes, format) in table { #expect(detect(bytes) == format) }
    }

    @Test("JSON, pages and scripts are known by how they begin, whole or cut")
    func texts() {
        let table: [(String, ForeignFormat)] = [
            ("[]", .json), ("{}", .json), ("[{\"a\": 1}, {\"a\": 2}]\n", .json),
            ("\u{FEFF} {\"a\": [1, 2.5e-3, true, null, \"x\\\"y\"]}", .json),
            ("{\"a\": 1}\n{\"a\": 2}\n", .jsonLines), ("{\"a\":1}{\"a\":2}", .jsonLines),
            ("[{\"a\": 1}, {\"a", .json), ("[1, 2, tr", .json), ("[[[[", .json),
            ("<!DOCTYPE html><html>", .html), ("\n<html>\n", .html), ("<table><tr>", .html),
            ("<?xml version=\"1.0\"?><a/>", .xml), ("<rows>\n <row/>\n", .xml),
            ("<a>1</a>", .xml), ("CREATE TABLE t (a INT);\n", .sqlScript),
            ("-- dump\n\nINSERT INTO t VALUES (1);\n", .sqlScript), ("BEGIN;\nx\n", .sqlScript),
        ]
        for (text, format) in table { #expect(detect(text) == format, "\(text)") }
    }

    @Test("text that only begins alike is left to the detection of tables")
    func tables() {
        let texts = [
            "", "a,b\n1,2\n", "PAR1,PAR2\n1,2\n", "GIF89a,x\n", "DUCK\n", "[id],[name]\n1,2\n",
            "{\"a\":1},2\n{\"a\":2},3\n", "[1]\n[2]\n", "[INFO] started\n", "{x}\n",
            "<1,2\n>1,3\n", "<a>,<b>\n1,2\n", "<ann@x.org>\n<bob@y.org>\n", "< 5\n",
            "begin;end\n1;2\n", "create,insert\n", "insert into,x\n", "{\"a\" 1}\n", "[1,]\n",
            "[1 2]\n", "{]\n", "BZh\n", "PK,name\n", "-- note\na,b\n", "{\"a\"\n:1}x\n",
        ]
        for text in texts { #expect(detect(text) == nil, "\(text)") }
    }

    @Test("every refusal names the format and says what to do")
    func sentences() {
        for format in ForeignFormat.allCases {
            #expect(format.message.contains("the file is "))
            #expect(format.message.hasSuffix("no CSV or TSV"))
            #expect(!format.hint.isEmpty)
        }
    }
}
