"""The tables of the differential suite: every type, nulls in every pattern, every boundary of
block and segment."""

import datetime as dt
import math
import random
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Column:
    name: str
    stoa: str  # type in Stoa
    duck: str  # the same in DuckDB
    kind: str  # bool int uint64 float dec date ts str
    scale: int = 0


COLUMNS = [
    Column("flag", "BOOL", "BOOLEAN", "bool"),
    Column("i8", "INT8", "TINYINT", "int"),
    Column("i16", "INT16", "SMALLINT", "int"),
    Column("i32", "INT32", "INTEGER", "int"),
    Column("i64", "INT64", "BIGINT", "int"),
    Column("u8", "UINT8", "UTINYINT", "int"),
    Column("u16", "UINT16", "USMALLINT", "int"),
    Column("u32", "UINT32", "UINTEGER", "int"),
    Column("u64", "UINT64", "UBIGINT", "uint64"),
    Column("f32", "FLOAT32", "FLOAT", "float"),
    Column("f64", "FLOAT64", "DOUBLE", "float"),
    Column("price", "DECIMAL(12,2)", "DECIMAL(12,2)", "dec", 2),
    Column("wide", "DECIMAL(18,6)", "DECIMAL(18,6)", "dec", 6),
    Column("day", "DATE", "DATE", "date"),
    Column("at", "TIMESTAMP", "TIMESTAMP", "ts"),
    Column("word", "STRING", "VARCHAR", "str"),
    Column("code", "STRING", "VARCHAR", "str"),
    Column("grp", "INT32", "INTEGER", "int"),
]
BIG_COLUMNS = [c for c in COLUMNS if c.name in ("i64", "u8", "f64", "price", "at", "word", "grp")]

WORDS = ["", "a", "ab", "abc", "Größe", "naïve", "日本語", "x" * 40, "NULL", "b%c", "zebra",
         "Zebra", "apple", "ápple", "a b", "tail ", "😀 smile", "00012", "12"]
FIRST_DAY, LAST_DAY = dt.date(1, 1, 1), dt.date(9999, 12, 31)


def value(column, row, rng, rows):
    """One cell; about one in eleven is null, `i16` has a long run of nulls, `code` none."""
    name = column.name
    if name not in ("code", "grp") and rng.random() < 0.09:
        return None
    if name == "i16" and rows // 3 <= row < rows // 2:
        return None
    if name == "flag":
        return rng.random() < 0.3
    if name == "i8":
        return rng.randint(-128, 127)
    if name == "i16":
        return rng.choice([-32768, 32767, 0, 1, rng.randint(-500, 500)])
    if name == "i32":
        return row * 3 - 1000
    if name == "i64":
        return rng.choice([rng.randint(-10**6, 10**6)] * 9 + [rng.randint(-2**63, 2**63 - 1)])
    if name == "u8":
        return rng.randint(0, 255)
    if name == "u16":
        return 65535 if rng.random() < 0.01 else row % 977
    if name == "u32":
        return rng.randint(0, 2**32 - 1)
    if name == "u64":
        return rng.choice([rng.randint(0, 1000)] * 5 + [2**64 - 1, rng.randint(2**63, 2**64 - 1)])
    if name == "f32":
        return rng.choice([0.0, 1.5, -2.25, 1e10, float(rng.randint(-1000, 1000)) / 8])
    if name == "f64":
        special = rng.random()
        if special < 0.001:
            return rng.choice([math.nan, math.inf, -0.0, 5e-324])
        return rng.uniform(-1e6, 1e6) if special < 0.5 else rng.gauss(0, 1) * 10**rng.randint(-8, 8)
    if name == "price":
        return Decimal(rng.randint(-10**6, 10**8)).scaleb(-2)
    if name == "wide":
        return Decimal(rng.choice([rng.randint(-10**9, 10**9)] * 9 + [10**18 - 1])).scaleb(-6)
    if name == "day":
        if rng.random() < 0.001:
            return rng.choice([FIRST_DAY, LAST_DAY])
        return dt.date(2020, 1, 1) + dt.timedelta(days=rng.randint(-2000, 2000))
    if name == "at":
        fraction = rng.choice([0, 0, 500_000, rng.randint(0, 999_999)])
        return dt.datetime(1969, 12, 31, 20) + dt.timedelta(seconds=row, microseconds=fraction)
    if name == "word":
        return rng.choice(WORDS)
    if name == "code":
        return f"ORD-{row:07d}"
    if name == "grp":
        return rng.randint(0, 40)
    raise AssertionError(name)


@dataclass(frozen=True)
class Table:
    name: str
    chunk: int  # rows that are made from the seed …
    copies: int  # … and how often they are sent
    sealed: int  # rows of the first copy, or copies, made segments before the rest arrives
    columns: tuple
    queries: int

    @property
    def rows(self):
        return self.chunk * self.copies


def tables(count):
    """The tables, with `count` queries shared among them; at most 200 go to the biggest. The
    memtable of the biggest stays below the 1,048,576 rows at which it would be sealed."""
    every, big = tuple(COLUMNS), tuple(BIG_COLUMNS)
    small = max(1, count // 25)
    large = min(180, max(1, count // 12))
    rest = max(1, (count - 2 * small - large + 4) // 5)
    return [
        Table("empty", 0, 1, 0, every, small),
        Table("one", 1, 1, 0, every, small),
        Table("r65535", 65_535, 1, 32_767, every, rest),
        Table("r65536", 65_536, 1, 32_768, every, rest),
        Table("r65537", 65_537, 1, 32_768, every, rest),
        Table("s65536", 65_536, 1, 65_536, every, rest),
        Table("s65537", 65_537, 1, 65_537, every, rest),
        Table("big", 105_000, 20, 11, big, large),
    ]


def column_values(table, seed):
    """The cells of one copy, column by column, from the seed alone."""
    found = {}
    for column in table.columns:
        rng = random.Random(f"{seed}/{table.name}/{column.name}")
        found[column.name] = [value(column, row, rng, table.chunk) for row in range(table.chunk)]
    return found
