/// What a file is that is no delimited text, told by its first bytes.
///
/// Each would be read as text somehow, as one column of rubbish or none; so each is refused with
/// its name and what to do instead.
package enum ForeignFormat: CaseIterable, Hashable, Sendable {
    case parquet, arrow, orc, avro, hdf5, numpy, sqlite, duckdb, postgresDump, postgresBinary
    case spreadsheet, openDocument, oldSpreadsheet, zip, tar, bzip2, xz, lz4, sevenZip, compress
    case gzip, zstd
    case pdf, rtf, png, jpeg, gif, tiff, riff, executable
    case json, jsonLines, html, xml, sqlScript, utf32

    /// Bytes of a file's start that `detected(in:)` wants to see.
    package static let headByteCount = 64 << 10

    /// What the file is whose text begins so; nil for what may be delimited text.
    package static func detected(in head: UnsafeRawBufferPointer) -> ForeignFormat? {
        for (format, offset, magic) in magics
        where head.count >= offset + magic.count && head[offset...].starts(with: magic)
            && (!isWord(magic) || holdsControls(head))
        {
            return format == .zip ? package(in: head) : format
        }
        if TextEncoding.isUTF32(head) { return .utf32 }
        return ForeignText.detected(in: head)
    }

    /// The first bytes of what is no text, and where they are.
    private static let magics: [(ForeignFormat, offset: Int, magic: [UInt8])] = [
        (.parquet, 0, Array("PAR1".utf8)),
        (.arrow, 0, Array("ARROW1".utf8)), (.arrow, 0, Array("FEA1".utf8)),
        (.orc, 0, Array("ORC".utf8) + [8]), (.avro, 0, Array("Obj".utf8) + [1]),
        (.hdf5, 0, [0x89] + Array("HDF".utf8)), (.numpy, 0, [0x93] + Array("NUMPY".utf8)),
        (.sqlite, 0, Array("SQLite format 3".utf8) + [0]), (.duckdb, 8, Array("DUCK".utf8)),
        (.postgresDump, 0, Array("PGDMP".utf8)),
        (.postgresBinary, 0, Array("PGCOPY\n".utf8) + [0xFF]),
        (.oldSpreadsheet, 0, [0xD0, 0xCF, 0x11, 0xE0]),
        (.zip, 0, [0x50, 0x4B, 3, 4]), (.zip, 0, [0x50, 0x4B, 5, 6]),
        (.tar, 257, Array("ustar".utf8)),
        (.bzip2, 4, Array("1AY&SY".utf8)), (.xz, 0, [0xFD] + Array("7zXZ".utf8) + [0]),
        (.lz4, 0, [0x04, 0x22, 0x4D, 0x18]), (.sevenZip, 0, [0x37, 0x7A, 0xBC, 0xAF]),
        (.compress, 0, [0x1F, 0x9D]),
        (.gzip, 0, [0x1F, 0x8B, 8]), (.zstd, 0, [0x28, 0xB5, 0x2F, 0xFD]),
        (.pdf, 0, Array("%PDF-".utf8)), (.rtf, 0, Array("{\\rtf".utf8)),
        (.png, 0, [0x89] + Array("PNG".utf8)), (.jpeg, 0, [0xFF, 0xD8, 0xFF]),
        (.gif, 0, Array("GIF87a".utf8)), (.gif, 0, Array("GIF89a".utf8)),
        (.tiff, 0, [0x49, 0x49, 0x2A, 0]), (.tiff, 0, [0x4D, 0x4D, 0, 0x2A]),
        (.riff, 8, Array("WEBP".utf8)), (.riff, 8, Array("WAVE".utf8)),
        (.executable, 0, [0x7F] + Array("ELF".utf8)),
    ]

    /// Whether a text could begin with the bytes by chance, as `PAR1` does.
    private static func isWord(_ magic: [UInt8]) -> Bool {
        magic.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
        }
    }

    /// Whether there are bytes near the start that no text has.
    private static func holdsControls(_ head: UnsafeRawBufferPointer) -> Bool {
        head.prefix(512).contains { $0 < 9 }
    }

    /// What kind of zip archive it is, by the names of its first files.
    private static func package(in head: UnsafeRawBufferPointer) -> ForeignFormat {
        let names = head.prefix(4_096)
        func holds(_ name: String) -> Bool { names.firstRange(of: Array(name.utf8)) != nil }
        if holds("opendocument") { return .openDocument }
        return holds("[Content_Types].xml") || holds("xl/") || holds("_rels/")
            ? .spreadsheet : .zip
    }

    /// The name of the format, with its article.
    var name: String {
        switch self {
        case .parquet: "a Parquet file"
        case .arrow: "an Arrow file"
        case .orc: "an ORC file"
        case .avro: "an Avro file"
        case .hdf5: "an HDF5 file"
        case .numpy: "a NumPy array"
        case .sqlite: "an SQLite database"
        case .duckdb: "a DuckDB database"
        case .postgresDump: "a dump of pg_dump"
        case .postgresBinary: "a binary COPY of PostgreSQL"
        case .spreadsheet: "an Excel workbook (xlsx)"
        case .openDocument: "an OpenDocument file"
        case .oldSpreadsheet: "an old Excel workbook (xls) or another Office file"
        case .zip: "a zip archive"
        case .tar: "a tar archive"
        case .bzip2: "compressed with bzip2"
        case .xz: "compressed with xz"
        case .lz4: "compressed with lz4"
        case .sevenZip: "a 7-Zip archive"
        case .compress: "compressed with compress"
        case .gzip: "compressed twice"
        case .zstd: "compressed twice"
        case .pdf: "a PDF document"
        case .rtf: "an RTF document"
        case .png, .jpeg, .gif, .tiff: "an image"
        case .riff: "a media file"
        case .executable: "a program"
        case .json: "JSON"
        case .jsonLines: "JSON, one object per line"
        case .html: "an HTML page"
        case .xml: "XML"
        case .sqlScript: "an SQL script"
        case .utf32: "text in UTF-32"
        }
    }

    /// One clause for behind the file's name.
    package var message: String { "the file is \(name), no CSV or TSV" }

    /// What to do.
    package var hint: String {
        switch self {
        case .parquet, .arrow, .orc, .avro, .hdf5, .numpy:
            "Read it with pandas or pyarrow, and send it with the Python client or save it as CSV."
        case .sqlite:
            "sqlite3 -csv -header FILE 'SELECT * FROM t' | stoa import - --table t"
        case .duckdb:
            "duckdb FILE -csv -c 'SELECT * FROM t' | stoa import - --table t"
        case .postgresDump, .postgresBinary:
            "psql -c \"\\copy t TO STDOUT CSV HEADER\" | stoa import - --table t"
        case .spreadsheet, .openDocument, .oldSpreadsheet:
            "Save the sheet as CSV UTF-8 in the spreadsheet program, and import that."
        case .zip: "unzip -p FILE | stoa import - --table NAME"
        case .tar: "tar -xOf FILE | stoa import - --table NAME"
        case .bzip2: "bzip2 -dc FILE | stoa import - --table NAME"
        case .xz: "xz -dc FILE | stoa import - --table NAME"
        case .lz4: "lz4 -dc FILE | stoa import - --table NAME"
        case .sevenZip: "7z x -so FILE | stoa import - --table NAME"
        case .compress: "zcat FILE | stoa import - --table NAME"
        case .gzip, .zstd: "Decompress it once; the other time import does it."
        case .pdf, .rtf, .png, .jpeg, .gif, .tiff, .riff, .executable:
            "Import reads CSV, TSV and the like."
        case .json: "jq -r '.[] | [.a, .b] | @csv' FILE | stoa import - --table NAME --no-header"
        case .jsonLines: "jq -r '[.a, .b] | @csv' FILE | stoa import - --table NAME --no-header"
        case .html, .xml: "Export the table as CSV where it comes from."
        case .sqlScript: "Run statements with: stoa sql -f FILE"
        case .utf32: "iconv -f UTF-32 -t UTF-8 FILE | stoa import - --table NAME"
        }
    }
}
