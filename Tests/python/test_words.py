"""What the SQL surface answers to clients' first words, to SQL it has not, and to mistakes."""

import re
import tempfile
import unittest
from pathlib import Path

import calls
from harness import ROOT, Daemon, stoa

MANUAL = ROOT / "Sources" / "StoaQuery" / "StoaQuery.docc"

# Statements, and the rows that answer them.
ANSWERS = {
    "": [], ";": [], "-- nothing but a comment": [], "/* nothing */ ;": [],
    "BEGIN": [], "BEGIN TRANSACTION": [], "START TRANSACTION READ ONLY": [], "COMMIT": [],
    "COMMIT WORK": [], "ROLLBACK": [], "END": [], "ABORT": [],
    "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE": [],
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE": [],
    "SET client_encoding = 'UTF8'": [], "SET NAMES 'utf8'": [], "SET TIME ZONE 'UTC'": [],
    "SET TimeZone TO UTC": [], "SET application_name = 'a tool'": [],
    "SET search_path TO public, other": [], "SET extra_float_digits = 3": [],
    "SET datestyle = ISO, MDY": [], "SET standard_conforming_strings = on": [],
    "SHOW client_encoding": [("UTF8",)], "SHOW TIME ZONE": [("UTC",)],
    "SHOW transaction isolation level": [("serializable",)],
    "SELECT current_database(), current_schema(), current_schema, current_user, session_user, user":
        [("stoa", "public", "public", "stoa", "stoa", "stoa")],
    "SELECT current_schemas(true)": [("{public}",)],
    "SELECT substring(version(), 1, 4)": [("Stoa",)],
    "SHOW DATABASES": [("stoa",)],
    "SHOW SCHEMAS": [("public",), ("system",), ("information_schema",)],
    "SELECT table_schema, table_name, table_type FROM information_schema.tables":
        [("public", "Some things", "BASE TABLE"), ("public", "t", "BASE TABLE")],
    "SELECT column_name, ordinal_position, is_nullable, data_type, numeric_scale "
    "FROM information_schema.columns WHERE table_name = 't'":
        [("a", 1, "NO", "INT64", 0), ("b", 2, "YES", "STRING", None),
         ("d", 3, "YES", "DECIMAL(9,2)", 2), ("at", 4, "YES", "TIMESTAMP", None)],
    "SELECT schema_name FROM information_schema.schemata":
        [("public",), ("system",), ("information_schema",)],
    "VALUES (1), (2)": [(1,), (2,)], "VALUES (1, 'a', NULL), (2, NULL, 1.5)":
        [(1, "a", None), (2, None, calls.Decimal("1.5"))],
    "DESCRIBE SELECT a + 1 AS b, b FROM t":
        [("b", "INT64", False, None), ("b_1", "STRING", True, None)],
    "SHOW COLUMNS FROM t LIMIT 1": "SYNTAX_ERROR",
    "SELECT DISTINCT count(*) FROM t GROUP BY a": [(1,)],
    "SELECT DISTINCT b FROM t GROUP BY a, b ORDER BY b DESC": [("y",), ("x",)],
    "SELECT DISTINCT b FROM t GROUP BY a, b ORDER BY b LIMIT 1 OFFSET 1": [("y",)],
    "SELECT DISTINCT 1 FROM t GROUP BY a": [(1,)],
    "SELECT DISTINCT b FROM t GROUP BY a, b ORDER BY a": "GROUPING_ERROR",
    "SELECT a FROM t WHERE a IN (a + 1, 2, NULL) ORDER BY a": [(2,)],
    "SELECT sum(ALL a), count(ALL b), sum(ALL -a), mean(a) FROM t": [(6, 3, -6, 2.0)],
    "SELECT substring('hello' FROM 2 FOR 3), substring('hello' FROM -2), substring('hello' FOR 2)":
        [("ell", "lo", "he")],
    "SELECT trim(BOTH 'x' FROM 'xxaxx'), trim(LEADING FROM '  a'), trim(TRAILING 'x' FROM 'axx'), "
    "trim('x' FROM 'xax'), position('l' IN 'hello')": [("a", "a", "a", "a", 3)],
    "SELECT TRY_CAST('x' AS INT64), TRY_CAST('7' AS INT64), TRY_CAST(300 AS INT8)":
        [(None, 7, None)],
    "SELECT a FROM t WHERE TRY_CAST(b AS INT64) IS NULL ORDER BY a": [(1,), (2,), (3,)],
}

# Statements that are refused, with what the error names and what its hint says.
REFUSALS = [
    ("SELECT sum(a) FROM t GROUP BY ROLLUP(a)", "NOT_SUPPORTED", "ROLLUP is not", "one query"),
    ("SELECT a FROM t GROUP BY CUBE(a)", "NOT_SUPPORTED", "CUBE", "one query"),
    ("SELECT a FROM t GROUP BY GROUPING SETS ((a), ())", "NOT_SUPPORTED", "GROUPING SETS", ""),
    ("SELECT rank() OVER (ORDER BY a) FROM t", "NOT_SUPPORTED", "window function", "GROUP BY"),
    ("SELECT * FROM t JOIN u USING (a)", "NOT_SUPPORTED", "JOIN", "one table"),
    ("SELECT * FROM t, u", "NOT_SUPPORTED", "join", "one table"),
    ("SELECT * FROM (SELECT 1)", "NOT_SUPPORTED", "subquery", "inner query"),
    ("SELECT a FROM t WHERE a IN (SELECT 1)", "NOT_SUPPORTED", "subquery", "inner query"),
    ("SELECT a FROM t WHERE EXISTS (SELECT 1)", "NOT_SUPPORTED", "EXISTS", ""),
    ("WITH x AS (SELECT 1) SELECT * FROM x", "NOT_SUPPORTED", "WITH", "one SELECT"),
    ("SELECT 1 UNION ALL SELECT 2", "NOT_SUPPORTED", "UNION", "one by one"),
    ("UPDATE t SET a = 1", "NOT_SUPPORTED", "UPDATE", "only added"),
    ("DELETE FROM t", "NOT_SUPPORTED", "DELETE", "TRUNCATE"),
    ("COPY t FROM 'x.csv'", "NOT_SUPPORTED", "COPY", "stoa import"),
    ("USE other", "NOT_SUPPORTED", "USE", "one database"),
    ("SELECT [1, 2]", "NOT_SUPPORTED", "Lists", ""),
    ("SELECT b FROM t WHERE b ~ 'x'", "NOT_SUPPORTED", "Regular expressions", "LIKE"),
    ("SELECT 2 ^ 3", "NOT_SUPPORTED", "bits", "power"),
    ("SELECT * FROM 'x.csv'", "NOT_SUPPORTED", "file", "stoa import"),
    ("CREATE TABLE u AS SELECT 1", "NOT_SUPPORTED", "CREATE TABLE … AS", "stoa import"),
    ("CREATE VIEW v AS SELECT 1", "NOT_SUPPORTED", "VIEW", "CREATE TABLE"),
    ("SET TimeZone = 'Europe/Berlin'", "INVALID_SETTING", "always UTC", "UTC"),
    ("SET client_encoding = 'LATIN1'", "INVALID_SETTING", "always UTF8", ""),
    ("SET no_such_thing = 1", "INVALID_SETTING", "no_such_thing", ""),
    ("SELECT 1 FORM t", "SYNTAX_ERROR", "\"FORM\"", "FROM"),
    ("SELECT a FROM t WHER a = 1", "SYNTAX_ERROR", "\"WHER\"", "WHERE"),
    ("SELECT a FROM t GROUPP BY a", "SYNTAX_ERROR", "\"GROUPP\"", "GROUP"),
    ("SELECT a FROM t ORDR BY a", "SYNTAX_ERROR", "\"ORDR\"", "ORDER"),
    ("SELECT a FROM t LIMTI 3", "SYNTAX_ERROR", "\"LIMTI\"", "LIMIT"),
    ("SELECT a FROM t ORDER BY a DSC", "SYNTAX_ERROR", "\"DSC\"", "DESC"),
    ("SELCT 1", "SYNTAX_ERROR", "\"SELCT\"", "SELECT"),
    ("CREATE TABEL u (a INT64)", "SYNTAX_ERROR", "TABLE", "TABLE"),
    ("DROP TABEL t", "SYNTAX_ERROR", "TABLE", "TABLE"),
    ("SHOW TABELS", "SYNTAX_ERROR", "TABELS", "TABLES"),
    ("SELECT summ(a) FROM t", "UNKNOWN_FUNCTION", "summ", "sum"),
    ("SELECT nvl(a, 1) FROM t", "UNKNOWN_FUNCTION", "nvl", "coalesce"),
    ("SELECT frobnicate(a) FROM t", "UNKNOWN_FUNCTION", "frobnicate", "SHOW FUNCTIONS"),
    ("SELECT A1 FROM t", "UNKNOWN_COLUMN", "A1", "a"),
    ("SELECT a FROM tt", "UNKNOWN_TABLE", "tt", "t"),
    ("CREATE TABLE u (a INTT)", "SYNTAX_ERROR", "INTT", "INT"),
    ("SELECT count(DISTINCT) FROM t", "SYNTAX_ERROR", "DISTINCT needs a column", ""),
    ("INSERT INTO information_schema.tables VALUES (1)", "NOT_SUPPORTED", "only be read", ""),
    ("VALUES (1), (2, 3)", "SYNTAX_ERROR", "as many values", ""),
    ("SELECT CAST('x' AS INT64)", "INVALID_VALUE", "text is no INT64", ""),
]


class WordTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stoa-words-")
        cls.daemon = Daemon(Path(cls.folder.name) / "data")
        cls.db = cls.daemon.connect()
        cls.db.query("CREATE TABLE t (a INT64 NOT NULL, b STRING, d DECIMAL(9,2), at TIMESTAMP) "
                     "TIME (at) ORDER BY (a, b)")
        cls.db.query("INSERT INTO t VALUES (1, 'x', 0.70, '2024-01-01'), (2, 'y', NULL, NULL), "
                     "(3, 'x', 1, NULL)")
        cls.db.query('CREATE TABLE "Some things" ("a ""b""" INT64)')

    @classmethod
    def tearDownClass(cls):
        cls.db.close()
        cls.daemon.kill()
        cls.folder.cleanup()

    def error(self, sql):
        with self.assertRaises(Exception, msg=sql) as caught:
            self.db.query(sql)
        return caught.exception

    def test_what_drivers_say_first_is_answered(self):
        for sql, rows in ANSWERS.items():
            with self.subTest(sql):
                if isinstance(rows, str):
                    self.assertEqual(self.error(sql).name, rows)
                else:
                    self.assertEqual(self.db.query(sql).rows, rows)

    def test_refusals_name_what_is_not_there_and_what_to_do(self):
        for sql, name, sentence, hint in REFUSALS:
            with self.subTest(sql):
                error = self.error(sql)
                self.assertEqual(error.name, name, error)
                self.assertIn(sentence, error.message)
                self.assertIn(hint, error.hint or "")

    def test_a_table_is_made_again_by_what_it_shows(self):
        for name in ("t", '"Some things"'):
            (shown, sql), = self.db.query(f"SHOW CREATE TABLE {name}").rows
            described = self.db.query(f"DESCRIBE {name}").rows
            self.db.query(f"ALTER TABLE {name} RENAME TO gone")
            self.db.query(sql)
            self.assertEqual(self.db.query(f"DESCRIBE {name}").rows, described)
            self.assertEqual(self.db.query(f"SHOW CREATE TABLE {name}").rows, [(shown, sql)])
            self.db.query(f"DROP TABLE {name}")
            self.db.query(f"ALTER TABLE gone RENAME TO {name}")

    def test_a_float_parameter_finds_the_decimal_it_is_written_as(self):
        rows = self.db.query("SELECT a FROM t WHERE d = $1", [0.7]).rows
        self.assertEqual(rows, [(1,)])
        self.assertEqual(self.db.query("SELECT a FROM t WHERE d IN ($1)", [0.7]).rows, [(1,)])

    def test_every_function_is_listed_in_the_manual_and_tried_at_its_edges(self):
        listed = {(row[1], row[0]) for row in self.db.query("SHOW FUNCTIONS").rows}
        manual = (MANUAL / "SQL.md").read_text() + (MANUAL / "Aggregates.md").read_text()
        words = set(re.findall(r"[a-z_0-9]+", "".join(re.findall(r"`[^`\n]+`", manual)).lower()))
        functions = {name for kind, name in listed if kind != "operator"}
        self.assertEqual(sorted(functions - words), [], "these are in no manual")
        tried = {call.name for call in calls.CALLS} | calls.CONSTANT
        wanted = {name for kind, name in listed if kind != "aggregate"}
        self.assertEqual(sorted(wanted - tried), [], "these are in no call of calls.py")
        self.assertEqual(sorted(tried - wanted), [], "these are not in SHOW FUNCTIONS")

    def test_the_examples_of_the_manual_hold(self):
        count = 0
        for line in (MANUAL / "SQL.md").read_text().splitlines():
            match = re.fullmatch(r"(SELECT .+?) +-- (.*)", line)
            if match:
                count += 1
                _, out, _ = stoa("sql", "--csv", "--no-header", "-q", match[1], url=self.daemon.url)
                self.assertEqual(out.strip(), match[2], match[1])
        self.assertGreater(count, 20)


if __name__ == "__main__":
    unittest.main()
