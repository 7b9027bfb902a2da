"""The comparison of tools/bench/compare runs, sees a wrong answer, and prints its table."""

import contextlib
import datetime as dt
import json
import os
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal
from pathlib import Path

from harness import ROOT, as_root, can_be_root, clean_environment

BENCH = ROOT / "tools" / "bench"
sys.path.insert(0, str(BENCH))

import answers  # noqa: E402
import measured  # noqa: E402


class CompareTests(unittest.TestCase):
    def test_a_small_comparison_with_duckdb_agrees_in_every_answer(self):
        with tempfile.TemporaryDirectory(prefix="stoa-compare-test-") as folder:
            file = Path(folder) / "report.json"
            # A tool of the developer's, with packages that may be root's.
            with as_root() if can_be_root else contextlib.nullcontext():
                done = subprocess.run(
                    [sys.executable, str(BENCH / "compare.py"), "--rows", "20000", "--runs", "1",
                     "--single-rows", "5000", "--systems", "stoa", "duckdb", "--json", str(file)],
                    capture_output=True, text=True, timeout=300,
                    env=clean_environment(BIN_PATH=os.environ["BIN_PATH"]))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            report = json.loads(file.read_text())
        self.assertEqual(set(report["queries"]), set(measured.QUERIES))
        self.assertEqual(set(report["single"]["queries"]), set(measured.SINGLE))
        for name, line in report["queries"].items():
            self.assertEqual(set(line["median_ms"]), {"stoa", "duckdb"}, name)
        for system in ("stoa", "duckdb"):
            self.assertGreater(report["load"][system]["bytes"], 100_000)
            self.assertGreater(report["load"][system]["peak_bytes"], 1_000_000)
        self.assertIn("geometric mean", done.stdout)
        self.assertIn("all answers agree", done.stdout)


class AnswerTests(unittest.TestCase):
    """The judgement of answers sees the smallest difference that counts, and no other."""

    def difference(self, ours, theirs, **options):
        return answers.difference(measured.Measured("", **options), ours, theirs)

    def test_exact_values_are_equal_or_they_differ(self):
        row = [(1, "a", Decimal("2.50"), dt.datetime(2025, 1, 1))]
        self.assertIsNone(self.difference(row, [(1, "a", Decimal("2.5"), row[0][3])]))
        for other in [(2, *row[0][1:]), (1, "b", *row[0][2:]), (1, "a", 2.5, row[0][3]),
                      (1, "a", Decimal("2.51"), row[0][3]), (None, *row[0][1:]), row[0][:3]]:
            self.assertIsNotNone(self.difference(row, [other]), other)
        self.assertIsNotNone(self.difference(row, row * 2))

    def test_rounded_values_may_differ_by_a_billionth(self):
        one, near, far = [(1.0,)], [(1.0 + 5e-10,)], [(1.0 + 5e-9,)]
        self.assertIsNone(self.difference(one, near, approximate=(0,)))
        self.assertIsNotNone(self.difference(one, far, approximate=(0,)))
        self.assertIsNotNone(self.difference(one, near))

    def test_order_counts_only_where_the_query_has_one(self):
        forth, back = [(1,), (2,)], [(2,), (1,)]
        self.assertIsNone(self.difference(forth, back))
        self.assertIsNotNone(self.difference(forth, back, is_ordered=True))

    def test_rows_tied_at_the_cut_may_be_any_of_them(self):
        ours, theirs = [("a", 9), ("b", 5)], [("a", 9), ("c", 5)]
        self.assertIsNone(self.difference(ours, theirs, cut_by=1))
        self.assertIsNotNone(self.difference(ours, [("x", 9), ("b", 5)], cut_by=1))
        self.assertIsNotNone(self.difference(ours, [("a", 9), ("b", 4)], cut_by=1))
