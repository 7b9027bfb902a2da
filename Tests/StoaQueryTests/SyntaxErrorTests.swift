import StoaModel
import StoaQuery
import Testing

/// Text that is no statement, or one that Stoa does not have: code, place, message, hint.
@Suite struct SyntaxErrorTests {
    private static let table = ExpectationTable(
        #"""
        ? SELECT id FROM trades HAVIN count(*) > 1
        ! SYNTAX_ERROR at 22 «HAVIN»: "HAVIN" is read as a name here, and "count" cannot follow
          it. | Did you mean HAVING?
        ? SELECT id FROM trades WHERE id > 1 HAVIN count(*) > 1
        ! SYNTAX_ERROR at 35 «HAVIN»: Expected the end of the statement, found "HAVIN". | Did you
          mean HAVING?
        ? SELCT * FROM trades
        ! SYNTAX_ERROR at 0 «SELCT»: Expected a statement, found "SELCT". | Did you mean SELECT?
        ? SELECT * FORM trades
        ! SYNTAX_ERROR at 9 «FORM»: Expected the end of the statement, found "FORM". | Did you
          mean FROM?
        ? SELECT day * 2 FROM trades
        ! TYPE_MISMATCH at 7 «day»: * cannot take this DATE. | Times take + and - with an INTERVAL,
          and - with another time.
        ? SELECT id FROM trades t JOIN x ON 1
        ! NOT_SUPPORTED at 24 «JOIN»: JOIN is not supported. | A query reads one table.
        ? SELECT id FROM trades, trades
        ! NOT_SUPPORTED at 21 «,»: A join is not supported. | A query reads one table.
        ? SELECT DISTINCT ON (id) id FROM trades
        ! NOT_SUPPORTED at 16 «ON»: DISTINCT ON is not supported. | Use GROUP BY with first or
          any_value.
        ? SELECT CASE active THEN 1 END FROM trades
        ! SYNTAX_ERROR at 19 «THEN»: Expected WHEN, found THEN. | Did you mean WHEN?
        ? SELECT CASE WHEN active THEN 1 FROM trades
        ! SYNTAX_ERROR at 31 «FROM»: Expected WHEN, ELSE or END, found FROM.
        ? SELECT (SELECT 1)
        ! NOT_SUPPORTED at 8 «SELECT»: A subquery is not supported. | Run the inner query first
          and send what it gives.
        ? SELECT * FROM (SELECT 1)
        ! NOT_SUPPORTED at 14 «(»: A subquery is not supported. | Run the inner query first
          and send what it gives.
        ? SELECT sum(price) OVER () FROM trades
        ! NOT_SUPPORTED at 18 «OVER»: A window function is not supported. | Aggregates with GROUP
          BY, first, last, arg_min are.
        ? SELECT 1 UNION SELECT 2
        ! NOT_SUPPORTED at 9 «UNION»: UNION is not supported. | Send the queries one by one.
        ? UPDATE trades SET id = 1
        ! NOT_SUPPORTED at 0 «UPDATE»: The statement UPDATE is not supported. | Rows are only
          added. INSERT new ones, or make the table anew.
        ? WITH x AS (SELECT 1) SELECT * FROM x
        ! NOT_SUPPORTED at 0 «WITH»: WITH is not supported. | Write the inner query's conditions
          into one SELECT.
        ? SELECT 1; SELECT 2
        ! SYNTAX_ERROR at 10 «SELECT»: A request holds one statement, here a second begins. | Send
          statements one by one.
        ? INSERT INTO trades (id) VALUES (1, 2)
        ! SYNTAX_ERROR at 31 «(1, 2)»: Row 1 has 2 values where 1 are needed.
        ? CREATE TABLE x (a DECIMAL(20,2))
        ! NOT_SUPPORTED at 18 «DECIMAL(20,2)»: A column of more than 18 digits is not supported. |
          Results may have 38 digits; columns hold DECIMAL up to 18.
        ? CREATE TABLE x (a INTT)
        ! SYNTAX_ERROR at 18 «INTT»: There is no type "INTT". | Did you mean INT?
        ? CREATE TABLE x (a INT PRIMARY KEY)
        ! NOT_SUPPORTED at 22 «PRIMARY»: A PRIMARY KEY is not supported.
        ? SELECT 'abc
        ! SYNTAX_ERROR at 7 «'»: A string is not closed. | A quote inside a string is written
          twice.
        ? SELECT "abc
        ! SYNTAX_ERROR at 7 «"»: A quoted name is not closed. | A quote inside a quoted name is
          written twice.
        ? SELECT 1 /* x
        ! SYNTAX_ERROR at 9 «/*»: A comment is not closed. | Comments nest: every /* needs its own
          */.
        ? SELECT 12ab
        ! SYNTAX_ERROR at 7 «12ab»: A number runs into a letter. | Numbers are written 1, 1.5 or
          1e3; names that start with a digit need double quotes.
        ? SELECT `a`
        ! SYNTAX_ERROR at 7 «`»: A back quote cannot stand here. | Quote names with double quotes.
        ? SELECT a FROM trades WHERE a < b < c
        ! SYNTAX_ERROR at 33 «<»: Comparisons cannot be chained. | Write a < b AND b < c.
        ? SELECT interval '1 day'
        ! TYPE_MISMATCH at 7 «interval '1 day'»: An INTERVAL cannot stand alone. | Add it to a
          TIMESTAMP or DATE, or give it to time_bucket.
        ? SELECT time + interval '1 dya' FROM trades
        ! INVALID_VALUE at 14 «interval '1 dya'»: The text is no INTERVAL. | Write a number and a
          unit, such as '15 minutes' or '1 month 2 days'.
        ? SELECT ticker LIKE price FROM trades
        ! NOT_SUPPORTED at 19 «price»: LIKE takes a constant pattern.
        ? SELECT id IS TRUE FROM trades
        ! TYPE_MISMATCH at 7 «id IS TRUE»: INT64 cannot be compared with BOOL. | CAST one side.
        ? SELECT id FROM trades LIMIT -1
        ! SYNTAX_ERROR at 28 «-»: LIMIT takes a whole number of rows, 0 or more.
        ? SELECT id FROM trades LIMIT 10 OFFSET 2.5
        ! SYNTAX_ERROR at 38 «2.5»: OFFSET takes a whole number of rows, 0 or more.
        ? SELECT *
        ! SYNTAX_ERROR at 7 «*»: SELECT * needs a FROM.
        ? SELECT $1
        ! INVALID_VALUE at 7 «$1»: Parameter $1 has no value. | Send a value for every parameter.
        ? SELECT $
        ! SYNTAX_ERROR at 7 «$»: A parameter has no name. | Parameters are written ?, $1, $name or
          :name.
        ? SELECT a b c FROM trades
        ! SYNTAX_ERROR at 11 «c»: Expected the end of the statement, found "c".
        ? SELECT sum(*) FROM trades
        ! SYNTAX_ERROR at 7 «sum(*)»: Only count takes a *. | Name a column.
        ? SELECT select FROM trades
        ! NOT_SUPPORTED at 7 «select»: A subquery is not supported. | Run the inner query first
          and send what it gives.
        ? SELECT id FROM trades WHERE
        ! SYNTAX_ERROR at 27 «»: Expected an expression, found the end of the statement.
        ? SELECT id FROM trades GROUP BY
        ! SYNTAX_ERROR at 30 «»: Expected an expression, found the end of the statement.
        ? SELECT id FROM trades ORDER quantity
        ! SYNTAX_ERROR at 28 «quantity»: Expected BY, found "quantity".
        ? SELECT id, FROM trades
        ! SYNTAX_ERROR at 11 «FROM»: Expected an expression, found FROM. | FROM is a keyword; in
          double quotes it is a name.
        ? SELECT (id FROM trades
        ! SYNTAX_ERROR at 11 «FROM»: Expected ")", found FROM.
        ? SELECT id) FROM trades
        ! SYNTAX_ERROR at 9 «)»: Expected the end of the statement, found ")".
        ? SELECT f(id FROM trades
        ! SYNTAX_ERROR at 12 «FROM»: Expected "," or ")", found FROM.
        ? SELECT id FROM trades LIMIT x
        ! SYNTAX_ERROR at 28 «x»: LIMIT takes a whole number of rows, 0 or more.
        ? SELECT id FROM trades LIMIT 5 LIMIT 6
        ! SYNTAX_ERROR at 30 «LIMIT»: Expected the end of the statement, found LIMIT.
        ? SELECT id FROM trades ORDER BY id NULLS
        ! SYNTAX_ERROR at 39 «»: Expected FIRST or LAST, found the end of the statement.
        ? SELECT id FROM 'trades'
        ! SYNTAX_ERROR at 15 «'trades'»: Expected a table name, found a string. | Names are quoted
          with double quotes, not single ones.
        ? SELECT id # 1
        ! NOT_SUPPORTED at 10 «#»: Operators of bits are not supported.
        ? SELECT CAST(id INT) FROM trades
        ! SYNTAX_ERROR at 15 «INT»: Expected AS, found "INT".
        ? SELECT CAST(id AS) FROM trades
        ! SYNTAX_ERROR at 17 «)»: Expected a type, found ")".
        ? SELECT id::decimal(40,2) FROM trades
        ! SYNTAX_ERROR at 11 «decimal(40,2)»: DECIMAL(p,s) needs p from 1 to 38 and s from 0 to p.
        ? SELECT id::decimal(5,6) FROM trades
        ! SYNTAX_ERROR at 11 «decimal(5,6)»: DECIMAL(p,s) needs p from 1 to 38 and s from 0 to p.
        ? SELECT id::timestamp(9) FROM trades
        ! NOT_SUPPORTED at 11 «timestamp(9)»: A TIMESTAMP finer than microseconds is not
          supported.
        ? SELECT id::time FROM trades
        ! NOT_SUPPORTED at 11 «time»: The type TIME is not supported. | Use TIMESTAMP or a number.
        ? SELECT ticker FROM trades WHERE ticker LIKE 'ab' ESCAPE 'b'
        ! INVALID_VALUE at 32 «ticker LIKE 'ab' ESCAPE 'b'»: The pattern ends with its escape
          character.
        ? SELECT id IS NOT 5 FROM trades
        ! SYNTAX_ERROR at 17 «5»: Expected NULL, TRUE, FALSE or DISTINCT FROM, found a
          number.
        ? SELECT id NOT 5 FROM trades
        ! SYNTAX_ERROR at 10 «NOT»: Expected the end of the statement, found NOT.
        ? SELECT id BETWEEN 1 OR 2 FROM trades
        ! SYNTAX_ERROR at 20 «OR»: Expected AND, found OR.
        ? SELECT id IN 5 FROM trades
        ! SYNTAX_ERROR at 13 «5»: Expected "(", found a number.
        ? SELECT id IN () FROM trades
        ! SYNTAX_ERROR at 14 «)»: Expected an expression, found ")".
        ? SELECT id IN (SELECT 1) FROM trades
        ! NOT_SUPPORTED at 14 «SELECT»: A subquery is not supported. | Run the inner query first
          and send what it gives.
        ? SELECT (1, 2)
        ! NOT_SUPPORTED at 9 «,»: A row of several values is not supported.
        ? SELECT count(*) FROM trades FETCH FIRST 5 ROWS ONLY
        ! NOT_SUPPORTED at 28 «FETCH»: FETCH is not supported. | Write LIMIT.
        ? SELECT max(price ORDER BY id) FROM trades
        ! NOT_SUPPORTED at 17 «ORDER»: ORDER BY in an aggregate is not supported. | first and
          last take what they go by.
        ? SELECT * FROM generate_series(1, 10)
        ! NOT_SUPPORTED at 29 «(»: A table function is not supported. | A query reads one table.
        ? CREATE VIEW v AS SELECT 1
        ! NOT_SUPPORTED at 7 «VIEW»: CREATE VIEW is not supported. | There is CREATE TABLE.
        ? CREATE TABLE t AS SELECT 1
        ! NOT_SUPPORTED at 15 «AS»: CREATE TABLE … AS is not supported. | Make the table, then
          load it by stoa import.
        ? CREATE TABLE t
        ! SYNTAX_ERROR at 14 «»: Expected "(", found the end of the statement.
        ? CREATE TABLE t ()
        ! SYNTAX_ERROR at 16 «)»: Expected a column name, found ")".
        ? CREATE TABLE t (a INT, )
        ! SYNTAX_ERROR at 23 «)»: Expected a column name, found ")".
        ? CREATE TABLE t (a INT,, b INT)
        ! SYNTAX_ERROR at 22 «,»: Expected a column name, found ",".
        ? CREATE TABLE t (a)
        ! SYNTAX_ERROR at 17 «)»: Expected a type, found ")".
        ? CREATE TABLE t (a INT DEFAULT 5)
        ! NOT_SUPPORTED at 22 «DEFAULT»: DEFAULT is not supported.
        ? CREATE TABLE t (a INT, PRIMARY KEY (a))
        ! NOT_SUPPORTED at 23 «PRIMARY»: A PRIMARY KEY is not supported.
        ? DROP INDEX x
        ! NOT_SUPPORTED at 5 «INDEX»: DROP INDEX is not supported. | There is DROP TABLE.
        ? ALTER TABLE trades ALTER COLUMN id TYPE INT
        ! NOT_SUPPORTED at 19 «ALTER»: ALTER TABLE … ALTER is not supported. | There are ADD
          COLUMN, DROP COLUMN, RENAME COLUMN, RENAME TO and DROP DAMAGED ROWS.
        ? ALTER TABLE trades ADD COLUMN x INT DEFAULT 5
        ! NOT_SUPPORTED at 36 «DEFAULT»: DEFAULT is not supported.
        ? ALTER TABLE trades RENAME COLUMN id AS x
        ! SYNTAX_ERROR at 36 «AS»: Expected TO, found AS.
        ? ALTER TABLE trades DORP COLUMN id
        ! SYNTAX_ERROR at 19 «DORP»: Expected ADD, DROP or RENAME, found "DORP". | Did you mean
          DROP?
        ? SHOW TABLS
        ! SYNTAX_ERROR at 5 «TABLS»: Expected TABLES, ALL or the name of a setting, found "TABLS".
          | Did you mean TABLES?
        ? SET timeout 5
        ! SYNTAX_ERROR at 12 «5»: Expected "=", found a number.
        ? SET timeout =
        ! SYNTAX_ERROR at 13 «»: Expected a value, found the end of the statement.
        ? SET timeout = 5 + 1
        ! SYNTAX_ERROR at 16 «+»: Expected the end of the statement, found "+".
        ? SET GLOBAL timeout = 5
        ! NOT_SUPPORTED at 4 «GLOBAL»: "GLOBAL" is not supported. | SET holds for the session; the
          daemon has settings of its own.
        ? RESET
        ! SYNTAX_ERROR at 5 «»: Expected the name of a setting, found the end of the statement.
        ? INSERT INTO trades SELECT 1
        ! NOT_SUPPORTED at 19 «SELECT»: INSERT … SELECT is not supported. | Rows come by VALUES
          and from clients.
        ? INSERT INTO trades VALUES
        ! SYNTAX_ERROR at 25 «»: Expected "(", found the end of the statement.
        ? INSERT INTO trades (id) VALUES (1) RETURNING id
        ! NOT_SUPPORTED at 35 «RETURNING»: RETURNING is not supported.
        ? INSERT INTO trades (id) VALUES (DEFAULT)
        ! NOT_SUPPORTED at 32 «DEFAULT»: DEFAULT is not supported. | Leave the column out.
        ? INSERT trades VALUES (1)
        ! SYNTAX_ERROR at 7 «trades»: Expected INTO, found "trades".
        ? INSERT INTO trades (id) VALUES (1) (2)
        ! SYNTAX_ERROR at 35 «(»: Expected the end of the statement, found "(".
        ? EXPLAIN INSERT INTO trades (id) VALUES (1)
        ! NOT_SUPPORTED at 8 «INSERT»: EXPLAIN of INSERT is not supported. | There is SELECT.
        ? KILL 'x'
        ! SYNTAX_ERROR at 5 «'x'»: KILL takes the number of a query. | system.queries shows the
          numbers.
        ? BEGIN NOW
        ! SYNTAX_ERROR at 6 «NOW»: Expected the end of the statement, found "NOW".
        ? FOO
        ! SYNTAX_ERROR at 0 «FOO»: Expected a statement, found "FOO".
        ? SELECT ? FROM trades
        ! INVALID_VALUE at 7 «?»: Parameter $1 has no value. | Send a value for every parameter.
        ? SELECT 'a' 'b'
        ! SYNTAX_ERROR at 11 «'b'»: Expected the end of the statement, found a string.
        ? SELECT 1.e, 1
        ! SYNTAX_ERROR at 7 «1.e»: A number runs into a letter. | Numbers are written 1, 1.5 or
          1e3; names that start with a digit need double quotes.
        ? SELECT date_trunc(ticker, day) FROM trades
        ! NOT_SUPPORTED at 18 «ticker»: date_trunc takes the unit as a constant text.
        """#)

    @Test("every refused text is answered with code, place and remedy")
    func errors() {
        for (sql, expected) in Self.table.entries {
            #expect(Fixture.error(sql)?.line(sql) == expected, "\(sql)")
        }
        #expect(Self.table.entries.count > 20)
    }

    @Test("a second comment mark, a lone quote and bad bytes are found where they are")
    func bytes() {
        #expect(Fixture.error("SELECT 1 /* /* */")?.position == 9..<11)
        let invalid = Array("SELECT '".utf8) + [0xFF] + Array("'".utf8)
        #expect(
            throws: QueryError(
                .syntaxError, "The text is not valid UTF-8.", position: 7..<10)
        ) { try Parser.parse(invalid) }
        #expect(Fixture.error("SELECT \u{1}")?.message == "The byte 0x01 cannot stand here.")
    }
}
