"""Every scalar function and operator, with the arguments that the edges suite tries it on.

A call is written once with {0}, {1}, … for its arguments; `duck` is DuckDB's spelling where it is
another. Where answers differ on purpose, `but` names the rule in DIFFERENCES; the rule's test says
for which arguments.
"""

import datetime as dt
import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import product

from edges import DECIMALS, INTEGERS, NUMBERS, REALS

UNITS = ["microsecond", "millisecond", "second", "minute", "hour", "day", "week", "month",
         "quarter", "year"]
FIELDS = ["year", "quarter", "month", "week", "isoyear", "day", "dow", "isodow", "doy", "hour",
          "minute", "second", "millisecond", "microsecond"]
SPANS = ["1 microsecond", "1 millisecond", "17 seconds", "90 minutes", "1 day", "36 hours",
         "1 week", "1 month", "5 months", "1 quarter", "1 year", "1 decade", "1 century"]


@dataclass(frozen=True)
class Call:
    """`name` is the function's or operator's in SHOW FUNCTIONS; `kinds` the arguments' edges."""

    name: str
    stoa: str
    kinds: tuple
    duck: str
    but: tuple = ()


CALLS = []


def add(names, stoa, *signatures, duck=None, but=()):
    for name in names.split():
        for kinds in signatures:
            kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
            CALLS.append(Call(name, stoa.replace("NAME", name), kinds,
                              (duck or stoa).replace("NAME", name), tuple(but)))


def is_nan(value):
    return isinstance(value, float) and math.isnan(value)


# What is another answer on purpose: the rule, and whether it holds for these arguments, Stoa's
# answer and DuckDB's (REFUSED for an error).
REFUSED = "refused"
DIFFERENCES = {}


def differs(name, rule):
    def register(test):
        DIFFERENCES[name] = (rule, test)
        return test
    return register


@differs("sharp-s", "upper follows Unicode's simple mappings, in which ß has no capital.")
def _(arguments, ours, theirs):
    return isinstance(theirs, str) and theirs.replace("ẞ", "ß") == ours.replace("ẞ", "ß")


@differs("zero-divisor", "1/0 of integers and decimals is an error; DuckDB: infinite or NaN.")
def _(arguments, ours, theirs):
    return ours == REFUSED and arguments[-1] == 0


@differs("float-zero-divisor", "x // 0 and x % 0 of floats are IEEE's, DuckDB refuses.")
def _(arguments, ours, theirs):
    return theirs == REFUSED and arguments[-1] == 0 and isinstance(ours, float)


@differs("float-quotient", "x // y of floats is the quotient towards zero; DuckDB's is x / y.")
def _(arguments, ours, theirs):
    return isinstance(theirs, float) and (
        ours == theirs or is_nan(ours) and not math.isfinite(theirs) or ours == math.trunc(theirs))


@differs("sharper-round", "round of a float goes by its exact value, as CAST does; DuckDB rounds "
         "the float product with a power of ten.")
def _(arguments, ours, theirs):
    digits = arguments[1] if len(arguments) > 1 else 2
    value = Decimal(arguments[0])
    return isinstance(ours, float) and abs(Decimal(ours) - value) <= abs(Decimal(theirs) - value)


@differs("four-billion", "Positions and counts may be any INT64; DuckDB refuses those beyond 32 "
         "bits.")
def _(arguments, ours, theirs):
    return theirs == REFUSED and any(
        isinstance(a, int) and abs(a) >= 2**31 - 1 for a in arguments)


@differs("short-padding", "With an empty filling lpad and rpad leave a short text; DuckDB: error.")
def _(arguments, ours, theirs):
    return theirs == REFUSED and arguments[2] == ""


@differs("years", "Times are of the years 1 to 9999, what leaves them is refused; DuckDB goes on.")
def _(arguments, ours, theirs):
    return ours == REFUSED


@differs("digits", "Numbers of more than 38 digits are refused.")
def _(arguments, ours, theirs):
    return ours == REFUSED and abs(theirs) >= 10**38


@differs("no-remainder", "The least INT64 % -1 is 0.")
def _(arguments, ours, theirs):
    return theirs == REFUSED and arguments == (-(2**63), -1) and ours == 0


@differs("weeks", "date_diff counts Mondays between the times; DuckDB divides towards 1970, so "
         "that it is one off where a week began before it.")
def _(arguments, ours, theirs):
    monday = [a.date() if isinstance(a, dt.datetime) else a for a in arguments]
    monday = [day.toordinal() - day.weekday() for day in monday]
    return ours == (monday[1] - monday[0]) // 7 and abs(ours - theirs) == 1


@differs("down", "epoch_ms rounds down; DuckDB to the nearest.")
def _(arguments, ours, theirs):
    since = arguments[0] - dt.datetime(1970, 1, 1)
    return ours == since // dt.timedelta(milliseconds=1) and theirs == ours + 1


@differs("first-bucket", "A bucket that begins before the year 1 begins with it.")
def _(arguments, ours, theirs):
    return "(BC)" in str(theirs) and ours.year == 1 and ours.timetuple().tm_yday == 1


@differs("exact-cast", "A float becomes a decimal by its exact value, half away from zero; DuckDB "
         "rounds the float product with a power of ten.")
def _(arguments, ours, theirs):
    value = Decimal(arguments[0])
    return abs(ours - value) < abs(theirs - value)


# Numbers

SMALL = tuple((kind,) for kind in NUMBERS)
WIDE = "CAST({0} AS {W0})"
add("abs sign", "NAME({0})", *SMALL, duck=f"NAME({WIDE})")
FRACTIONS = tuple((kind,) for kind in DECIMALS + REALS)
WHOLE = tuple((kind,) for kind in INTEGERS)
add("floor ceil ceiling trunc", "NAME({0})", *FRACTIONS)
add("floor ceil ceiling trunc", "NAME({0})", *WHOLE, duck="{0}")
add("round", "round({0})", *SMALL, but=["sharper-round"])
add("round", "round({0}, 2)", *SMALL, but=["sharper-round"])
add("sqrt cbrt exp ln log log10 log2", "NAME({0})", *SMALL)
add("power pow", "NAME({0}, {1})", ("f64", "f64"), ("i8", "i8"), ("d4", "f32"))
for left, right in product(("i8", "i32", "i64"), repeat=2):
    for operator in "+ - *".split():
        add(operator, f"{{0}} {operator} {{1}}", (left, right),
            duck=f"CAST({{0}} AS BIGINT) {operator} CAST({{1}} AS BIGINT)")
for pair in product(("u8", "u64", "i64"), ("u64",)):
    for operator in "+ - *".split():
        add(operator, f"{{0}} {operator} {{1}}", pair,
            duck=f"CAST({{0}} AS HUGEINT) {operator} CAST({{1}} AS HUGEINT)", but=["digits"])
for pair in (("i64", "i64"), ("i8", "i16"), ("u8", "u8"), ("u64", "u64"), ("u64", "i32")):
    for operator in "// %".split():
        wide = "HUGEINT" if "u64" in pair else "BIGINT"
        add(operator, f"{{0}} {operator} {{1}}", pair, but=["no-remainder"],
            duck=f"CAST({{0}} AS {wide}) {operator} CAST({{1}} AS {wide})")
    add("mod", "mod({0}, {1})", pair, but=["no-remainder"],
        duck="CAST({0} AS HUGEINT) % CAST({1} AS HUGEINT)" if "u64" in pair
        else "CAST({0} AS BIGINT) % CAST({1} AS BIGINT)")
for pair in (("f64", "f64"), ("f32", "f64"), ("i64", "f64"), ("f64", "d9")):
    for operator in "+ - * / %".split():
        add(operator, f"{{0}} {operator} {{1}}", pair, but=["float-zero-divisor"],
            duck=f"CAST({{0}} AS DOUBLE) {operator} CAST({{1}} AS DOUBLE)")
    add("//", "{0} // {1}", pair, but=["float-zero-divisor", "float-quotient"],
        duck="CAST({0} AS DOUBLE) // CAST({1} AS DOUBLE)")
for pair in (("i64", "i64"), ("u64", "i8"), ("d9", "d4"), ("d18", "i64")):
    add("/", "{0} / {1}", pair, but=["zero-divisor"],
        duck="CAST({0} AS DOUBLE) / CAST({1} AS DOUBLE)")
for pair in (("d4", "d4"), ("d9", "d4"), ("d4", "i8"), ("d17", "d9")):
    for operator in "+ - *".split():
        add(operator, f"{{0}} {operator} {{1}}", pair,
            duck=f"CAST({{0}} AS DECIMAL(30,{{S0}})) {operator} CAST({{1}} AS DECIMAL(30,{{S1}}))"
            if operator != "*" else
            "CAST({0} AS DECIMAL(19,{S0})) * CAST({1} AS DECIMAL(19,{S1}))")
    add("%", "{0} % {1}", pair)
add("-", "-{0}", *SMALL, duck=f"-{WIDE}")
for pair in product(("i8", "i64", "u64", "f64", "d9"), repeat=2):
    exact = not {"f64"} & set(pair) or pair == ("f64", "f64")
    for operator in "= <> < <= > >=".split():
        if exact:
            add(operator, f"{{0}} {operator} {{1}}", pair,
                duck=f"CAST({{0}} AS {{C}}) {operator} CAST({{1}} AS {{C}})")

# Texts

TEXT = ("text",)
add("lower lcase", "NAME({0})", TEXT)
add("upper ucase", "NAME({0})", TEXT, but=["sharp-s"])
add("length len char_length character_length strlen trim ltrim rtrim", "NAME({0})", TEXT)
add("octet_length", "octet_length({0})", TEXT, duck="strlen({0})")
add("reverse", "reverse({0})", TEXT,
    duck="array_to_string(list_reverse(regexp_extract_all({0}, '(?s).')), '')")
add("trim ltrim rtrim", "NAME({0}, {1})", ("text", "piece"))
add("substring substr", "NAME({0}, {1})", ("text", "place"), but=["four-billion"])
add("substring substr", "NAME({0}, {1}, {2})", ("text", "place", "length"), but=["four-billion"])
add("substring", "substring({0} FROM {1} FOR {2})", ("text", "place", "length"),
    but=["four-billion"])
add("trim", "trim(LEADING {1} FROM {0})", ("text", "piece"))
add("trim", "trim(BOTH FROM {0})", TEXT)
add("left right", "NAME({0}, {1})", ("text", "place"), but=["four-billion"])
add("lpad rpad", "NAME({0}, {1}, {2})", ("text", "count", "piece"), but=["short-padding"],
    duck="NAME({0}, CAST(CASE WHEN {1} < 0 THEN -9 ELSE {1} END AS INTEGER), {2})")
add("repeat", "repeat({0}, {1})", ("text", "count"))
add("replace", "replace({0}, {1}, {2})", ("text", "piece", "piece"))
add("strpos instr position", "NAME({0}, {1})", ("text", "piece"), duck="strpos({0}, {1})")

add("position", "position({1} IN {0})", ("text", "piece"))
add("starts_with prefix ends_with suffix contains", "NAME({0}, {1})", ("text", "piece"))
add("||", "{0} || {1}", ("text", "piece"), ("text", "i64"), ("date", "text"), ("d9", "flag"))
add("concat", "concat({0}, {1}, 'x')", ("text", "piece"), ("i64", "time"))
add("like", "{0} LIKE 'a%'", TEXT)
add("like", "{0} LIKE '_'", TEXT)
add("like", "{0} NOT LIKE '%_l%'", TEXT)
add("like", "{0} LIKE 'a!%b' ESCAPE '!'", TEXT)
add("ilike", "{0} ILIKE 'h%'", TEXT)
for operator in "= <> < <= > >=".split():
    add(operator, f"{{0}} {operator} {{1}}", ("text", "piece"), ("date", "date"), ("time", "time"),
        ("flag", "flag"), ("date", "time"))

# Conditions and choices

add("and", "{0} AND {1}", ("flag", "flag"))
add("or", "{0} OR {1}", ("flag", "flag"))
add("not", "NOT {0}", ("flag",))
for kind in ("i64", "f64", "text", "date", "time", "flag", "d9"):
    add("is_null", "{0} IS NULL", kind)
    add("is_null", "{0} NOTNULL", kind)
    add("is_distinct_from", "{0} IS DISTINCT FROM {1}", (kind, kind))
    add("between", "{0} BETWEEN {1} AND {1}", (kind, kind))
    add("in", "{0} IN ({1}, {0})", (kind, kind))
    add("coalesce ifnull", "NAME({0}, {1})", (kind, kind))
    add("nullif", "nullif({0}, {1})", (kind, kind))
    add("greatest least", "NAME({0}, {1})", (kind, kind))
    add("case", "CASE WHEN {0} = {1} THEN {0} WHEN {0} IS NULL THEN {1} ELSE NULL END",
        (kind, kind))
add("is_true", "{0} IS TRUE", ("flag",))
add("is_true", "{0} IS NOT FALSE", ("flag",))

# Times

for unit in UNITS:
    add("date_trunc datetrunc", f"NAME('{unit}', {{0}})", "time")
    if UNITS.index(unit) >= UNITS.index("day"):
        add("date_trunc", f"date_trunc('{unit}', {{0}})", "date",
            duck=f"CAST(date_trunc('{unit}', {{0}}) AS DATE)")
    add("date_diff datediff", f"NAME('{unit}', {{0}}, {{1}})", ("time", "time"), ("date", "date"),
        but=["weeks"] if unit == "week" else [])
for field in FIELDS:
    kinds = ["time"] + (["date"] if FIELDS.index(field) < FIELDS.index("hour") else [])
    for kind in kinds:
        add("extract", f"extract({field} FROM {{0}})", kind)
        add("date_part datepart", f"NAME('{field}', {{0}})", kind)
add("year quarter month week weekofyear isoyear day dayofmonth dayofweek isodow dayofyear",
    "NAME({0})", "date", "time")
add("hour minute second millisecond microsecond", "NAME({0})", "time")
add("epoch epoch_us", "NAME({0})", "time", "date")
add("epoch_ms", "epoch_ms({0})", "time", "date", but=["down"])
add("epoch_ns", "epoch_ns({0})", "time", duck="epoch_us({0}) * 1000")
add("extract", "extract(epoch FROM {0})", "time", "date")
for span in SPANS:
    add("time_bucket", f"time_bucket(INTERVAL '{span}', {{0}})", "time", but=["first-bucket"])
    add("time_bucket", f"time_bucket(INTERVAL '{span}', {{0}}, TIMESTAMP '1969-07-20 20:17:40')",
        "time", but=["first-bucket"])
    for sign in "+-":
        add(sign, f"{{0}} {sign} INTERVAL '{span}'", "time", "date",
            but=["years"])
for span in ("1 day", "3 days", "1 week", "1 month", "7 months", "1 year"):
    add("time_bucket", f"time_bucket(INTERVAL '{span}', {{0}})", "date", but=["first-bucket"])
add("+", "{0} + {1}", ("date", "i16"), duck="{0} + CAST({1} AS INTEGER)", but=["years"])
add("-", "{0} - {1}", ("date", "i16"), duck="{0} - CAST({1} AS INTEGER)", but=["years"])
add("-", "{0} - {1}", ("date", "date"))
add("-", "{0} - {1}", ("time", "time"), duck="epoch_us({0}) - epoch_us({1})")
add("to_timestamp", "to_timestamp({0})", "f64", "i16",
    duck="CAST('1970-01-01' AS TIMESTAMP) + to_microseconds(CAST(round(CAST({0} AS DOUBLE) * 1e6) "
         "AS BIGINT))", but=["years"])
add("make_date", "make_date({0}, {1}, {2})", ("i16", "i8", "i8"), but=["years"])
add("make_date", "make_date({0})", "i32", but=["years"])
add("make_timestamp", "make_timestamp(2024, 2, 28, {0}, {1}, {2})", ("i8", "i8", "f64"))
add("make_timestamp", "make_timestamp({0})", "i32", but=["years"],
    duck="make_timestamp(CAST({0} AS BIGINT))")

# Casts

for source in (*NUMBERS, "flag"):
    for target, duck in (("INT8", "TINYINT"), ("INT64", "BIGINT"), ("UINT64", "UBIGINT"),
                         ("DECIMAL(9,2)", "DECIMAL(9,2)"), ("FLOAT64", "DOUBLE"),
                         ("FLOAT32", "FLOAT")):
        if source != "flag" or target != "DECIMAL(9,2)":
            add("cast", f"CAST({{0}} AS {target})", source, duck=f"CAST({{0}} AS {duck})",
                but=["exact-cast"] if source == "f64" and target == "DECIMAL(9,2)" else [])
for source in (*INTEGERS, *DECIMALS, "flag", "date", "time"):
    add("cast", "CAST({0} AS STRING)", source, duck="CAST({0} AS VARCHAR)")
add("cast", "CAST({0} AS DATE)", "time")
add("cast", "CAST({0} AS TIMESTAMP)", "date")
for target, duck in (("INT64", "BIGINT"), ("FLOAT64", "DOUBLE"), ("BOOL", "BOOLEAN"),
                     ("DECIMAL(9,2)", "DECIMAL(9,2)")):
    add("cast", f"CAST({{0}} AS {target})", "text", duck=f"CAST({{0}} AS {duck})")
for target, duck in (("INT8", "TINYINT"), ("FLOAT64", "DOUBLE"), ("BOOL", "BOOLEAN"),
                     ("DECIMAL(9,2)", "DECIMAL(9,2)"), ("INT64", "BIGINT")):
    for source in ("text", "i64", "u64", "d18"):
        if source != "d18" or target != "BOOL":
            add("try_cast", f"TRY_CAST({{0}} AS {target})", source,
                duck=f"TRY_CAST({{0}} AS {duck})")
add("try_cast", "TRY_CAST({0} AS STRING)", "i64", duck="TRY_CAST({0} AS VARCHAR)")

# Without an argument there is no edge; the statement's moment and the server's names are tested
# where statements are.
CONSTANT = {"now", "current_timestamp", "current_date", "today", "version", "current_database",
            "current_catalog", "current_schema", "current_schemas", "current_user", "session_user",
            "user"}
