"""Every file of the corpus, imported by the command line: what it becomes, what is said, and how
pandas and DuckDB read it."""

import csv
import tempfile
import unittest
from pathlib import Path

import corpus_bytes
import corpus_shapes
import corpus_values
from corpus_rules import RULES
from harness import Daemon, stoa
from readers import difference, duckdb_connection, duckdb_reading, pandas_reading

SAMPLES = [*corpus_values.SAMPLES, *corpus_shapes.SAMPLES, *corpus_bytes.SAMPLES]


class CorpusTests(unittest.TestCase):
    """Imports all files once; the tests look at what became of them."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stoa-files-")
        cls.home = Path(cls.folder.name)
        cls.daemon = Daemon(cls.home / "data")
        cls.connection = cls.daemon.connect()
        cls.results = {}
        for number, sample in enumerate(SAMPLES):
            path = cls.home / f"{sample.name}.{sample.ending}"
            path.write_bytes(sample.data)
            table = f"t{number}"
            cls.results[sample.name] = (path, table, *stoa(
                "import", path, "--table", table, "--create", *sample.options,
                url=cls.daemon.url))

    @classmethod
    def tearDownClass(cls):
        cls.connection.close()
        cls.daemon.__exit__()
        cls.folder.cleanup()

    def reading(self, sample):
        """(names, rows) that the import stored; None when there is no table."""
        _, table, code, *_ = self.results[sample.name]
        if code not in (0, 4) or not self.is_there(table):
            return None
        result = self.connection.query(f"SELECT * FROM {table}")
        return [column.name for column in result.columns], result.rows

    def is_there(self, table):
        return table in [row[0] for row in self.connection.query("SHOW TABLES").rows]

    def test_names_are_distinct_and_there_are_enough(self):
        names = [sample.name for sample in SAMPLES]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreaterEqual(len(names), 120)

    def test_every_file_becomes_what_a_careful_reader_makes_of_it(self):
        for sample in SAMPLES:
            with self.subTest(file=sample.name):
                path, table, code, output, errors = self.results[sample.name]
                said = output + errors
                for part in sample.says:
                    self.assertIn(part, said)
                if sample.refused:
                    self.assertEqual(code, 1, said)
                    for part in sample.refused:
                        self.assertIn(part, errors)
                    self.assertFalse(self.is_there(table))
                    continue
                self.assertEqual(code, 4 if sample.rejects else 0, said)
                self.check_rejects(sample, path)
                self.check_table(sample, table, said)

    def check_table(self, sample, table, said):
        if sample.rows == [] and sample.rejects:
            # Nothing fitted: no table was made.
            self.assertFalse(self.is_there(table), said)
            return
        described = self.connection.query(f"DESCRIBE {table}").rows
        self.assertEqual(", ".join(f"{row[0]} {row[1]}" for row in described), sample.columns)
        _, rows = self.reading(sample)
        if isinstance(sample.rows, int):
            self.assertEqual(len(rows), sample.rows)
            return
        # Equal and of the same type: True is no 1, 1.0 no 1.
        self.assertEqual([list(map(repr, row)) for row in rows],
                         [list(map(repr, row)) for row in sample.rows])

    def check_rejects(self, sample, path):
        rejected = Path(f"{path}.rejected")
        if not sample.rejects:
            self.assertFalse(rejected.exists(), rejected.exists() and rejected.read_bytes())
            return
        text = rejected.read_text(errors="replace")
        found = list(csv.DictReader(text.splitlines(keepends=True)))
        self.assertEqual([int(row["line"]) for row in found], [line for line, _ in sample.rejects])
        for row, (_, reason) in zip(found, sample.rejects, strict=True):
            self.assertIn(reason, row["reason"])

    def test_pandas_reads_the_same_but_for_the_rules(self):
        self.compare("pandas", lambda path, sample: pandas_reading(path, sample.told))

    def test_duckdb_reads_the_same_but_for_the_rules(self):
        connection = duckdb_connection()
        self.compare("duckdb", lambda path, _: duckdb_reading(path, connection))

    def compare(self, peer, read):
        for sample in SAMPLES:
            with self.subTest(file=sample.name):
                path = self.results[sample.name][0]
                try:
                    theirs = read(path, sample)
                except Exception as error:  # Whatever a reader says when it refuses.
                    theirs = None
                    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
                ours = self.reading(sample)
                found = difference(ours, theirs)
                kinds = [rule.kind for rule in RULES
                         if rule.peer == peer and sample.name in rule.files]
                shown = f"{ours}\n{peer}: {theirs if theirs else reason}"[:1_200]
                self.assertEqual(kinds, [found] if found else [], shown)

    def test_every_rule_names_files_of_the_corpus_and_a_reason(self):
        names = {sample.name for sample in SAMPLES}
        for rule in RULES:
            self.assertLessEqual(rule.files, names)
            self.assertGreater(len(rule.reason), 20)
            self.assertTrue(rule.files)
