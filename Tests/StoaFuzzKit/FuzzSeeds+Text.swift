internal import StoaModel

extension FuzzSeeds {
    /// A column of every type, every fourth cell null.
    static func batch(rowCount: Int) -> [UInt8] {
        let types: [ColumnType] = [
            .bool, .int8, .int64, .uint64, .float32, .float64, .decimal(precision: 18, scale: 4),
            .date, .timestamp, .string,
        ]
        let columns = types.enumerated().map { index, type in
            var builder = ColumnBuilder(name: "c\(index)", type: type)
            for row in 0..<rowCount {
                builder.append(row % 4 == 1 ? .null : value(row, of: type))
            }
            return builder
        }
        return RowBatch.encode(columns)
    }

    private static func value(_ row: Int, of type: ColumnType) -> Literal {
        switch type {
        case .bool: .bool(row % 2 == 0)
        case .float32, .float64: .float(Double(row) / 4)
        case .decimal(_, let scale): .decimal(unscaled: Int128(row * 1_001), scale: scale)
        case .date: .date(Int32(row))
        case .timestamp: .timestamp(Int64(row) * 1_000_000)
        case .string: .string(Array("Größe \(row % 5)".utf8))
        default: .integer(Int128(row))
        }
    }

    static let tables = [
        "a,b,c\n1,2.50,x\n2,3.75,\"y,\"\"z\"\"\"\n,,\n",
        "when;flag;code\n2024-02-29 12:00:00.5;true;007\n2024-03-01;f;008\n",
        "1\t1e5\t-0.0\r\n2\tnan\tinf\r\n",
        "\u{FEFF}name|größe\nÄ|1\n\"two\nlines\"|2\n",
        "sep=;\nd;p;q\n31.12.2025 1:05 PM;1.234,50 €;12%\n1.2.2026;-0,25 €;5 %\n",
        "Report,,\n# x\nt,u,i\n[s],[V],[A]\n1'234.5,+1.5E-3,20\n2,1e309,007\na,b\n",
        "+--+-----+\n| a | b |\n+--+-----+\n| 1 | NA |\n| 12/31/2025 | nan |\n+--+--+\n",
        "'a','b',\n'1 234','12345678901234567890',\n'5','1.2345678901234567',\n",
    ]

    /// The same table plain, as gzip, as zstd and as UTF-16, each behind the byte that says how.
    static let files: [[UInt8]] = [
        [0] + Array("a,b\n1,2\n3,4\n".utf8),
        [
            0x01, 0x1F, 0x8B, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x4B, 0xD4, 0x49,
            0xE2, 0x32, 0xD4, 0x31, 0xE2, 0x32, 0xD6, 0x31, 0xE1, 0x02, 0x00, 0xE5, 0xE9, 0xD6,
            0xCE, 0x0C, 0x00, 0x00, 0x00,
        ],
        [
            0x02, 0x28, 0xB5, 0x2F, 0xFD, 0x24, 0x0C, 0x61, 0x00, 0x00, 0x61, 0x2C, 0x62, 0x0A,
            0x31, 0x2C, 0x32, 0x0A, 0x33, 0x2C, 0x34, 0x0A, 0xE1, 0xB3, 0xCB, 0x2E,
        ],
        [0x0C, 0xFF, 0xFE] + "a,b\n1,2\n".utf8.flatMap { [$0, 0] },
        [0] + Array("[{\"a\": 1}]".utf8),
    ]

    static let statements = [
        "SELECT k, sum(p * i), avg(f) FROM t WHERE s LIKE 'a%_' AND ts >= '2024-02-29' "
            + "GROUP BY k ORDER BY 2 DESC NULLS FIRST LIMIT 10 OFFSET 2",
        "SELECT CASE WHEN b THEN 1 ELSE -1.5 END, coalesce(i, 0), CAST(s AS DECIMAL(9,2)) FROM t "
            + "WHERE i IN (1, 2, NULL) OR NOT (f BETWEEN 1e3 AND 2.5)",
        "SELECT DISTINCT date_trunc('hour', ts), count(DISTINCT s) FILTER (WHERE b) FROM t "
            + "GROUP BY 1 HAVING count(*) > $1",
        "SELECT time_bucket(INTERVAL '15 minutes', ts), extract(dow FROM d), s || 'x' FROM t",
        "CREATE TABLE IF NOT EXISTS \"q\"\"x\" (a INT64 NOT NULL, b DECIMAL(18,4), ts TIMESTAMP) "
            + "TIME (ts)",
        "INSERT INTO t (i, s, d) VALUES (1, 'it''s', DATE '2020-01-01'), (-2, NULL, '0001-01-01')",
        "ALTER TABLE t RENAME TO u; -- done /* not nested */",
    ]
}

/// Words that follow from a seed (SplitMix64).
struct SeededWords {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
