"""Answers equal DuckDB's, over tables that are half sealed and half in memory."""

import random
import sys
import tempfile
import time
import unittest
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path

import differential
import exact
import features
from expressions import DIFFERENCES
from harness import Daemon


def say(text):
    print(text, file=sys.stderr, flush=True)


class DifferentialTests(unittest.TestCase):
    def test_random_queries_have_the_answers_of_duckdb(self):
        with tempfile.TemporaryDirectory(prefix="stoa-differential-") as directory:
            self.run_all(Path(directory) / "data")

    def run_all(self, directory):
        tables = differential.all_tables()
        total = sum(table.queries for table in tables)
        if differential.COUNT >= 2_000:
            self.assertGreaterEqual(total, 2_000)
            self.assertLessEqual(max(t.queries for t in tables if t.rows > 2_000_000), 200)
        oracle = differential.Oracle()
        cells = {table.name: differential.cells_of(table) for table in tables}
        for table in tables:
            oracle.load(table, cells[table.name])
        self.seal_first_part(directory, tables, cells)
        with Daemon(directory) as daemon:
            connection = daemon.connect()
            for table in tables:
                differential.load_part(connection, table, cells[table.name], 1)
                self.check_count(connection, table)
            cells.clear()
            found = features.available(connection, say)
            self.assertIsNone(features.complaint(found))
            failures = self.ask(connection, oracle, tables, found)
            connection.close()
            self.assertEqual(daemon.stop(), 0)
        shown = "\n".join(failures[:5])
        self.assertEqual(len(failures), 0, f"{len(failures)} of {total} differ:\n{shown}")

    def seal_first_part(self, directory, tables, cells):
        """Sends the first parts to a daemon that seals at once, and waits for the segments."""
        with Daemon(directory, "--memtable-age-seconds", "1") as daemon:
            connection = daemon.connect()
            sealed = 0
            for table in tables:
                connection.query(differential.create_statement(table))
                differential.load_part(connection, table, cells[table.name], 0)
                sealed += table.sealed > 0
            deadline = time.monotonic() + 120
            count, unchanged = 0, 0
            while count < sealed or unchanged < 8:
                self.assertLess(time.monotonic(), deadline, "the first parts were not sealed")
                time.sleep(0.5)
                now = len(list((directory / "seg").iterdir()))
                unchanged = unchanged + 1 if now == count else 0
                count = now
            connection.close()
            self.assertEqual(daemon.stop(), 0)

    def check_count(self, connection, table):
        rows = list(connection.query(f"SELECT count(*) FROM {table.name}").rows)
        self.assertEqual(rows, [(table.rows,)], table.name)

    def ask(self, connection, oracle, tables, found):
        failures = []
        for table in tables:
            started = time.monotonic()
            for number in range(table.queries):
                seed = f"{differential.SEED}/{table.name}/{number}"
                try:
                    differential.run_query(connection, oracle, table, seed, found)
                except differential.Failure as failure:
                    failures.append(str(failure))
                    say(failure)
            say(f"    {table.name}: {table.queries} queries over {table.rows} rows in "
                f"{time.monotonic() - started:.0f} s")
        return failures


class ComparisonTests(unittest.TestCase):
    """The suite's own judgement: it must see the smallest difference."""

    def test_differences_are_seen(self):
        one = [(1, 2.5, "a", None)]
        self.assertIsNone(differential.difference(one, [(1, 2.5, "a", None)], True))
        for other in ([(1, 2.5, "b", None)], [(1, 2.5000000000000004, "a", None)],
                      [(2, 2.5, "a", None)], [(1, 2.5, "a", 0)], [], one * 2):
            self.assertIsNotNone(differential.difference(one, other, True), other)
        self.assertIsNone(differential.difference([(float("nan"),)], [(float("nan"),)], True))

    def test_order_is_seen_only_where_it_is_asked_for(self):
        forth, back = [(1,), (2,)], [(2,), (1,)]
        self.assertIsNone(differential.difference(forth, back, False))
        self.assertIsNotNone(differential.difference(forth, back, True))

    def test_references_are_rounded_once(self):
        rng = random.Random(1)
        for _ in range(200):
            values = [rng.uniform(-1, 1) * 10.0**rng.randint(-9, 9)
                      for _ in range(rng.randint(2, 9))]
            mean = sum(map(Fraction, values)) / len(values)
            squares = sum((Fraction(v) - mean) ** 2 for v in values)
            of_sample = squares / (len(values) - 1)
            self.assertEqual(exact.variance(True, False)(values), float(of_sample))
            root = Context(prec=80).sqrt(
                Context(prec=80).divide(of_sample.numerator, of_sample.denominator))
            self.assertEqual(exact.variance(True, True)(values), float(root))
        self.assertEqual(exact.variance(False, False)([None, 5]), 0.0)
        self.assertIsNone(exact.variance(True, True)([5.0, None]))
        self.assertEqual(exact.float_sum([1e308, 1e308, -1e308]), 1e308)
        self.assertEqual(exact.float_sum([1e308] * 9), float("inf"))
        self.assertEqual(exact.decimal_average(1)(Decimal("0.5"), 2), Decimal("0.3"))

    def test_a_feature_is_never_left_out_in_silence(self):
        self.assertIsNone(features.complaint(set(features.FEATURES) - features.MISSING))
        for name in set(features.FEATURES) - features.MISSING:
            self.assertIn(name, features.complaint(set(features.FEATURES) - {name}))

    def test_every_difference_has_a_rule(self):
        for name, rule in DIFFERENCES.items():
            self.assertGreater(len(rule), 20, name)
