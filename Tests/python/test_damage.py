"""Files that are damaged under a running daemon: an error or the right answer, never another."""

import mmap
import os
import random
import tempfile
import unittest
from pathlib import Path

from harness import Daemon, error_name

ROWS = 150_000
QUERIES = [
    "SELECT count(*), sum(n), min(n), max(n), count(DISTINCT k) FROM t",
    "SELECT s, count(*), sum(n), avg(f) FROM t GROUP BY s ORDER BY s",
    "SELECT count(DISTINCT w), max(w) FROM t",
    "SELECT k, count(*) FROM t WHERE n % 7 = 3 GROUP BY k ORDER BY 2 DESC, k LIMIT 9",
    "SELECT n, w FROM t WHERE s = 'group 3' ORDER BY n DESC LIMIT 20",
    "SELECT sum(f), sum(n * k) FROM t WHERE w LIKE '%77%'",
]
DAMAGE = {"CORRUPT_BLOCK", "CORRUPT_SEGMENT"}


class DamageCase(unittest.TestCase):
    """One daemon with two tables; only one of them is damaged."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.directory = Path(self.folder.name) / "data"
        self.daemon = Daemon(self.directory)
        self.addCleanup(self.folder.cleanup)
        self.addCleanup(lambda: self.daemon.kill())
        self.fill()

    def fill(self):
        with self.daemon.connect() as db:
            for table, rows in (("t", ROWS), ("other", 3_000)):
                db.query(
                    f"CREATE TABLE {table} (n INT64, k INT32, f FLOAT64, s STRING, w STRING)")
                numbers = range(rows)
                db.ingest(table, {
                    "n": ("INT64", [(i * 7_919) % 1_000_003 for i in numbers]),
                    "k": ("INT32", [i % 5_003 for i in numbers]),
                    "f": ("FLOAT64", [i / 8 for i in numbers]),
                    "s": ("STRING", [f"group {i % 40}" for i in numbers]),
                    "w": ("STRING", [f"{(i * 31) % 9_973} word {i % 1_001}" for i in numbers]),
                })
            db.query("FLUSH")
            self.files = dict(db.query('SELECT "table", path FROM system.segments').rows)
        self.expected = [self.ask(sql) for sql in QUERIES]

    def ask(self, sql):
        with self.daemon.connect() as db:
            return db.query(sql).rows

    def try_all(self):
        """How many queries failed; the others gave what they gave before."""
        failures = 0
        for sql, expected in zip(QUERIES, self.expected):
            try:
                rows = self.ask(sql)
            except Exception as error:
                self.assertIn(error_name(error), DAMAGE, f"{sql}: {error}")
                failures += 1
            else:
                self.assertEqual(rows, expected, sql)
        return failures

    @property
    def path(self):
        return self.directory / self.files["t"]

    def others_are_served(self):
        self.assertTrue(self.daemon.is_running)
        self.assertEqual(self.ask("SELECT count(*), sum(k) FROM other")[0][0], 3_000)


def flip(path, offset):
    with open(path, "r+b") as file:
        file.seek(offset)
        byte = file.read(1)[0]
        file.seek(offset)
        file.write(bytes([byte ^ 0x55]))


class LiveDamage(DamageCase):
    def test_a_byte_that_changes_is_an_error_and_never_another_number(self):
        size = self.path.stat().st_size
        seeded = random.Random(5)
        failures = 0
        for attempt in range(30):
            offset = seeded.randrange(64, size)
            before = self.path.stat()
            flip(self.path, offset)
            if attempt % 3 == 1:
                # Who sets the times back cannot set back when he did.
                os.utime(self.path, ns=(before.st_atime_ns, before.st_mtime_ns))
            failures += self.try_all()
            self.others_are_served()
            flip(self.path, offset)
            self.assertEqual(self.try_all(), 0, "what is whole again is read again")
        self.assertGreater(failures, 20)
        self.assertIn("stored bytes are damaged", self.daemon.log_text())

    def test_a_byte_that_changes_through_a_mapping_is_an_error_too(self):
        seeded = random.Random(6)
        failures = 0
        with open(self.path, "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
            for _ in range(15):
                offset = seeded.randrange(64, len(memory))
                memory[offset] ^= 0x55
                failures += self.try_all()
                memory[offset] ^= 0x55
                self.assertEqual(self.try_all(), 0)
        self.assertGreater(failures, 10)

    def test_a_file_that_is_cut_is_an_error_of_the_query(self):
        size = self.path.stat().st_size
        for length in (size * 3 // 4, size // 3, 0):
            os.truncate(self.path, length)
            self.assertGreater(self.try_all(), 0)
            self.others_are_served()
        self.assertEqual(self.ask("SELECT count(*) FROM t")[0][0], ROWS)
        with self.assertRaises(Exception) as caught:
            self.ask("SELECT * FROM t")
        self.assertIn(error_name(caught.exception), DAMAGE)
        with self.daemon.connect() as db:
            db.query("INSERT INTO other (n) VALUES (1)")
        self.assertEqual(self.daemon.stop(), 0)

    def test_the_operator_is_told_where_and_what_to_do(self):
        flip(self.path, self.path.stat().st_size // 2)
        with self.assertRaises(Exception) as caught:
            for sql in [*QUERIES, "SELECT * FROM t"]:
                self.ask(sql)
        error = caught.exception
        self.assertIn("of table t", str(error))
        self.assertIn(self.files["t"], str(error))
        self.assertIn("DROP DAMAGED ROWS", error.hint)
        rows = self.ask('SELECT "table", "column", path, rows, message FROM system.damage')
        self.assertTrue(rows)
        self.assertEqual({row[0] for row in rows}, {"t"})
        self.assertEqual({row[2] for row in rows}, {self.files["t"]})


class DamageAtStart(DamageCase):
    """What a daemon does that finds damage when it starts."""

    def restart(self):
        self.daemon.kill()
        self.daemon = Daemon(self.directory)

    def check(self, spoil):
        self.assertEqual(self.daemon.stop(), 0)
        spoil(self.path)
        self.daemon = Daemon(self.directory)
        self.others_are_served()
        self.assertEqual(self.ask("SELECT count(*) FROM t")[0][0], ROWS)
        with self.assertRaises(Exception) as caught:
            self.ask("SELECT sum(n) FROM t")
        self.assertIn(error_name(caught.exception), DAMAGE)
        self.assertIn("table t", str(caught.exception))
        self.assertIn("a segment is set aside", self.daemon.log_text())
        self.assertEqual(
            self.ask('SELECT "table", path, rows FROM system.damage'),
            [("t", self.files["t"], ROWS)])
        # It is found again, and rows can be added.
        self.restart()
        self.assertEqual(self.ask("SELECT count(*) FROM t")[0][0], ROWS)
        with self.daemon.connect() as db:
            db.query("INSERT INTO t (n) VALUES (1)")
            db.query("FLUSH")
        with self.assertRaises(Exception):
            self.ask("SELECT sum(n) FROM t")
        with self.daemon.connect() as db:
            done = db.query("ALTER TABLE t DROP DAMAGED ROWS")
        self.assertEqual(done.summary.affected_row_count, ROWS)
        self.assertEqual(self.ask("SELECT count(*), sum(n) FROM t"), [(1, 1)])
        self.restart()
        self.assertEqual(self.ask("SELECT count(*), sum(n) FROM t"), [(1, 1)])
        self.assertEqual(self.ask("SELECT count(*) FROM system.damage"), [(0,)])

    def test_a_missing_file_sets_its_rows_aside(self):
        self.check(os.unlink)

    def test_a_cut_file_sets_its_rows_aside(self):
        self.check(lambda path: os.truncate(path, path.stat().st_size - 100))

    def test_a_damaged_footer_sets_its_rows_aside(self):
        self.check(lambda path: flip(path, path.stat().st_size - 100))

    def test_a_directory_in_place_of_the_file_sets_its_rows_aside(self):
        def spoil(path):
            os.unlink(path)
            os.mkdir(path)
        self.check(spoil)

    def test_a_damaged_block_costs_its_rows_and_no_others(self):
        rows = self.ask(
            'SELECT block, rows FROM system.blocks WHERE "table" = \'t\' AND "column" = \'n\'')
        self.assertGreater(len(rows), 1)
        flip(self.path, 1_000)
        with self.assertRaises(Exception) as caught:
            self.ask("SELECT sum(n % 7) FROM t")
        self.assertIn(error_name(caught.exception), DAMAGE)
        # Sums are known from statistics, and other columns have all their blocks.
        self.assertEqual(self.ask("SELECT sum(n) FROM t"), [self.expected[0][0][1:2]])
        self.assertEqual(self.ask("SELECT count(DISTINCT k) FROM t"), [(5_003,)])
        with self.daemon.connect() as db:
            done = db.query("ALTER TABLE t DROP DAMAGED ROWS")
        lost = done.summary.affected_row_count
        self.assertIn(lost, {row[1] for row in rows})
        self.assertEqual(self.ask("SELECT count(*), count(n), count(w) FROM t"),
                         [(ROWS - lost,) * 3])
        expected = self.ask("SELECT sum(n), count(DISTINCT w), max(f) FROM t")
        self.restart()
        self.assertEqual(self.ask("SELECT sum(n), count(DISTINCT w), max(f) FROM t"), expected)
        with self.daemon.connect() as db:
            done = db.query("ALTER TABLE t DROP DAMAGED ROWS")
        self.assertEqual(done.summary.affected_row_count, 0)
