"""Every scalar function and operator has DuckDB's answers at the edges of its whole domain.

Each call runs over columns, half of whose rows are in segments, and over constants. A row that
DuckDB refuses must be refused, and the other way round; what differs on purpose stands in
`calls.DIFFERENCES` and is allowed only where its rule holds.
"""

import itertools
import random
import tempfile
import unicodedata
import unittest
from pathlib import Path

import duckdb
from calls import CALLS, DIFFERENCES, REFUSED
from differential import canonical
from edges import KINDS
from harness import Daemon, error_name

ROWS, CONSTANTS, SINGLES = 1_200, 50, 20


def common_type(kinds):
    """The type of DuckDB that holds both sides of a comparison."""
    names = [KINDS[kind] for kind in kinds]
    if all(kind.duck == names[0].duck for kind in names):
        return names[0].duck
    if {kind.duck for kind in names} == {"DATE", "TIMESTAMP"}:
        return "TIMESTAMP"
    decimals = [kind for kind in names if kind.duck.startswith("DECIMAL")]
    return f"DECIMAL(38,{decimals[0].duck[:-1].split(',')[1]})" if decimals else "HUGEINT"


def fill(template, kinds, arguments):
    """The text of a call with these arguments."""
    names = {"C": common_type(kinds)}
    for index, kind in enumerate(kinds):
        kind = KINDS[kind]
        names[f"W{index}"] = kind.wide
        names[f"S{index}"] = kind.duck.rstrip(")").split(",")[-1] if "(" in kind.duck else "0"
    return template.format(*arguments, **names)


class Edges:
    """One table for each list of kinds, in both systems, with the product of their edges."""

    def __init__(self, connection):
        self.stoa, self.duck = connection, duckdb.connect(config={"threads": 1})
        self.rows = {}

    def table(self, kinds):
        name = "_".join(kinds)
        if name in self.rows:
            return name
        every = list(itertools.product(*(KINDS[kind].values for kind in kinds)))
        if len(every) > ROWS:
            every = random.Random(name).sample(every, ROWS)
        self.rows[name] = every
        self.load(name, kinds, every)
        return name

    def load(self, name, kinds, rows):
        columns = [f"a{index}" for index in range(len(kinds))]
        spelled = ", ".join(f"{c} {KINDS[k].duck}" for c, k in zip(columns, kinds))
        self.duck.execute(f"CREATE TABLE {name} (id BIGINT, {spelled})")
        for start in range(0, len(rows), 500):
            values = ", ".join(
                f"({start + at}, " + ", ".join(
                    KINDS[k].duck_literal(v) for k, v in zip(kinds, row)) + ")"
                for at, row in enumerate(rows[start:start + 500]))
            self.duck.execute(f"INSERT INTO {name} VALUES {values}")
        spelled = ", ".join(f"{c} {KINDS[k].stoa}" for c, k in zip(columns, kinds))
        self.stoa.query(f"CREATE TABLE {name} (id INT64, {spelled})")
        half = len(rows) // 2
        for first, last in ((0, half), (half, len(rows))):
            batch = {"id": ("INT64", list(range(first, last)))}
            for index, kind in enumerate(kinds):
                batch[f"a{index}"] = (
                    KINDS[kind].stoa, [row[index] for row in rows[first:last]])
            self.stoa.ingest(name, batch)
            if first == 0:
                self.stoa.query("FLUSH")

    def theirs(self, call, name):
        """DuckDB's answer for each row; REFUSED where it has none."""
        columns = [f"a{index}" for index in range(len(call.kinds))]
        text = fill(call.duck, call.kinds, columns)
        found = dict(self.duck.execute(f"SELECT id, TRY({text}) FROM {name}").fetchall())
        for at in [at for at, answer in found.items() if answer is None]:
            try:
                self.duck.execute(f"SELECT {text} FROM {name} WHERE id = {at}").fetchall()
            except duckdb.Error:
                found[at] = REFUSED
        return found

    def ours(self, call, name, ids):
        """Stoa's answers over the columns of those rows, one by one where all fail."""
        columns = [f"a{index}" for index in range(len(call.kinds))]
        text = fill(call.stoa, call.kinds, columns)
        return self._split(ids, lambda part: dict(self.stoa.query(
            f"SELECT id, {text} FROM {name} WHERE id IN ({', '.join(map(str, part))})").rows))

    def ours_of_constants(self, call, name, ids):
        def ask(part):
            texts = []
            for at in part:
                literals = [KINDS[k].stoa_literal(v)
                            for k, v in zip(call.kinds, self.rows[name][at])]
                texts.append(fill(call.stoa, call.kinds, literals))
            return dict(zip(part, self.stoa.query("SELECT " + ", ".join(texts)).rows[0]))
        return self._split(ids, ask)

    def _split(self, ids, ask):
        if not ids:
            return {}
        try:
            return ask(ids)
        except Exception as error:
            if error_name(error) not in ("NUMERIC_OVERFLOW", "INVALID_VALUE", "DIVISION_BY_ZERO"):
                raise
            if len(ids) == 1:
                return {ids[0]: REFUSED}
        half = len(ids) // 2
        return self._split(ids[:half], ask) | self._split(ids[half:], ask)


def check(edges, call):
    """What differs and must not: lines for people."""
    name = edges.table(call.kinds)
    rows, theirs = edges.rows[name], edges.theirs(call, name)
    good = [at for at in theirs if theirs[at] is not REFUSED]
    bad = [at for at in theirs if theirs[at] is REFUSED]
    chance = random.Random(call.stoa)
    ours = edges.ours(call, name, good)
    for at in chance.sample(bad, min(SINGLES, len(bad))):
        ours |= edges.ours(call, name, [at])
    some = chance.sample(good, min(CONSTANTS, len(good)))
    constants = edges.ours_of_constants(call, name, some)
    for at in chance.sample(bad, min(SINGLES, len(bad))):
        constants |= edges.ours_of_constants(call, name, [at])
    found = []
    for way, answers in (("columns", ours), ("constants", constants)):
        for at, answer in answers.items():
            if same(answer, theirs[at]):
                continue
            rules = [DIFFERENCES[rule][1] for rule in call.but]
            if not any(rule(rows[at], answer, theirs[at]) for rule in rules):
                found.append(f"{call.stoa} of {rows[at]!r} ({way}): {answer!r}, "
                             f"DuckDB {theirs[at]!r}")
    return found


def same(ours, theirs):
    if REFUSED in (ours, theirs):
        return ours == theirs
    return canonical(ours) == canonical(theirs)


def is_newer(character, ours, theirs):
    """Whether both agree, or DuckDB's Unicode is older than the letter's other case."""
    known = (character.lower(), character.upper())
    return ours == theirs or theirs == character and (
        ours in known or "Cn" in map(unicodedata.category, ours + character))


class EdgeTests(unittest.TestCase):
    def test_functions_and_operators_have_the_answers_of_duckdb_at_the_edges(self):
        with tempfile.TemporaryDirectory(prefix="stoa-edges-") as directory, \
                Daemon(Path(directory) / "data") as daemon:
            edges = Edges(daemon.connect())
            failures = [line for call in CALLS for line in check(edges, call)[:4]]
            edges.stoa.close()
            self.assertEqual(daemon.stop(), 0)
        self.assertEqual(len(failures), 0, "\n".join(["these differ:", *failures[:80]]))

    def test_every_difference_has_a_rule_and_is_used(self):
        used = {rule for call in CALLS for rule in call.but}
        self.assertEqual(used, set(DIFFERENCES))
        for name, (rule, _) in DIFFERENCES.items():
            self.assertGreater(len(rule), 20, name)

    def test_every_code_point_has_the_case_and_the_spaces_of_duckdb(self):
        with tempfile.TemporaryDirectory(prefix="stoa-edges-") as directory, \
                Daemon(Path(directory) / "data") as daemon:
            connection = daemon.connect()
            points = [n for n in range(1, 0x20000) if not 0xD800 <= n < 0xE000]
            connection.query("CREATE TABLE points (n INT32, s STRING)")
            for start in range(0, len(points), 50_000):
                part = points[start:start + 50_000]
                connection.ingest(
                    "points", {"n": ("INT32", part), "s": ("STRING", list(map(chr, part)))})
            ours = connection.query(
                "SELECT n, lower(s), upper(s), trim(s) FROM points ORDER BY n").rows
            connection.close()
        duck = duckdb.connect()
        theirs = duck.execute(
            "SELECT n, lower(s), replace(upper(s), 'ẞ', if(s = 'ß', 'ß', 'ẞ')), trim(s) FROM "
            "(SELECT unnest($1) AS n, unnest($2) AS s) ORDER BY n",
            [points, list(map(chr, points))]).fetchall()
        found = [pair for pair in zip(ours, theirs) if pair[0] != pair[1]
                 and not all(map(is_newer, [chr(pair[0][0])] * 3, pair[0][1:], pair[1][1:]))]
        self.assertEqual(found, [])
