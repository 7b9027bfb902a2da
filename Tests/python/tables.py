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
    # A column for each way to store one well.
    Column("runs", "INT32", "INTEGER", "int"),
    Column("sparse", "INT64", "BIGINT", "int"),
    Column("level", "INT64", "BIGINT", "int"),
    Column("steps", "INT64", "BIGINT", "int"),
    Column("tick", "FLOAT64", "DOUBLE", "float"),
    Column("user_id", "STRING", "VARCHAR", "str"),
    Column("url", "STRING", "VARCHAR", "str"),
    Column("noise", "STRING", "VARCHAR", "str"),
    Column("seen", "TIMESTAMP", "TIMESTAMP", "ts"),
]
BIG_COLUMNS = [c for c in COLUMNS if c.name in ("i64", "u8", "f64", "price", "at", "word", "grp")]

WORDS = ["", "a", "ab", "abc", "Größe", "naïve", "日本語", "x" * 40, "NULL", "b%c", "zebra",
         "Zebra", "apple", "ápple", "a b", "tail ", "😀 smile", "00012", "12"]
FIRST_DAY, LAST_DAY = dt.date(1, 1, 1), dt.date(9999, 12, 31)


def value(column, row, rng, rows):
    """One cell; about one in eleven is null, `i16` has a long run of nulls, `code` none."""
    name = column.name
    if name not in ("code", "grp", "seen") and rng.random() < 0.09:
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
    return encoded_value(name, row, rng)


def encoded_value(name, row, rng):
    """One cell of the columns that stand for an encoding."""
    if name == "runs":
        return row // 700 % 11
    if name == "sparse":
        return rng.randint(1, 10**9) if rng.random() < 0.01 else 0
    if name == "level":
        return 1_000_003 * (rng.randrange(12) ** 3) - 5
    if name == "steps":
        return 1_000 * (row * row // 50 + rng.randint(0, 3)) % 10**9
    if name == "tick":
        return rng.randint(-2_000, 20_000) / 100
    if name == "user_id":
        return f"user_{rng.randrange(3_000):06d}"
    if name == "url":
        return (f"https://example.org/{rng.choice(['shop', 'img', 'blog/2026'])}/{row % 977}"
                + rng.choice(["", ".html", "?page=2"]))
    if name == "noise":
        return "".join(rng.choices("0123456789abcdef", k=rng.randint(0, 24)))
    if name == "seen":  # Distinct, in no order.
        return dt.datetime(2026, 1, 1) + dt.timedelta(seconds=row * 40_503 % 1_048_583)
    raise AssertionError(name)


EDGES = {
    "flag": [True, False],
    "f32": [0.0, -0.0, math.nan, math.inf, -math.inf, 2.0**-149, -(2 - 2**-23) * 2.0**127],
    "f64": [0.0, -0.0, math.nan, math.inf, -math.inf, 5e-324, 1.7976931348623157e308, -1e308, 0.1],
    "tick": [0.0, 0.1, -0.3, 1e15, 1e16, 123456789.01, -0.0],
    "price": [Decimal(v).scaleb(-2) for v in (0, 1, -1, 10**12 - 1, 1 - 10**12)],
    "wide": [Decimal(v).scaleb(-6) for v in (0, 1, -1, 10**18 - 1, 1 - 10**18)],
    "day": [FIRST_DAY, LAST_DAY, dt.date(1970, 1, 1), dt.date(1969, 12, 31), dt.date(2024, 2, 29)],
    "at": [dt.datetime(1970, 1, 1), dt.datetime(1969, 12, 31, 23, 59, 59, 999_999),
           dt.datetime(2024, 2, 29, 12), dt.datetime(1900, 1, 1), dt.datetime(2199, 12, 31, 23)],
    "word": WORDS + ["\U0010ffff", "a\tb", "%_%", "'"],
    "user_id": ["", "0", "00", "7", "user_9", "user_10", "x" + "9" * 18, "x" + "9" * 19, "٣"],
    "url": ["https://", "h", "x" * 300, "http://example.org/", "https://example.org/shop/41"],
    "noise": ["\x01", " ", "é" * 20, "AA", "aa"],
}
BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64, "u8": -8, "u16": -16, "u32": -32, "u64": -64,
        "grp": 32, "runs": 32, "sparse": 32, "level": 33, "steps": 30}


def edge_value(column, row, rng):
    """A cell at the ends of its type, near zero, or NULL."""
    if column.name == "seen":
        return encoded_value("seen", row, rng)
    if column.name == "code":
        return f"ORD-{row:07d}"
    if rng.random() < 0.15:
        return None
    if column.name in EDGES:
        return rng.choice(EDGES[column.name])
    bits = BITS[column.name]
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if bits > 0 else (0, (1 << -bits) - 1)
    return rng.choice([low, low + 1, high, high - 1, 0, 0, 1, 2, max(low, -1), 100])


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
    rest = max(1, (count - 2 * small - large) // 10)
    return [
        Table("empty", 0, 1, 0, every, small),
        Table("one", 1, 1, 0, every, small),
        Table("extremes", 300, 1, 150, every, rest),
        # Most queries: small enough to be answered at once, with blocks in segments and beside.
        Table("r3000", 3_000, 1, 1_100, every, 4 * rest + count % 10 + 10),
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
        if table.name == "extremes":
            found[column.name] = [edge_value(column, row, rng) for row in range(table.chunk)]
            continue
        found[column.name] = [value(column, row, rng, table.chunk) for row in range(table.chunk)]
    return found
