import StoaQuery
import Testing

/// Statements and their plans; `#i` is an input column, types stand behind a colon.
@Suite struct PlanTests {
    private static let table = ExpectationTable(
        #"""
        ? SELECT * FROM trades LIMIT 3
        = scan trades(id, ticker, price, quantity, fee, ratio, day, time, active, tiny, small,
          utiny, usmall, uint, big, share) | give id INT64 = #0, ticker STRING? = #1, price
          DECIMAL(18,4)? = #2, quantity INT32? = #3, fee FLOAT64? = #4, ratio FLOAT32? = #5, day
          DATE? = #6, time TIMESTAMP? = #7, active BOOL? = #8, tiny INT8? = #9, small INT16? =
          #10, utiny UINT8? = #11, usmall UINT16? = #12, uint UINT32? = #13, big UINT64? = #14,
          share DECIMAL(4,2)? = #15 | limit 3
        ? select count(*) from trades
        = scan trades() | group [] [count(*):INT64] | give count(*) INT64 = #0
        ? SELECT sum(price*quantity), COUNT( * ) FROM trades WHERE ticker = 'A' AND time >=
          '2024-01-01'
        = scan trades(price, quantity, ticker, time) | filter ((#2 = 'A') and (#3 >= 2024-01-01
          00:00:00:TIMESTAMP)) | group [] [sum((#0 * #1):DECIMAL(28,4)):DECIMAL(38,4),
          count(*):INT64] | give sum(price * quantity) DECIMAL(38,4)? = #0, count(*) INT64 = #1
        ? SELECT ticker, sum(price * quantity) AS volume FROM trades GROUP BY ticker ORDER BY
          volume DESC LIMIT 10
        = scan trades(ticker, price, quantity) | group [#0] [sum((#1 *
          #2):DECIMAL(28,4)):DECIMAL(38,4)] | give ticker STRING? = #0, volume DECIMAL(38,4)? = #1
          | sort #1 desc | limit 10
        ? SELECT date_trunc('hour', time) h, avg(price), min(fee), max(day) FROM trades GROUP BY h
          ORDER BY 1
        = scan trades(time, price, fee, day) | group [date_trunc(hour, #0)]
          [avg(#1):DECIMAL(38,10), min(#2):FLOAT64, max(#3):DATE] | give h TIMESTAMP? = #0,
          avg(price) DECIMAL(38,10)? = #1, min(fee) FLOAT64? = #2, max(day) DATE? = #3 | sort #0
        ? SELECT extract(year FROM day) AS y, count(id) FROM public.trades AS t GROUP BY ALL ORDER
          BY y NULLS FIRST OFFSET 5
        = scan trades(day, id) | group [extract(year, #0)] [count(#1):INT64] | give y INT64? = #0,
          count(id) INT64 = #1 | sort #0 nulls first | offset 5
        ? SELECT t.ticker FROM trades t WHERE t.active AND NOT t.quantity BETWEEN 1 AND 5 OR
          t.share IS NOT NULL
        = scan trades(ticker, active, quantity, share) | filter ((#1 and not ((#2 >= 1:INT32) and
          (#2 <= 5:INT32))) or #3 is not null) | give ticker STRING? = #0
        ? SELECT id FROM trades WHERE quantity IN (1, 2.0, 2.5, NULL, 99999999999) AND ticker NOT
          IN ('A', 'B')
        = scan trades(id, quantity, ticker) | filter (#1 in [1:INT32, 2:INT32, null] and #2 not in
          ['A', 'B']) | give id INT64 = #0
        ? SELECT id FROM trades WHERE ticker LIKE 'AB%' AND ticker NOT LIKE '_'
        = scan trades(id, ticker) | filter (#1 like 'AB%' and #1 not like '_') | give id INT64 =
          #0
        ? SELECT price + share, price - quantity, price * share, price / 2, price // 3, price % 7,
          -price FROM trades
        = scan trades(price, share, quantity) | give price + share DECIMAL(19,4)? = (#0 +
          #1):DECIMAL(19,4), price - quantity DECIMAL(19,4)? = (#0 - #2):DECIMAL(19,4), price *
          share DECIMAL(22,6)? = (#0 * #1):DECIMAL(22,6), price / 2 FLOAT64? = (#0 /
          2:INT64):FLOAT64, price // 3 DECIMAL(14,0)? = (#0 // 3:INT64):DECIMAL(14,0), price % 7
          DECIMAL(5,4)? = (#0 % 7:INT64):DECIMAL(5,4), -price DECIMAL(18,4)? = -#0:DECIMAL(18,4)
        ? SELECT quantity + tiny, big + 1, fee * price, 1 - share, -big, -quantity FROM trades
        = scan trades(quantity, tiny, big, fee, price, share) | give quantity + tiny INT64? = (#0
          + #1):INT64, big + 1 DECIMAL(38,0)? = (#2 + 1:INT64):DECIMAL(38,0), fee * price FLOAT64?
          = (#3 * #4):FLOAT64, 1 - share DECIMAL(5,2)? = (1:INT64 - #5):DECIMAL(5,2), -big
          DECIMAL(38,0)? = -#2:DECIMAL(38,0), -quantity INT64? = -#0:INT64
        ? SELECT 1 + 2 * 3 AS seven, 1.5, 1e3, 'it''s', NULL, TRUE, -9223372036854775808,
          9223372036854775808
        = one row | give seven INT64 = 7:INT64, 1.5 DECIMAL(2,1) = 1.5:DECIMAL(2,1), 1e3 FLOAT64 =
          1000.0:FLOAT64, 'it''s' STRING = 'it's', NULL BOOL? = null:BOOL, TRUE BOOL = true:BOOL,
          -9223372036854775808 INT64 = -9223372036854775808:INT64, 9223372036854775808
          DECIMAL(38,0) = 9223372036854775808:DECIMAL(38,0)
        ? SELECT price > 10, fee = 0.1, ratio = 0.1, quantity = 2.5, big = 3, day = '2024-01-01',
          day < '2024-01-01 12:00', time = DATE '2024-01-01' FROM trades
        = scan trades(price, fee, ratio, quantity, big, day, time) | give price > 10 BOOL? = (#0 >
          10.0000:DECIMAL(18,4)), fee = 0.1 BOOL? = (#1 = 0.1:FLOAT64), ratio = 0.1 BOOL? = (#2 =
          0.1:FLOAT32), quantity = 2.5 BOOL? = (#3 = 2.5:DECIMAL(2,1)), big = 3 BOOL? = (#4 =
          3:UINT64), day = '2024-01-01' BOOL? = (#5 = 2024-01-01:DATE), day < '2024-01-01 12:00'
          BOOL? = (cast(#5):TIMESTAMP < 2024-01-01 12:00:00:TIMESTAMP), time = DATE '2024-01-01'
          BOOL? = (#6 = 2024-01-01 00:00:00:TIMESTAMP)
        ? SELECT quantity % 10 AS bucket, count(*) * 2 + 1 FROM trades GROUP BY bucket ORDER BY
          bucket + 1, sum(price) DESC
        = scan trades(quantity, price) | group [(#0 % 10:INT64):INT64] [count(*):INT64,
          sum(#1):DECIMAL(38,4)] | give bucket INT64? = #0, count(*) * 2 + 1 INT64 = ((#1 *
          2:INT64):INT64 + 1:INT64):INT64 | sort (#0 + 1:INT64):INT64, #2 desc
        ? SELECT "Wildlife Size", sum("cost: $") FROM "Odd Names" GROUP BY 1
        = scan Odd Names(Wildlife Size, cost: $) | group [#0] [sum(#1):DECIMAL(38,0)] | give
          Wildlife Size STRING? = #0, sum("cost: $") DECIMAL(38,0)? = #1
        ? SELECT time, day AS date FROM trades WHERE day IS NULL
        = scan trades(time, day) | filter #1 is null | give time TIMESTAMP? = #0, date DATE? = #1
        ? CREATE TABLE IF NOT EXISTS new_table (a BIGINT NOT NULL, b varchar(20) NULL, c
          decimal(10,2), "d e" timestamp) TIME ("d e")
        = create new_table if new (a INT64 not null, b STRING, c DECIMAL(10,2), d e TIMESTAMP)
          time d e
        ? CREATE TABLE t2 (a tinyint, b utinyint, c real, d double precision, e character
          varying(10), f boolean, g numeric(5), h decimal)
        = create t2 (a INT8, b UINT8, c FLOAT32, d FLOAT64, e STRING, f BOOL, g DECIMAL(5,0), h
          DECIMAL(18,3))
        ? DROP TABLE IF EXISTS nothing
        = drop nothing called nothing
        ? DROP TABLE trades;
        = drop 7 trades
        ? ALTER TABLE trades RENAME TO deals
        = rename 7 to deals
        ? ALTER TABLE trades ADD COLUMN IF NOT EXISTS ID text
        = add to 7 ID STRING if new
        ? ALTER TABLE trades ADD venue varchar(10) NULL
        = add to 7 venue STRING
        ? ALTER TABLE trades DROP COLUMN Ticker
        = drop of 7 column 2
        ? ALTER TABLE trades DROP COLUMN IF EXISTS nothing
        = drop nothing called nothing
        ? ALTER TABLE trades RENAME COLUMN ticker TO "Ticker"
        = rename of 7 column 2 to Ticker
        ? ALTER TABLE trades RENAME id TO number
        = rename of 7 column 1 to number
        ? EXPLAIN SELECT id FROM trades
        = explain scan trades(id) | give id INT64 = #0
        ? explain analyze select 1;
        = explain analyze one row | give 1 INT64 = 1:INT64
        ? KILL QUERY 17
        = kill 17
        ? kill 18;
        = kill 18
        ? TRUNCATE TABLE trades
        = truncate 7
        ? truncate public.trades;
        = truncate 7
        ? CREATE TABLE sorted (a INT64, b STRING) ORDER BY (B, a)
        = create sorted (a INT64, b STRING) sorted by b, a
        ? SELECT id FROM trades WHERE TRUE ORDER BY 'x', 1 + 1, id DESC
        = scan trades(id) | give id INT64 = #0 | sort #0 desc
        ? SHOW TABLES
        = show tables
        ? FLUSH;
        = flush
        ? SHOW ALL
        = show settings
        ? show Timeout;
        = show Timeout
        ? SET timeout = 5
        = set timeout 5
        ? SET SESSION memory TO '512MiB';
        = set memory 512MiB
        ? set threads = -1
        = set threads -1
        ? SET session = DEFAULT
        = set session default
        ? RESET threads
        = set threads default
        ? RESET ALL
        = set all default
        ? DESCRIBE trades
        = describe trades
        ? DESC "Odd Names"
        = describe Odd Names
        ? INSERT INTO trades (id, ticker, price) VALUES (1, 'A', 1.50), (-2, NULL, '3.25')
        = insert into trades 2 rows
        ? SELECT sum(price) /* nested /* comment */ */ + 1 FROM trades
        = scan trades(price) | group [] [sum(#0):DECIMAL(38,4)] | give sum(price) + 1
          DECIMAL(38,4)? = (#0 + 1:INT64):DECIMAL(38,4)
        ? SELECT ((price)) FROM trades WHERE (active)
        = scan trades(price, active) | filter #1 | give price DECIMAL(18,4)? = #0
        ? SELECT 'a' AS label, count(*) FROM trades GROUP BY label
        = scan trades() | group ['a'] [count(*):INT64] | give label STRING = 'a', count(*) INT64 =
          #1
        ? SELECT id FROM trades ORDER BY quantity * 2 DESC NULLS LAST, ticker
        = scan trades(id, quantity, ticker) | give id INT64 = #0 | sort (#1 * 2:INT64):INT64 desc,
          #2
        ? SELECT id AS a, id AS a, id FROM trades
        = scan trades(id) | give a INT64 = #0, a_1 INT64 = #0, id INT64 = #0
        ? SELECT 1;
        = one row | give 1 INT64 = 1:INT64
        ? SELECT avg(share), sum(share), sum(big), sum(fee), avg(tiny), avg(CAST(price AS
          DECIMAL(38,30))) FROM trades
        = scan trades(share, big, fee, tiny, price) | group [] [avg(#0):DECIMAL(38,8),
          sum(#0):DECIMAL(38,2), sum(#1):DECIMAL(38,0), sum(#2):FLOAT64, avg(#3):FLOAT64,
          avg(cast(#4):DECIMAL(38,30)):DECIMAL(38,30)] | give avg(share) DECIMAL(38,8)? = #0,
          sum(share) DECIMAL(38,2)? = #1, sum(big) DECIMAL(38,0)? = #2, sum(fee) FLOAT64? = #3,
          avg(tiny) FLOAT64? = #4, avg(cast(price AS decimal(38, 30))) DECIMAL(38,30)? = #5
        ? SELECT extract(epoch FROM time), date_trunc('month', day), date_trunc('hour', day) FROM
          trades
        = scan trades(time, day) | give extract(epoch FROM time) FLOAT64? = extract(epoch, #0),
          date_trunc('month', day) DATE? = date_trunc(month, #1), date_trunc('hour', day)
          TIMESTAMP? = date_trunc(hour, cast(#1):TIMESTAMP)
        ? SELECT 5 IN (5.0, 6), '5' IN (5), 5 NOT IN (1, NULL)
        = one row | give 5 IN (5.0, 6) BOOL = ((5:INT64 = 5.0:DECIMAL(2,1)) or (5:INT64 =
          6:INT64)), '5' IN (5) BOOL = (5:INT64 = 5:INT64), 5 NOT IN (1, NULL) BOOL? = not
          ((5:INT64 = 1:INT64) or (5:INT64 = null:INT64))
        ? SELECT price + share AS c FROM trades WHERE c > 5
        = scan trades(price, share) | filter ((#0 + #1):DECIMAL(19,4) > 5.0000:DECIMAL(19,4)) |
          give c DECIMAL(19,4)? = (#0 + #1):DECIMAL(19,4)
        ? SELECT id FROM trades WHERE time BETWEEN '2024-01-01' AND DATE '2024-02-01'
        = scan trades(id, time) | filter ((#1 >= 2024-01-01 00:00:00:TIMESTAMP) and (#1 <=
          2024-02-01 00:00:00:TIMESTAMP)) | give id INT64 = #0
        ? SELECT 1 // 0, 1 % 0, 9223372036854775807 + 1
        = one row | give 1 // 0 INT64 = (1:INT64 // 0:INT64):INT64, 1 % 0 INT64 = (1:INT64 %
          0:INT64):INT64, 9223372036854775807 + 1 INT64 = (9223372036854775807:INT64 +
          1:INT64):INT64
        ? SELECT count(ticker LIKE 'A%') FROM trades
        = scan trades(ticker) | group [] [count(#0 like 'A%'):INT64] | give count(ticker LIKE
          'A%') INT64 = #0
        ? SELECT quantity, sum(fee) FROM trades GROUP BY quantity, quantity, 'x' ORDER BY
          quantity, 1, sum(fee) DESC
        = scan trades(quantity, fee) | group [#0] [sum(#1):FLOAT64] | give quantity INT32? = #0,
          sum(fee) FLOAT64? = #1 | sort #0, #1 desc
        ? SELECT count(*) FROM trades GROUP BY time ORDER BY time
        = scan trades(time) | group [#0] [count(*):INT64] | give count(*) INT64 = #1 | sort #0
        ? SELECT quantity + 1 AS q FROM trades GROUP BY q ORDER BY q * 2
        = scan trades(quantity) | group [(#0 + 1:INT64):INT64] [] | give q INT64? = #0 | sort (#0
          * 2:INT64):INT64
        ? SELECT quantity + 1, (quantity + 1) * 2 FROM trades GROUP BY quantity + 1
        = scan trades(quantity) | group [(#0 + 1:INT64):INT64] [] | give quantity + 1 INT64? = #0,
          (quantity + 1) * 2 INT64? = (#0 * 2:INT64):INT64
        ? SELECT ticker = 'x' OR NULL, NOT NULL, NULL + 1, NULL = NULL, CAST(NULL AS DATE) FROM
          trades
        = scan trades(ticker) | give ticker = 'x' OR NULL BOOL? = ((#0 = 'x') or null:BOOL), NOT
          NULL BOOL? = not null:BOOL, NULL + 1 INT64? = (null:INT64 + 1:INT64):INT64, NULL = NULL
          BOOL? = (null:BOOL = null:BOOL), cast(NULL AS DATE) DATE? = cast(null:DATE):DATE
        ? SELECT day = TIMESTAMP '2024-01-01', TIMESTAMP '2024-01-01 01:00' < day, day = time FROM
          trades
        = scan trades(day, time) | give day = TIMESTAMP '2024-01-01' BOOL? = (#0 =
          2024-01-01:DATE), TIMESTAMP '2024-01-01 01:00' < day BOOL? = (2024-01-01
          01:00:00:TIMESTAMP < cast(#0):TIMESTAMP), day = time BOOL? = (cast(#0):TIMESTAMP = #1)
        ? SELECT -(-5), - - 5, +5, -1.5, -1e3, 2 - -3 FROM trades
        = scan trades() | give -(-5) INT64 = 5:INT64, - -5 INT64 = 5:INT64, +5 INT64 = 5:INT64,
          -1.5 DECIMAL(2,1) = -1.5:DECIMAL(2,1), -1e3 FLOAT64 = -1000.0:FLOAT64, 2 - -3 INT64 =
          5:INT64
        ? SELECT id FROM trades WHERE price IN (1, 2.5, '3.25', 0.00001, 1e2) OR fee IN (1, 0.1,
          9007199254740993) OR day IN ('2024-01-01', TIMESTAMP '2024-01-01 05:00')
        = scan trades(id, price, fee, day) | filter (#1 in [1.0000:DECIMAL(18,4),
          2.5000:DECIMAL(18,4), 3.2500:DECIMAL(18,4), 100.0000:DECIMAL(18,4)] or #2 in
          [1.0:FLOAT64, 0.1:FLOAT64] or #3 in [2024-01-01:DATE]) | give id INT64 = #0
        ? SELECT fee // 2, fee % 2, ratio + 1, ratio * fee, -ratio, big * 2, big // big, share //
          price, share % price FROM trades
        = scan trades(fee, ratio, big, share, price) | give fee // 2 FLOAT64? = (#0 //
          2:INT64):FLOAT64, fee % 2 FLOAT64? = (#0 % 2:INT64):FLOAT64, ratio + 1 FLOAT64? = (#1 +
          1:INT64):FLOAT64, ratio * fee FLOAT64? = (#1 * #0):FLOAT64, -ratio FLOAT32? =
          -#1:FLOAT32, big * 2 DECIMAL(38,0)? = (#2 * 2:INT64):DECIMAL(38,0), big // big
          DECIMAL(38,0)? = (#2 // #2):DECIMAL(38,0), share // price DECIMAL(6,0)? = (#3 //
          #4):DECIMAL(6,0), share % price DECIMAL(6,4)? = (#3 % #4):DECIMAL(6,4)
        ? SELECT NOT active AND active OR active IS NULL, NOT (active OR active) FROM trades
        = scan trades(active) | give NOT active AND active OR active IS NULL BOOL? = ((not #0 and
          #0) or #0 is null), NOT (active OR active) BOOL? = not (#0 or #0)
        ? SELECT price + share * 2 - 1, (price + share) * 2, price - (share - 1) FROM trades
        = scan trades(price, share) | give price + share * 2 - 1 DECIMAL(20,4)? = ((#0 + (#1 *
          2:INT64):DECIMAL(5,2)):DECIMAL(19,4) - 1:INT64):DECIMAL(20,4), (price + share) * 2
          DECIMAL(20,4)? = ((#0 + #1):DECIMAL(19,4) * 2:INT64):DECIMAL(20,4), price - (share - 1)
          DECIMAL(19,4)? = (#0 - (#1 - 1:INT64):DECIMAL(5,2)):DECIMAL(19,4)
        ? SELECT trades.id, TRADES.ID, Public.Trades.Id FROM Trades ORDER BY trades.id
        = scan trades(id) | give id INT64 = #0, id_1 INT64 = #0, id_2 INT64 = #0 | sort #0
        ? SELECT "id" FROM "trades" AS "My T" WHERE "My T".id > 3
        = scan trades(id) | filter (#0 > 3:INT64) | give id INT64 = #0
        ? SELECT id AS select, quantity AS "from" FROM trades
        = scan trades(id, quantity) | give select INT64 = #0, from INT32? = #1
        ? CREATE TABLE t (key INT, first INT, "primary" INT, time TIMESTAMP, date DATE) TIME
          (time)
        = create t (key INT32, first INT32, primary INT32, time TIMESTAMP, date DATE) time time
        ? CREATE TABLE IF NOT EXISTS trades (a INT)
        = create trades if new (a INT32)
        ? ALTER TABLE trades RENAME TO TRADES
        = rename 7 to TRADES
        ? SELECT 1 AS "a""b", 'x''y' AS b
        = one row | give a"b INT64 = 1:INT64, b STRING = 'x'y'
        ? SELECT .5, 5., 1.5e-3, 00012.50, 0.0
        = one row | give .5 DECIMAL(1,1) = 0.5:DECIMAL(1,1), 5. DECIMAL(1,0) = 5:DECIMAL(1,0),
          1.5e-3 FLOAT64 = 0.0015:FLOAT64, 00012.50 DECIMAL(4,2) = 12.50:DECIMAL(4,2), 0.0
          DECIMAL(1,1) = 0.0:DECIMAL(1,1)
        ? SELECT date_part('year', day), EXTRACT('months' FROM time), date_trunc('Weeks', day)
          FROM trades
        = scan trades(day, time) | give date_part('year', day) INT64? = extract(year, #0),
          extract('months' FROM time) INT64? = extract(month, #1), date_trunc('Weeks', day) DATE?
          = date_trunc(week, #0)
        ? SELECT extract(year FROM '2024-01-01')
        = one row | give extract(year FROM '2024-01-01') INT64 = extract(year, 2024-01-01
          00:00:00:TIMESTAMP)
        ? SELECT CAST(1.5 AS BIGINT), CAST(-2.5 AS INT), CAST(2.5e0 AS INT), CAST('2.5' AS INT),
          CAST(1 AS BOOL), CAST(TRUE AS INT), CAST(12.345 AS DECIMAL(4,1)), CAST('12:00' AS
          STRING), CAST(0.1e0 AS DECIMAL(20,18))
        = one row | give cast(1.5 AS BIGINT) INT64 = 2:INT64, cast(-2.5 AS INT) INT32 = -3:INT32,
          cast(2.5e0 AS INT) INT32 = 2:INT32, cast('2.5' AS INT) INT32 = 3:INT32, cast(1 AS BOOL)
          BOOL = true:BOOL, cast(TRUE AS INT) INT32 = 1:INT32, cast(12.345 AS decimal(4, 1))
          DECIMAL(4,1) = 12.3:DECIMAL(4,1), cast('12:00' AS STRING) STRING = '12:00', cast(0.1e0
          AS decimal(20, 18)) DECIMAL(20,18) = 0.100000000000000006:DECIMAL(20,18)
        ? SELECT CAST(active AS INT), CAST(quantity AS BOOL), CAST(fee AS DECIMAL(10,2)),
          CAST(ticker AS DATE), CAST(time AS DATE), CAST(day AS TIMESTAMP), CAST(id AS BIGINT)
          FROM trades
        = scan trades(active, quantity, fee, ticker, time, day, id) | give cast(active AS INT)
          INT32? = cast(#0):INT32, cast(quantity AS BOOL) BOOL? = cast(#1):BOOL, cast(fee AS
          decimal(10, 2)) DECIMAL(10,2)? = cast(#2):DECIMAL(10,2), cast(ticker AS DATE) DATE? =
          cast(#3):DATE, cast(time AS DATE) DATE? = cast(#4):DATE, cast(day AS TIMESTAMP)
          TIMESTAMP? = cast(#5):TIMESTAMP, cast(id AS BIGINT) INT64 = #6
        ? SELECT quantity = '12', price = '1.5', price = '1e-3', time > '2024-01-01T10:00:00Z',
          ticker = 'x' FROM trades
        = scan trades(quantity, price, time, ticker) | give quantity = '12' BOOL? = (#0 =
          12:INT32), price = '1.5' BOOL? = (#1 = 1.5000:DECIMAL(18,4)), price = '1e-3' BOOL? = (#1
          = 0.0010:DECIMAL(18,4)), time > '2024-01-01T10:00:00Z' BOOL? = (#2 > 2024-01-01
          10:00:00:TIMESTAMP), ticker = 'x' BOOL? = (#3 = 'x')
        ? SELECT 1 WHERE 2 > 1
        = one row | filter (2:INT64 > 1:INT64) | give 1 INT64 = 1:INT64
        ? SELECT count(*)
        = one row | group [] [count(*):INT64] | give count(*) INT64 = #0
        ? SELECT 1 LIMIT 0
        = one row | give 1 INT64 = 1:INT64 | limit 0
        """#)

    @Test("every statement has exactly the plan that the manual's rules give it")
    func plans() {
        for (sql, expected) in Self.table.entries {
            do throws(QueryError) {
                #expect(Fixture.text(try Fixture.bind(sql)) == expected, "\(sql)")
            } catch {
                Issue.record("\(sql): \(error.line(sql))")
            }
        }
        #expect(Self.table.entries.count > 20)
    }

    @Test("comments and a byte order mark change nothing")
    func blanks() throws {
        let plain = try Fixture.plan("SELECT id + 1 FROM trades")
        let sql = "\u{FEFF}-- first\nSELECT/**/id /* a /* b */ c */ + 1 FROM-- end\n\ttrades ; -- x"
        #expect(try Fixture.plan(sql)?.description == plain?.description)
    }
}
