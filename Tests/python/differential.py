"""The differential suite: the same random queries to Stoa and to DuckDB, the same answers.

The differences that are intended stand in `expressions.DIFFERENCES`; a query that fails is
printed with its seed. After `tools/test --python differential` has built and set up, this runs
that seed alone:

    BIN_PATH=.build/release .venv/bin/python Tests/python/run.py \\
        --seed SEED --queries N differential
"""

import csv
import datetime as dt
import math
import os
import random
import re
import tempfile
from decimal import Decimal
from functools import cmp_to_key

import duckdb
from harness import error_name
from queries import QueryGenerator
from tables import column_values, tables

LAZY = re.compile(r" (FILTER|AND|OR) |CASE |coalesce")
SEED, COUNT = 20_261_121, 3_000


def configure(seed, count):
    global SEED, COUNT
    SEED = SEED if seed is None else seed
    COUNT = COUNT if count is None else count


class Oracle:
    """DuckDB in memory; it and the daemon take turns."""

    def __init__(self):
        self.connection = duckdb.connect(config={"threads": 2})

    def load(self, table, cells):
        columns = ", ".join(f'"{c.name}" {c.duck}' for c in table.columns)
        types = ", ".join(f"'{c.name}': '{c.duck}'" for c in table.columns)
        self.connection.execute(f"CREATE TABLE {table.name} ({columns})")
        with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", delete=False) as file:
            writer = csv.writer(file, quoting=csv.QUOTE_ALL)
            writer.writerows(zip(*(map(as_text, cells[c.name]) for c in table.columns)))
        try:
            self.connection.execute(
                f"INSERT INTO {table.name} SELECT part.* FROM read_csv('{file.name}', "
                f"header=false, auto_detect=false, nullstr='\\N', quote='\"', escape='\"', "
                f"delim=',', columns={{{types}}}) part, range({table.copies})")
        finally:
            os.unlink(file.name)

    def rows(self, sql):
        return self.connection.execute(sql).fetchall()

    def answer(self, query):
        """The rows that `query` has, in its order."""
        rows = []
        for row in self.rows(query.duck):
            cells, rest = [], list(row)
            for output in query.outputs:
                used, rest = rest[:len(output.duck)], rest[len(output.duck):]
                cells.append(output.combine(*used) if output.combine else used[0])
            rows.append(tuple(cells))
        if query.is_cut_by_duck:
            return rows
        if query.order:
            rows.sort(key=cmp_to_key(lambda a, b: compare_rows(a, b, query.order)))
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset:end]


def as_text(cell):
    if cell is None:
        return "\\N"
    if isinstance(cell, float):
        return repr(cell + 0.0)  # minus-zero
    return str(cell)


def compare(a, b):
    """Stoa's order of values: bytes for text, NaN above all numbers."""
    if isinstance(a, str):
        a, b = a.encode(), b.encode()
    if isinstance(a, float) and (math.isnan(a) or math.isnan(b)):
        return math.isnan(a) - math.isnan(b)
    return (a > b) - (a < b)


def compare_rows(left, right, order):
    for position, is_descending, nulls_first in order:
        a, b = left[position], right[position]
        if a is None or b is None:
            if a is None and b is None:
                continue
            before = -1 if nulls_first else 1
            return before if a is None else -before
        result = compare(a, b)
        if result:
            return -result if is_descending else result
    return 0


def canonical(cell):
    """A value that equals exactly the values it may equal, and has an order."""
    if cell is None:
        return (0, "")
    if isinstance(cell, bool):
        return (1, int(cell))
    if isinstance(cell, float):
        return (2, "nan") if math.isnan(cell) else (3, cell + 0.0)
    if isinstance(cell, (int, Decimal)):
        return (4, Decimal(cell))
    if isinstance(cell, dt.datetime):
        return (5, cell.replace(tzinfo=None).isoformat())
    if isinstance(cell, dt.date):
        return (6, cell.isoformat())
    return (7, cell)


def difference(ours, theirs, is_ordered):
    """What differs between two lists of rows, or None."""
    ours = [tuple(map(canonical, row)) for row in ours]
    theirs = [tuple(map(canonical, row)) for row in theirs]
    if not is_ordered:
        ours.sort(key=repr)
        theirs.sort(key=repr)
    if ours == theirs:
        return None
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, DuckDB has {len(theirs)}"
    at = next(i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1])
    return f"row {at}: {ours[at]}\n          DuckDB: {theirs[at]}"


class Failure(Exception):
    pass


def run_query(connection, oracle, table, seed, features):
    """One query; raises Failure with all that is needed to see it again."""
    query = QueryGenerator(random.Random(seed), table, features).query()

    def fail(what):
        raise Failure(f"seed {seed}\n  Stoa:   {query.stoa}\n  DuckDB: {query.duck}\n  {what}")

    refusal = object()
    try:
        expected = oracle.answer(query)
    except duckdb.Error as error:
        expected = refusal = error
        if not isinstance(error, (duckdb.OutOfRangeException, duckdb.ConversionException)):
            fail(f"DuckDB refused it: {error}")
    try:
        rows = list(connection.query(query.stoa).rows)
        if expected is refusal:
            if LAZY.search(query.stoa):
                return
            fail(f"DuckDB refused it, Stoa did not: {refusal}")
    except Exception as error:  # Whatever the driver raises is a failure of this query.
        if isinstance(error, Failure):
            raise
        if expected is refusal and error_name(error) == "NUMERIC_OVERFLOW":
            return
        fail(f"Stoa refused it: {error}")
    found = difference(rows, expected, bool(query.order))
    if found:
        fail(found)


def load_part(connection, table, cells, part):
    """Sends the rows that are sealed later (part 0) or those that stay in the memtable (1)."""
    def send(start, end):
        columns = {c.name: (c.stoa, cells[c.name][start:end]) for c in table.columns}
        connection.ingest(table.name, columns)

    step = 15_000
    if table.copies > 1:
        copies = table.sealed if part == 0 else table.copies - table.sealed
        for _ in range(copies):
            for start in range(0, table.chunk, step):
                send(start, min(start + step, table.chunk))
        return
    first, last = (0, table.sealed) if part == 0 else (table.sealed, table.chunk)
    for start in range(first, last, step):
        send(start, min(start + step, last))


def create_statement(table):
    columns = ", ".join(f'"{c.name}" {c.stoa}' for c in table.columns)
    time = " TIME (seen)" if any(c.name == "seen" for c in table.columns) else ""
    return f"CREATE TABLE {table.name} ({columns}){time}"


def all_tables():
    return tables(COUNT)


def cells_of(table):
    return column_values(table, SEED)
