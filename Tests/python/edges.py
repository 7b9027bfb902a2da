"""The edges of every type's domain, as both systems spell them."""

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal

UTC = dt.timezone.utc
LONG = "ab" * 150

TEXTS = [
    None, "", "a", "hello", "Hello, World", " x ", "\t x\n", "aaa", "%", "_", "a%b", "a_b", "\\",
    "it's", "NULL", "0", "42", "héllo", "HÉLLO", "Größe", "ß", "ẞ", "ŉ", "ﬁ", "ᾳ", "ᾼ", "İ", "ı",
    "Σας", "ſ", "K", "Å", "ǆ", "ǅ", "e\u0301", "\u0301", "日本語", "😀", "a😀b", "𐐀𐐨",
    "👩\u200d👧", "\ufeff", "\u00a0", "\U0010ffff", LONG,
]
PIECES = [None, "", "a", "l", "lo", "é", "😀", "%", "\u0301", "hello", "ab"]
PLACES = [None, 0, 1, 2, 3, 5, 6, 7, 300, 301, -1, -2, -3, -5, -6, -7, -300, 2**31, -(2**31),
          2**62, -(2**62), 2**63 - 1, -(2**63)]
LENGTHS = [None, 0, 1, 2, 3, 5, 6, 9, -1, -2, -6, -9, 2**31, 2**63 - 1, -(2**63)]
COUNTS = [None, 0, 1, 2, 3, 5, 7, 40, -1, -(2**63)]
FLOATS = [
    None, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 2.675, -2.675, 0.1, 0.7, 1.005,
    7.0, -7.0, 3.0, -3.0, 5e-324, 2.2250738585072014e-308, 1e-7, 4503599627370495.5, 2.0**53,
    1e16, 1e22, 1e300, 9.223372036854775e18, 9.223372036854775808e18, -9.223372036854775808e18,
    1.7976931348623157e308, -1.7976931348623157e308, math.inf, -math.inf, math.nan,
]
NARROW_FLOATS = [None, 0.0, 1.0, -1.0, 0.5, -2.5, 16777216.0, 3.4028234663852886e38,
                 -3.4028234663852886e38, 1.401298464324817e-45, math.inf, -math.inf, math.nan]
DAYS = [None] + [dt.date.fromisoformat(day) for day in (
    "1970-01-01", "1969-12-31", "1969-12-28", "1970-01-05", "1968-02-29", "1900-02-28",
    "1899-12-31", "1582-10-04", "0001-01-01", "0001-01-07", "0001-12-31", "9999-12-31",
    "9999-01-01", "2000-02-29", "2000-01-03", "2001-01-01", "2020-12-31", "2021-01-03",
    "2023-01-01", "2024-12-30", "2100-02-28")]
MOMENTS = [None] + [dt.datetime.fromisoformat(moment) for moment in (
    "1970-01-01 00:00:00", "1970-01-01 00:00:00.000001", "1969-12-31 23:59:59.999999",
    "1969-12-31 23:59:59.999500", "1969-12-31 23:59:59.001", "1969-12-31 00:00:00",
    "1969-12-30 12:34:56.789012", "1969-07-20 20:17:40", "1900-03-01 00:00:00.5",
    "1582-10-15 01:02:03", "0001-01-01 00:00:00", "0001-01-01 00:00:00.000001",
    "0001-01-07 23:59:59.999999", "9999-12-31 23:59:59.999999", "9999-12-31 00:00:00",
    "9998-12-31 23:59:59", "2000-02-29 12:00:00", "2000-01-03 00:00:00",
    "2020-12-31 23:59:59.999", "2021-01-03 06:07:08.090", "2024-12-30 00:00:00")]


def ends(low, high):
    inner = [v for v in (0, 1, -1, 2, -2, 3, 7, -7, 10, 100, -100) if low <= v <= high]
    return [None, *inner, low, high, *([low + 1] if low < 0 else []), high - 1]


@dataclass(frozen=True)
class Kind:
    """A type with its edges: `duck` is DuckDB's name, `wide` the type it computes in as Stoa."""

    name: str
    stoa: str
    duck: str
    wide: str
    values: tuple

    def literal(self, value, type_name):
        """A constant of that type; the same text does for both systems."""
        if value is None:
            return f"CAST(NULL AS {type_name})"
        if isinstance(value, bool):
            return str(value).lower()
        if isinstance(value, float):
            return f"CAST('{value!r}' AS {type_name})"
        if isinstance(value, (dt.date, dt.datetime)):
            return f"CAST('{written(value)}' AS {type_name})"
        if isinstance(value, str):
            return "'" + value.replace("'", "''") + "'"
        return f"CAST({value} AS {type_name})"

    def stoa_literal(self, value):
        return self.literal(value, self.stoa)

    def duck_literal(self, value):
        return self.literal(value, self.duck)


def written(value):
    """A time with four digits of the year, which strftime does not promise."""
    return value.isoformat(" ") if isinstance(value, dt.datetime) else value.isoformat()


def _integer(name, stoa, duck, low, high):
    wide = "HUGEINT" if stoa == "UINT64" else "BIGINT"
    return Kind(name, stoa, duck, wide, tuple(ends(low, high)))


def _decimal(precision, scale):
    top = Decimal(10**precision - 1).scaleb(-scale)
    step = Decimal(1).scaleb(-scale)
    values = (None, Decimal(0), step, -step, Decimal(1), Decimal(-1), 5 * step, -5 * step,
              Decimal("2.5"), Decimal("-2.5"), Decimal("7.5"), top, -top, top - step)
    name = f"DECIMAL({precision},{scale})"
    return Kind(f"d{precision}", name, name, name, values)


KINDS = {kind.name: kind for kind in (
    _integer("i8", "INT8", "TINYINT", -128, 127),
    _integer("i16", "INT16", "SMALLINT", -(2**15), 2**15 - 1),
    _integer("i32", "INT32", "INTEGER", -(2**31), 2**31 - 1),
    _integer("i64", "INT64", "BIGINT", -(2**63), 2**63 - 1),
    _integer("u8", "UINT8", "UTINYINT", 0, 255),
    _integer("u16", "UINT16", "USMALLINT", 0, 2**16 - 1),
    _integer("u32", "UINT32", "UINTEGER", 0, 2**32 - 1),
    _integer("u64", "UINT64", "UBIGINT", 0, 2**64 - 1),
    _decimal(4, 2), _decimal(9, 4), _decimal(17, 1), _decimal(18, 2),
    Kind("f32", "FLOAT32", "FLOAT", "DOUBLE", tuple(NARROW_FLOATS)),
    Kind("f64", "FLOAT64", "DOUBLE", "DOUBLE", tuple(FLOATS)),
    Kind("flag", "BOOL", "BOOLEAN", "BOOLEAN", (None, True, False)),
    Kind("text", "STRING", "VARCHAR", "VARCHAR", tuple(TEXTS)),
    Kind("piece", "STRING", "VARCHAR", "VARCHAR", tuple(PIECES)),
    Kind("place", "INT64", "BIGINT", "BIGINT", tuple(PLACES)),
    Kind("length", "INT64", "BIGINT", "BIGINT", tuple(LENGTHS)),
    Kind("count", "INT64", "BIGINT", "BIGINT", tuple(COUNTS)),
    Kind("date", "DATE", "DATE", "DATE", tuple(DAYS)),
    Kind("time", "TIMESTAMP", "TIMESTAMP", "TIMESTAMP", tuple(MOMENTS)),
)}
INTEGERS = ("i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64")
DECIMALS = ("d4", "d9", "d18", "d17")
REALS = ("f32", "f64")
NUMBERS = INTEGERS + DECIMALS + REALS
