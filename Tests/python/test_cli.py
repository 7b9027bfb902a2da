"""The command line as scripts meet it: exit codes, streams, imports of real files."""

import csv
import socket
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

from harness import SAMPLE, Daemon, stoa


class CommandLineTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stoa-cli-")
        cls.home = Path(cls.folder.name)
        cls.daemon = Daemon(cls.home / "data")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.folder.cleanup()

    def stoa(self, *arguments, text=None, code=0):
        found, output, errors = stoa(*arguments, url=self.daemon.url, text=text)
        self.assertEqual(found, code, f"{arguments}: {output[:300]}{errors[:600]}")
        return output, errors

    def cell(self, sql):
        output, _ = self.stoa("sql", "-q", sql, "--format", "csv")
        return output.splitlines()[1]

    def write(self, name, text):
        path = self.home / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_exit_codes(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            free = server.getsockname()[1]
        nobody = f"stoa://127.0.0.1:{free}"
        table = [
            (0, ["ping"], self.daemon.url),
            (2, ["ping"], nobody),
            (2, ["sql", "-q", "SELECT 1"], nobody),
            (1, ["ping"], "http://127.0.0.1:1"),
            (1, ["no-such-command"], self.daemon.url),
            (1, ["sql", "--no-such-option"], self.daemon.url),
            (1, ["import", "/no/such/file.csv", "--table", "x", "--create"], self.daemon.url),
            (0, ["sql", "-q", "SELECT 1"], self.daemon.url),
            (3, ["sql", "-q", "SELECT nothing FROM nowhere"], self.daemon.url),
            (3, ["sql", "-q", "SELEC 1"], self.daemon.url),
            (0, ["tables"], self.daemon.url),
            (0, ["--help"], self.daemon.url),
        ]
        for expected, arguments, url in table:
            with self.subTest(arguments=arguments, url=url):
                code, output, errors = stoa(*arguments, url=url)
                self.assertEqual(code, expected, output + errors)
                if expected:
                    self.assertEqual(output, "")
                    self.assertNotEqual(errors, "")

    def test_a_pipe_gets_csv_with_a_header(self):
        output, _ = self.stoa("sql", "-q", "SELECT 1 AS one, 'a,b' AS text")
        self.assertEqual(output.splitlines(), ["one,text", '1,"a,b"'])

    def test_statements_stand_on_the_command_line_with_or_without_an_option(self):
        output, _ = self.stoa("sql", "SELECT 1 AS one; SELECT 2", "--format", "csv")
        self.assertEqual(output, "one\n1\n2\n2\n")
        output, _ = self.stoa("sql", "-q", "SELECT 2", "SELECT 1", "--format", "csv")
        self.assertEqual(output.splitlines()[1::2], ["1", "2"])
        _, errors = self.stoa("sql", __file__, code=1)
        self.assertIn("-f", errors)

    def test_statements_come_from_standard_input_too(self):
        output, _ = self.stoa("sql", text="SELECT 1 AS a;\nSELECT 2 AS b;\n")
        self.assertEqual(output.split(), ["a", "1", "b", "2"])

    def test_parameters_by_name_and_by_place(self):
        for sql, values, expected in (
                ("SELECT $a || '-' || $b", ["a=x", "b=y=z"], "x-y=z"),
                ("SELECT ?::INT64 + ?::INT64", ["40", "2"], "42"),
                ("SELECT $2 || $1", ["1=b", "2=a"], "ab"),
                ("SELECT ? || $n", ["=a=b", "n="], "a=b"),
        ):
            options = [part for value in values for part in ("--param", value)]
            output, _ = self.stoa("sql", "-q", sql, *options)
            self.assertEqual(output.splitlines()[1], expected, sql)
        for values, word in ((["2=x"], "$1"), (["1=x", "1=y"], "$1"), (["0=x"], "place")):
            options = [part for value in values for part in ("--param", value)]
            _, errors = self.stoa("sql", "-q", "SELECT 1", *options, code=1)
            self.assertIn(word, errors)
        self.stoa("sql", "-q", "SELECT ?", code=3)

    def test_settings_hold_for_the_statements_that_follow(self):
        output, _ = self.stoa(
            "sql", text="SET timeout = 7; SET memory TO '64MiB';\nSHOW timeout; SHOW memory;"
            "RESET timeout; SHOW timeout")
        self.assertEqual(
            output.split(), ["timeout", "7", "memory", "67108864", "timeout", "300"])
        self.assertEqual(
            self.cell("SELECT origin FROM system.settings WHERE name = 'timeout'"), "default")
        _, errors = self.stoa("sql", "-q", "SET tiemout = 5", code=3)
        self.assertIn("INVALID_SETTING", errors)
        self.assertIn("Did you mean timeout?", errors)

    def test_queries_name_their_client(self):
        client = self.cell("SELECT client FROM system.queries WHERE state = 'running'")
        self.assertRegex(client, r"^stoa\S* 127\.0\.0\.1:\d+$")

    def test_every_format_has_the_value(self):
        for name in ("box", "table", "csv", "tsv", "json", "ndjson"):
            output, _ = self.stoa("sql", "-q", "SELECT 12345 AS n", "--format", name)
            self.assertIn("12345", output, name)
        self.stoa("sql", "-q", "SELECT 1", "--format", "nonsense", code=1)

    def test_the_sample_is_imported_whole(self):
        with open(SAMPLE, newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        self.stoa("import", SAMPLE, "--table", "strikes", "--create")
        self.assertEqual(self.cell("SELECT count(*) FROM strikes"), str(len(rows)))
        total = sum(Decimal(row["Cost Total $"]) for row in rows if row["Cost Total $"])
        self.assertEqual(Decimal(self.cell('SELECT sum("Cost Total $") FROM strikes')), total)
        empty = sum(1 for row in rows if row["Speed IAS in knots"] == "")
        self.assertEqual(
            self.cell('SELECT count(*) FROM strikes WHERE "Speed IAS in knots" IS NULL'),
            str(empty))

    def test_a_label_refuses_the_second_load(self):
        path = self.write("label.csv", "a,b\n1,x\n2,y\n")
        self.stoa("import", path, "--table", "labelled", "--create")
        self.stoa("import", path, "--table", "labelled", "--label", "monday")
        _, errors = self.stoa("import", path, "--table", "labelled", "--label", "monday", code=3)
        self.assertIn("DUPLICATE_LABEL", errors)
        self.assertEqual(self.cell("SELECT count(*) FROM labelled"), "4")

    def test_bad_rows_go_to_the_reject_file(self):
        self.stoa("sql", "-q", "CREATE TABLE strict (a INT64, b STRING)")
        path = self.write("bad.csv", "a,b\n1,x\nnot a number,y\n3,z\n4\n")
        rejects = self.home / "rejects.txt"
        self.stoa("import", path, "--table", "strict", "--rejects", rejects, code=4)
        self.assertEqual(self.cell("SELECT count(*) FROM strict"), "2")
        text = rejects.read_text()
        self.assertIn("not a number,y", text)
        self.assertIn("3", text)  # Line 3 of the file.

    def test_rejected_rows_never_overwrite_a_loaded_file(self):
        path = self.write("kept.csv", "a,b\n1,2\n3\n")
        before = path.read_bytes()
        self.stoa("import", path, "--create", "--rejects", path, code=1)
        self.assertEqual(path.read_bytes(), before)

    def test_line_ends_quotes_and_marks(self):
        cases = {
            "crlf": b"a,b\r\n1,x\r\n2,y\r\n",
            "cr": b"a,b\r1,x\r2,y\r",
            "bom": b"\xef\xbb\xbfa,b\n1,x\n2,y\n",
            "no_last_newline": b"a,b\n1,x\n2,y",
            "quoted": b'"a","b"\n"1","x\ny"\n"2","say ""hi"""\n',
            "tabs": b"a\tb\n1\tx\n2\ty\n",
            "semicolons": b"a;b\n1;x\n2;y\n",
        }
        for name, text in cases.items():
            with self.subTest(name=name):
                path = self.write(f"{name}.csv", text)
                self.stoa("import", path, "--table", f"shape_{name}", "--create")
                self.assertEqual(self.cell(f"SELECT sum(a) FROM shape_{name}"), "3")
        self.assertEqual(
            self.cell("SELECT count(*) FROM shape_quoted WHERE b = 'say \"hi\"'"), "1")

    def test_a_later_row_widens_the_guess(self):
        lines = "\n".join(str(i) for i in range(60_000))
        path = self.write("late.csv", f"a\n{lines}\n1.5\n")
        self.stoa("import", path, "--table", "late", "--create")
        self.assertEqual(self.cell("SELECT count(*) FROM late WHERE a > 1.25 AND a < 1.75"), "1")
        self.assertEqual(self.cell("SELECT count(*) FROM late"), "60001")

    def test_what_comes_late_is_kept_as_written(self):
        numbers = "".join(f"{i},{i}\n" for i in range(1, 20_502))
        for name, late, said in [
            ("zero", "007", "row 20502 has a leading zero"),
            ("plus", "+49301234567", "row 20502 has a plus sign"),
            ("long", "123456789012345678901", "row 20502 has more digits"),
        ]:
            path = self.write(f"late_{name}.csv", f"k,v\n{numbers}20502,{late}\n")
            _, errors = self.stoa("import", path, "--create")
            self.assertIn(f"v is STRING: {said}", errors)
            self.assertEqual(
                self.cell(f"SELECT CAST(v AS STRING) FROM late_{name} WHERE k = 20502"), late)
            self.assertEqual(self.cell(f"SELECT count(*) FROM late_{name}"), "20502")

    def test_an_import_says_how_it_reads_a_file_and_why(self):
        text = "Konto;1\n\nTag;Betrag;Code\n31.01.2025;-1.050,00;007\n01.02.2025;2,50;012\n"
        path = self.write("said.csv", text)
        output, _ = self.stoa("import", path, "--dry-run")
        _, errors = self.stoa("import", path, "--create")
        for said in (
            "delimiter ';'", "quote '\"'", "header yes", "2 lines above it skipped", "utf-8",
            '"Tag" DATE: DD.MM.YYYY', '"Code" STRING: row 1 has a leading zero',
            '"Betrag" DECIMAL(18,2): 2 digits after the point in every value, decimal commas',
        ):
            self.assertIn(said, output)
            self.assertIn(said, errors)
        self.assertEqual(self.cell('SELECT sum("Betrag") FROM said'), "-1047.50")

    def test_words_about_a_file_count(self):
        path = self.write("words.csv", "x\na|b|c\n% note\n'1,5'|01/02/25|NA\n")
        self.stoa(
            "import", path, "--create", "--skip", "1", "--delimiter", "|", "--quote", "'",
            "--comment", "%", "--decimal-comma", "--date-format", "MM/DD/YY", "--null", "NA",
            "--types", "c=INT32", "--header")
        self.assertEqual(
            self.cell("SELECT CAST(a AS STRING) || ' ' || CAST(b AS STRING) FROM words"),
            "1.5 2025-01-02")
        for wrong, said in [
            (["--types", "a=STRNG"], "did you mean STRING?"),
            (["--types", "aa=STRING"], 'did you mean "a"?'),
            (["--thousands", ";"], "--thousands is one of"),
            (["--decimal-comma", "--thousands", ","], "exclude each other"),
            (["--date-format", "DD.MM"], "--date-format needs a year"),
            (["--quote", "ab"], "--quote is none or one ASCII character"),
        ]:
            _, errors = self.stoa("import", path, "--dry-run", *wrong, code=1)
            self.assertIn(said, errors)

    def test_what_stands_below_a_table_is_no_row_and_no_reject(self):
        path = self.write("below.csv", "a,b\n1,x\na,b\n2,y\n(2 rows affected)\n")
        _, errors = self.stoa("import", path, "--create")
        self.assertIn("2 records left out", errors)
        self.assertEqual(self.cell("SELECT count(*) FROM below"), "2")
        path = self.write("torn.csv", "a,b\n1,x\n2,y\n3\n")
        self.stoa("import", path, "--create", code=4)
        path = self.write("letter.txt", "Dear all,\nit is, well, over.\nYours, A.\nB\n")
        _, errors = self.stoa("import", path, "--create", code=1)
        self.assertIn("no table is seen in it", errors)

    def test_a_dry_run_loads_nothing(self):
        output, errors = self.stoa("import", SAMPLE, "--table", "dry", "--create", "--dry-run")
        self.assertIn("Cost Total $", output + errors)
        self.stoa("sql", "-q", "SELECT count(*) FROM dry", code=3)

    def test_an_empty_file_is_an_error_and_a_header_alone_is_not(self):
        path = self.write("empty.csv", "")
        code, _, errors = stoa(
            "import", path, "--table", "nothing", "--create", url=self.daemon.url)
        self.assertEqual(code, 1, errors)
        path = self.write("header.csv", "a,b\n")
        self.stoa("import", path, "--table", "header", "--create")
        self.assertEqual(self.cell("SELECT count(*) FROM header"), "0")


class CheckTests(unittest.TestCase):
    def test_check_and_inspect_read_a_closed_directory(self):
        with tempfile.TemporaryDirectory(prefix="stoa-check-") as folder:
            directory = Path(folder) / "data"
            with Daemon(directory) as daemon:
                code, _, errors = stoa(
                    "import", SAMPLE, "--table", "strikes", "--create", url=daemon.url)
                self.assertEqual(code, 0, errors)
                self.assertEqual(daemon.stop(), 0)
            code, output, errors = stoa("check", directory)
            self.assertEqual(code, 0, output + errors)
            segment = next((directory / "seg").iterdir())
            code, output, errors = stoa("inspect", segment)
            self.assertEqual(code, 0, errors)
            self.assertGreaterEqual(len(output.splitlines()), 14)
            damaged = bytearray(segment.read_bytes())
            damaged[len(damaged) // 3] ^= 0x10
            segment.write_bytes(damaged)
            code, output, errors = stoa("check", directory)
            self.assertNotEqual(code, 0, output + errors)
            self.assertIn(segment.name, output + errors)
