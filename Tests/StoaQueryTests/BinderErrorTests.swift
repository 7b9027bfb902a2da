import StoaQuery
import Testing

/// Statements whose names, types or values are wrong: code, place, message, hint.
@Suite struct BinderErrorTests {
    private static let table = ExpectationTable(
        #"""
        ? SELECT CAST(price AS DOUBLE), id::text, CAST('2024-02-29' AS DATE), DATE '2024-02-29',
          TIMESTAMP '2024-02-29T12:00:00+02:00'
        ! UNKNOWN_COLUMN at 12 «price»: There is no column "price". | The statement has no FROM.
        ? SELECT a.ticker, ticker, ticker AS x, x.ticker FROM trades a
        ! UNKNOWN_TABLE at 38 «x»: There is no table "x" in this statement. | Its table is "a".
        ? SELECT date, time FROM trades
        ! UNKNOWN_COLUMN at 7 «date»: There is no column "date" in table "trades". | The columns
          are "id", "ticker", "price", "quantity", "fee", "ratio", "day", "time", "active",
          "tiny", "small", "utiny", ….
        ? SELECT quantity FROM trades GROUP BY 'x'
        ! GROUPING_ERROR at 7 «quantity»: Column "quantity" is neither in GROUP BY nor in an
          aggregate. | Add it to GROUP BY, or take min(…) or max(…) of it.
        ? SELECT ticker FROM trades WHERE sum(price) > 1
        ! GROUPING_ERROR at 32 «sum(price)»: An aggregate cannot stand in WHERE. | WHERE sees
          rows, before they are grouped.
        ? SELECT ticker, price FROM trades GROUP BY ticker
        ! GROUPING_ERROR at 15 «price»: Column "price" is neither in GROUP BY nor in an aggregate.
          | Add it to GROUP BY, or take min(…) or max(…) of it.
        ? SELECT sum(sum(price)) FROM trades
        ! GROUPING_ERROR at 7 «sum(sum(price))»: An aggregate cannot stand in an aggregate.
        ? SELECT tickr FROM trades
        ! UNKNOWN_COLUMN at 7 «tickr»: There is no column "tickr" in table "trades". | Did you
          mean "ticker"?
        ? SELECT * FROM trade
        ! UNKNOWN_TABLE at 14 «trade»: There is no table "trade". | Did you mean "trades"?
        ? SELECT summ(price) FROM trades
        ! UNKNOWN_FUNCTION at 7 «summ»: There is no function "summ". | Did you mean sum? SHOW
          FUNCTIONS lists all.
        ? SELECT price FROM trades ORDER BY 3
        ! GROUPING_ERROR at 34 «3»: ORDER BY names an output by a position that is not there. |
          There are outputs 1 to 1.
        ? SELECT ticker + 1 FROM trades
        ! TYPE_MISMATCH at 7 «ticker»: + needs numbers, not STRING. | CAST the text to a number.
        ? SELECT id FROM trades WHERE ticker
        ! TYPE_MISMATCH at 28 «ticker»: A condition is needed here (BOOL), not STRING. | Compare
          it with something.
        ? SELECT id FROM trades WHERE day = 'yesterday'
        ! INVALID_VALUE at 34 «'yesterday'»: The text is no DATE. | Dates are written YYYY-MM-DD.
        ? INSERT INTO trades (id, nope) VALUES (1, 2)
        ! UNKNOWN_COLUMN at 24 «nope»: There is no column "nope" in table "trades". | The columns
          are "id", "ticker", "price", "quantity", "fee", "ratio", "day", "time", "active",
          "tiny", "small", "utiny", ….
        ? INSERT INTO trades (id) VALUES (NULL)
        ! NOT_NULL_VIOLATION at 32 «NULL»: Row 1, column "id": NULL where the column is NOT NULL.
        ? INSERT INTO trades (id, price) VALUES (1, 1.23456)
        ! INVALID_VALUE at 42 «1.23456»: Row 1, column "price": the value has more digits than
          DECIMAL(18,4) keeps.
        ? INSERT INTO trades (id, tiny) VALUES (1, 5), (2, 128)
        ! NUMERIC_OVERFLOW at 49 «128»: Row 2, column "tiny": the value does not fit INT8.
        ? INSERT INTO trades (id, day) VALUES (1, '2024-02-30')
        ! INVALID_VALUE at 40 «'2024-02-30'»: Row 1, column "day": the text is no DATE. | Dates
          are written YYYY-MM-DD.
        ? INSERT INTO trades (id) VALUES (id)
        ! UNKNOWN_COLUMN at 32 «id»: There is no column "id". | Text is quoted with single quotes,
          names with double quotes.
        ? CREATE TABLE x (a INT, A TEXT)
        ! DUPLICATE_COLUMN at 23 «A»: Column "A" is there twice. | Names are unique without regard
          to case.
        ? CREATE TABLE trades (a INT)
        ! TABLE_EXISTS at 13 «trades»: There is a table "trades" already. | Names are unique
          without regard to case.
        ? CREATE TABLE x (a INT) TIME (a)
        ! TYPE_MISMATCH at 29 «a»: The time column must be TIMESTAMP or DATE, not INT32.
        ? SELECT 99999999999999999999999999999999999999999
        ! NUMERIC_OVERFLOW at 7 «99999999999999999999999999999999999999999»: The number does not
          fit 38 digits.
        ? SELECT 1e999
        ! NUMERIC_OVERFLOW at 7 «1e999»: The number does not fit FLOAT64.
        ? SELECT extract(jahr FROM day) FROM trades
        ! INVALID_VALUE at 15 «jahr»: There is no such field of time. | The fields are year,
          quarter, month, week, isoyear, day, dow, isodow, doy, hour, minute, second, millisecond,
          microsecond, epoch.
        ? SELECT date_trunc('huor', time) FROM trades
        ! INVALID_VALUE at 18 «'huor'»: There is no such unit of time. | Did you mean hour?
        ? SELECT CAST('abc' AS INT)
        ! INVALID_VALUE at 7 «CAST('abc' AS INT)»: The text is no INT32.
        ? SELECT CAST(300 AS TINYINT)
        ! NUMERIC_OVERFLOW at 7 «CAST(300 AS TINYINT)»: The value does not fit INT8.
        ? SELECT CAST(day AS INT) FROM trades
        ! TYPE_MISMATCH at 7 «CAST(day AS INT)»: DATE cannot become INT32.
        ? SELECT price * price * price * price * price * price * price * price * price * price
          FROM trades
        ! TYPE_MISMATCH at 7 «price * price * price * price * price * price * price * price *
          price * price»: DECIMAL(38,36) * DECIMAL(18,4) has more than 38 digits after the point.
          | CAST one side to fewer digits.
        ? SELECT "TICKER" FROM trades
        ! UNKNOWN_COLUMN at 7 «"TICKER"»: There is no column "TICKER" in table "trades". | Did you
          mean "ticker"?
        ? SELECT x.y FROM trades
        ! UNKNOWN_TABLE at 7 «x»: There is no table "x" in this statement. | Its table is
          "trades".
        ? SELECT other.trades.id FROM trades
        ! UNKNOWN_TABLE at 7 «other»: There is no schema "other". | All tables are in the schema
          "public", which need not be named.
        ? SELECT count(*) FROM other.trades
        ! UNKNOWN_TABLE at 21 «other»: There is no schema "other". | All tables are in the schema
          "public", which need not be named.
        ? SELECT price FROM trades WHERE NOT price
        ! TYPE_MISMATCH at 35 «price»: A condition is needed here (BOOL), not DECIMAL(18,4). |
          Compare it with something.
        ? SELECT active = 'true', active = 'maybe' FROM trades
        ! INVALID_VALUE at 33 «'maybe'»: The text is no BOOL. | Write true or false.
        ? SELECT price FROM trades WHERE c > 5
        ! UNKNOWN_COLUMN at 31 «c»: There is no column "c" in table "trades". | The columns are
          "id", "ticker", "price", "quantity", "fee", "ratio", "day", "time", "active", "tiny",
          "small", "utiny", ….
        ? SELECT sum(quantity) + quantity FROM trades
        ! GROUPING_ERROR at 23 «quantity»: Column "quantity" is neither in GROUP BY nor in an
          aggregate. | Add it to GROUP BY, or take min(…) or max(…) of it.
        ? SELECT id FROM trades GROUP BY sum(price)
        ! GROUPING_ERROR at 31 «sum(price)»: An aggregate cannot stand in GROUP BY.
        ? SELECT sum(price) AS s FROM trades GROUP BY s
        ! GROUPING_ERROR at 44 «s»: An aggregate cannot stand in GROUP BY.
        ? SELECT sum(price) AS s FROM trades WHERE s > 1
        ! GROUPING_ERROR at 41 «s»: An aggregate cannot stand in WHERE. | WHERE sees rows, before
          they are grouped.
        ? SELECT id AS x, ticker AS x FROM trades ORDER BY x
        ! DUPLICATE_COLUMN at 49 «x»: More than one output is called "x". | Give them different
          names with AS.
        ? SELECT sum(price) FROM trades GROUP BY 2
        ! GROUPING_ERROR at 39 «2»: GROUP BY names an output by a position that is not there. |
          There are outputs 1 to 1.
        ? SELECT ticker FROM trades GROUP BY ticker ORDER BY price
        ! GROUPING_ERROR at 51 «price»: Column "price" is neither in GROUP BY nor in an aggregate.
          | Add it to GROUP BY, or take min(…) or max(…) of it.
        ? SELECT sum() FROM trades
        ! TYPE_MISMATCH at 7 «sum()»: sum takes 1 argument, not 0.
        ? SELECT sum(price, id) FROM trades
        ! TYPE_MISMATCH at 7 «sum(price, id)»: sum takes 1 argument, not 2.
        ? SELECT sum(ticker), 1 FROM trades
        ! TYPE_MISMATCH at 11 «ticker»: sum needs numbers, not STRING. | CAST it to a number.
        ? SELECT avg(day) FROM trades
        ! TYPE_MISMATCH at 11 «day»: avg needs numbers, not DATE. | min, max and count take it.
        ? SELECT id FROM trades AS t WHERE trades.id > 1
        ! UNKNOWN_TABLE at 33 «trades»: There is no table "trades" in this statement. | Its table
          is "t".
        ? SELECT first, last FROM trades
        ! UNKNOWN_COLUMN at 7 «first»: There is no column "first" in table "trades". | The columns
          are "id", "ticker", "price", "quantity", "fee", "ratio", "day", "time", "active",
          "tiny", "small", "utiny", ….
        ? CREATE TABLE t (a INT) TIME (b)
        ! UNKNOWN_COLUMN at 29 «b»: There is no column "b" in this table. | Did you mean "a"?
        ? CREATE TABLE "" (a INT)
        ! BAD_NAME at 13 «""»: This cannot be a name. | Names have 1 to 128 bytes and no control
          characters.
        ? CREATE TABLE other.t (a INT)
        ! UNKNOWN_TABLE at 13 «other»: There is no schema "other". | All tables are in the schema
          "public", which need not be named.
        ? DROP TABLE nope
        ! UNKNOWN_TABLE at 11 «nope»: There is no table "nope".
        ? DROP TABLE other.trades
        ! UNKNOWN_TABLE at 11 «other»: There is no schema "other". | All tables are in the schema
          "public", which need not be named.
        ? ALTER TABLE trades RENAME TO "Odd names"
        ! TABLE_EXISTS at 29 «"Odd names"»: There is a table "Odd names" already. | Names are
          unique without regard to case.
        ? ALTER TABLE trades ADD COLUMN ID INT
        ! DUPLICATE_COLUMN at 30 «ID»: There is a column "ID" already. | Names are unique without
          regard to case.
        ? ALTER TABLE trades ADD x INT NOT NULL
        ! NOT_SUPPORTED at 23 «x»: A column that is added cannot be NOT NULL. | The rows that are
          there have no value for it; they read as NULL.
        ? ALTER TABLE trades ADD x DECIMAL(20,2)
        ! NOT_SUPPORTED at 25 «DECIMAL(20,2)»: A column of more than 18 digits is not supported. |
          Results may have 38 digits; columns hold DECIMAL up to 18.
        ? ALTER TABLE trades DROP COLUMN tickr
        ! UNKNOWN_COLUMN at 31 «tickr»: There is no column "tickr" in table "trades". | Did you
          mean "ticker"?
        ? ALTER TABLE trades RENAME id TO TICKER
        ! DUPLICATE_COLUMN at 32 «TICKER»: There is a column "TICKER" already. | Names are unique
          without regard to case.
        ? CREATE TABLE x (a INT) ORDER BY (a, A)
        ! DUPLICATE_COLUMN at 36 «A»: Column "a" is there twice.
        ? CREATE TABLE x (a INT) ORDER BY b
        ! UNKNOWN_COLUMN at 32 «b»: There is no column "b" in this table. | Did you mean "a"?
        ? TRUNCATE nope
        ! UNKNOWN_TABLE at 9 «nope»: There is no table "nope".
        ? DESCRIBE nope
        ! UNKNOWN_TABLE at 9 «nope»: There is no table "nope".
        ? INSERT INTO trades (id, id) VALUES (1, 2)
        ! DUPLICATE_COLUMN at 24 «id»: Column "id" is named twice.
        ? INSERT INTO trades (id, active) VALUES (1, 5)
        ! TYPE_MISMATCH at 43 «5»: Row 1, column "active": INT64 cannot become BOOL.
        ? INSERT INTO trades (id, fee) VALUES (1, 'abc')
        ! INVALID_VALUE at 40 «'abc'»: Row 1, column "fee": the text is no FLOAT64.
        ? INSERT INTO trades (id, price) VALUES (1, 1e30)
        ! NUMERIC_OVERFLOW at 42 «1e30»: Row 1, column "price": the value does not fit
          DECIMAL(18,4).
        ? INSERT INTO nope VALUES (1)
        ! UNKNOWN_TABLE at 12 «nope»: There is no table "nope".
        ? SELECT extract(year FROM ticker) FROM trades
        ! TYPE_MISMATCH at 25 «ticker»: extract needs DATE or TIMESTAMP, not STRING. | CAST the
          text to TIMESTAMP.
        ? SELECT CAST(fee AS BOOL) FROM trades
        ! TYPE_MISMATCH at 7 «CAST(fee AS BOOL)»: FLOAT64 cannot become BOOL.
        ? SELECT CAST(time AS BIGINT) FROM trades
        ! TYPE_MISMATCH at 7 «CAST(time AS BIGINT)»: TIMESTAMP cannot become INT64.
        ? SELECT id = ticker FROM trades
        ! TYPE_MISMATCH at 7 «id = ticker»: INT64 cannot be compared with STRING. | CAST one side.
        ? SELECT day = 5 FROM trades
        ! TYPE_MISMATCH at 7 «day = 5»: DATE cannot be compared with INT64. | CAST one side.
        ? SELECT active = 1 FROM trades
        ! TYPE_MISMATCH at 7 «active = 1»: BOOL cannot be compared with INT64. | CAST one side.
        ? SELECT quantity = 'abc' FROM trades
        ! INVALID_VALUE at 18 «'abc'»: The text is no number, but it is compared with INT32.
        ? SELECT id
        ! UNKNOWN_COLUMN at 7 «id»: There is no column "id". | The statement has no FROM.
        """#)

    @Test("every wrong name, type and value is answered with code, place and remedy")
    func errors() {
        for (sql, expected) in Self.table.entries {
            #expect(Fixture.error(sql)?.line(sql) == expected, "\(sql)")
        }
        #expect(Self.table.entries.count > 20)
    }

    @Test("no message or hint repeats a literal of the statement")
    func secrets() {
        let statements = [
            "SELECT id FROM trades WHERE day = 'SECRET'", "SELECT CAST('SECRET' AS INT)",
            "INSERT INTO trades (id) VALUES ('SECRET')",
            "SELECT date_trunc('SECRET', day) FROM trades",
            "INSERT INTO trades (id, tiny) VALUES (1, 987654321)", "SELECT 987654321::TINYINT",
            "SELECT id FROM trades LIMIT 'SECRET'", "SELECT id 'SECRET'",
            "SELECT 'SECRET' 987654321",
        ]
        for sql in statements {
            guard let error = Fixture.error(sql) else {
                Issue.record("\(sql) was accepted")
                continue
            }
            let text = error.message + (error.hint ?? "")
            #expect(!text.contains("SECRET") && !text.contains("987654321"), "\(text)")
        }
    }
}
