import StoaModel
import StoaQuery
import Testing

/// INSERT … VALUES: constants become values of the columns' types or are refused.
@Suite struct InsertTests {
    private func batch(_ sql: String) throws -> RowBatch? {
        guard case .insert(let insert) = try Fixture.bind(sql) else { return nil }
        return insert.batch
    }

    /// The value of `column` after inserting `text`.
    private func value(_ text: String, _ column: String) throws -> Literal? {
        let batch = try batch("INSERT INTO trades (id, \(column)) VALUES (1, \(text))")
        guard let batch, let index = batch.columnIndex(named: column) else { return nil }
        return batch.columns[index].literal(0)
    }

    @Test("the ends of every type's range go in")
    func extremes() throws {
        #expect(try value("-128", "tiny") == .integer(-128))
        #expect(try value("32767", "small") == .integer(32_767))
        #expect(try value("255", "utiny") == .integer(255))
        #expect(try value("65535", "usmall") == .integer(65_535))
        #expect(try value("4294967295", "uint") == .integer(4_294_967_295))
        #expect(try value("18446744073709551615", "big") == .integer(Int128(UInt64.max)))
        #expect(try value("-2147483648", "quantity") == .integer(-2_147_483_648))
        let minimum = try batch("INSERT INTO trades (id) VALUES (-9223372036854775808)")
        #expect(minimum?.columns[0].literal(0) == .integer(Int128(Int64.min)))
        let decimal = Literal.decimal(unscaled: -999_999_999_999_999_999, scale: 4)
        #expect(try value("-99999999999999.9999", "price") == decimal)
        #expect(try value("'0001-01-01'", "day") == .date(CivilTime.firstDay))
        #expect(
            try value("'9999-12-31 23:59:59.999999'", "time")
                == .timestamp(CivilTime.lastMicrosecond))
        #expect(try value("1.7976931348623157e308", "fee") == .float(.greatestFiniteMagnitude))
        #expect(try value("'inf'", "ratio") == .float(.infinity))
    }

    @Test("constants are written as numbers, text, casts or NULL")
    func forms() throws {
        #expect(try value("+1.50", "price") == .decimal(unscaled: 15_000, scale: 4))
        #expect(try value("'1.5'", "price") == .decimal(unscaled: 15_000, scale: 4))
        #expect(try value("1e2", "price") == .decimal(unscaled: 1_000_000, scale: 4))
        #expect(try value("0.1e0", "price") == .decimal(unscaled: 1_000, scale: 4))
        #expect(try value("2.0", "quantity") == .integer(2))
        #expect(try value("1.10000", "share") == .decimal(unscaled: 110, scale: 2))
        #expect(try value("' 7 '", "quantity") == .integer(7))
        #expect(try value("0.1", "ratio") == .float(Double(Float(0.1))))
        #expect(try value("16777217", "ratio") == .float(16_777_216))
        #expect(try value("1 + 2 * 3", "quantity") == .integer(7))
        #expect(try value("DATE '2024-02-29'", "time") == .timestamp(1_709_164_800_000_000))
        #expect(try value("TIMESTAMP '2024-02-29'", "day") == .date(19_782))
        #expect(try value("CAST('5' AS INT)", "tiny") == .integer(5))
        #expect(try value("CAST(NULL AS INT)", "tiny") == .null)
        #expect(try value("NULL", "ticker") == .null)
        #expect(try value("FALSE", "active") == .bool(false))
        #expect(try value("'true'", "active") == .bool(true))
        #expect(try value("'it''s €'", "ticker") == .string(Array("it's €".utf8)))
        #expect(try value("1.50", "ticker") == .string(Array("1.50".utf8)))
    }

    @Test("columns that are left out are NULL, the order of names is free")
    func leftOut() throws {
        let batch = try batch("INSERT INTO trades (price, id) VALUES (2, 1), (NULL, 3)")
        #expect(
            batch?.columns.map(\.name)
                == Fixture.catalog.table(named: "trades")?.columns.map(\.name))
        #expect(batch?.columns[0].literal(1) == .integer(3))
        #expect(batch?.columns[2].literal(0) == .decimal(unscaled: 20_000, scale: 4))
        #expect(batch?.columns[2].literal(1) == .null)
        #expect(batch?.columns[1].nullCount == 2)
        let missing = Fixture.error("INSERT INTO trades (price) VALUES (1)")
        #expect(missing?.code == .notNullViolation)
        #expect(missing?.message.contains("Row 1, column \"id\"") == true)
    }

    @Test("a value that would change is refused")
    func refusals() {
        let cases: [(String, String, ErrorCode)] = [
            ("128", "tiny", .numericOverflow), ("-1", "utiny", .numericOverflow),
            ("18446744073709551616", "big", .numericOverflow), ("2.5", "quantity", .invalidValue),
            ("'2.5'", "quantity", .invalidValue), ("1.234", "share", .invalidValue),
            ("'1.234'", "share", .invalidValue), ("100", "share", .numericOverflow),
            ("1e-3", "share", .invalidValue), ("'x'", "quantity", .invalidValue),
            ("''", "quantity", .invalidValue), ("'nan'", "quantity", .invalidValue),
            ("'2024-02-30'", "day", .invalidValue), ("'2024-02-29 12:00'", "day", .invalidValue),
            ("TIMESTAMP '2024-02-29 12:00'", "day", .invalidValue), ("5", "day", .typeMismatch),
            ("TRUE", "quantity", .typeMismatch), ("1", "active", .typeMismatch),
            ("'yes'", "active", .invalidValue), ("1e39", "ratio", .numericOverflow),
            ("'0x10'", "fee", .invalidValue), ("'1e999'", "fee", .invalidValue),
            ("1 // 0", "quantity", .notSupported), ("count(*)", "quantity", .groupingError),
            ("DATE '2024-01-01'", "quantity", .typeMismatch),
        ]
        for (text, column, code) in cases {
            let error = Fixture.error("INSERT INTO trades (id, \(column)) VALUES (1, \(text))")
            #expect(error?.code == code, "\(text) into \(column)")
            let start = 33 + column.utf8.count + 9
            #expect(error?.position?.lowerBound ?? 0 >= start - 12, "\(text)")
        }
    }
}
