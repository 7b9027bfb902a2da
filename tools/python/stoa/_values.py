"""Python values as a column's type holds them. What INSERT refuses is refused here, too: nothing
is rounded, cut or turned into another kind. Messages name kinds and places, never values."""

import datetime
import operator
import re
from decimal import Context, Decimal, InvalidOperation

NAMES = [None, "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
         "FLOAT32", "FLOAT64", "DECIMAL", "DATE", "TIMESTAMP", "STRING"]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
DAY_ZERO, MICROSECOND = EPOCH.toordinal(), datetime.timedelta(microseconds=1)
TYPE = re.compile(r"DECIMAL\(([1-9]|1[0-8])(?:,(\d+))?\)|(?!DECIMAL)\w+")
NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?\s*", re.ASCII)
INFERRED = (({bool}, "BOOL"), ({int}, "INT64"), ({int, float}, "FLOAT64"), ({str}, "STRING"),
            ({datetime.datetime}, "TIMESTAMP"), ({datetime.date}, "DATE"))
PLAIN = {bool, int, float, str, bytes, Decimal, datetime.date, datetime.datetime, type(None)}
EXACT = Context(prec=9_999, Emax=10**9, Emin=-10**9, traps=[InvalidOperation])


def kind_of(value):
    """What a message calls a value."""
    return "None" if value is None else f"a {type(value).__name__}"


def plain(value):
    """A value of the standard library for one of numpy or pandas."""
    name = type(value).__name__
    if type(value) in PLAIN:
        return value
    if name in ("NaTType", "NAType") or name == "datetime64" and str(value) == "NaT":
        return None
    if name == "datetime64":
        moment = value.astype("datetime64[us]")
        if moment != value:
            raise ValueError("a datetime64 finer than microseconds")
        found = moment.item()
        if not isinstance(found, datetime.datetime):
            raise ValueError("a datetime64 outside of the years 1 to 9999")
        return found
    if isinstance(value, datetime.datetime):
        if getattr(value, "nanosecond", 0):
            raise ValueError("a Timestamp finer than microseconds")
        return value
    if type(value).__module__ == "numpy" and hasattr(value, "item"):
        return value.item()
    if not isinstance(value, (bool, int, float, str, Decimal)) and hasattr(value, "__index__"):
        return operator.index(value)
    return value


def column(values):
    """The values of a column as a list."""
    if hasattr(values, "tolist"):  # An array or a Series; numpy's times would become numbers.
        is_time = getattr(getattr(values, "dtype", None), "kind", "") == "M"
        values = list(values) if is_time else values.tolist()
    if values is None or isinstance(values, (str, bytes, bytearray, dict, set, frozenset)):
        raise TypeError(f"{kind_of(values)} where a list of values is needed")
    try:
        values = list(values)
    except TypeError:
        raise TypeError(f"{kind_of(values)} where a list of values is needed") from None
    if set(map(type, values)) <= PLAIN:
        return values
    return [at_row(row, plain, value) for row, value in enumerate(values)]


def at_row(row, convert, *arguments):
    """The value; what fails says in which row, from 1."""
    try:
        return convert(*arguments)
    except (ValueError, TypeError, ArithmeticError) as error:
        raise ValueError(f"row {row + 1}: {error}") from None


def infer(values):
    """The type of Python values, as SQL spells it."""
    kinds = {type(value) for value in values} - {type(None)}
    if Decimal in kinds and kinds <= {Decimal, int}:
        exponents = [Decimal(v).as_tuple().exponent for v in values if v is not None]
        if all(isinstance(exponent, int) for exponent in exponents):
            return f"DECIMAL(18,{min(18, max(0, *map(operator.neg, exponents)))})"
    for types, type_name in INFERRED:
        if kinds and kinds <= types:
            return type_name
    names = ", ".join(sorted(kind.__name__ for kind in kinds))
    raise ValueError(
        (f"values of {names} have no type in common" if kinds else "no value tells the type")
        + "; give it, as (type, values)")


def parse(kind):
    """(code, precision, scale) of a column's type as SQL spells it."""
    if not isinstance(kind, str):
        raise TypeError(f"{kind_of(kind)} where the name of a type is needed, as (type, values)")
    match = TYPE.fullmatch(kind.upper().replace(" ", ""))
    if not match or (base := match[0].partition("(")[0]) not in NAMES:
        raise ValueError(f"{kind[:40]} is no type of a column; there are BOOL, INT8 to INT64, "
                         "UINT8 to UINT64, FLOAT32, FLOAT64, DECIMAL(p,s) with up to 18 digits, "
                         "DATE, TIMESTAMP and STRING")
    if int(match[2] or 0) > int(match[1] or 0):
        raise ValueError(f"{kind[:40]} has more digits after the point than digits")
    return NAMES.index(base), int(match[1] or 0), int(match[2] or 0)


def converter(code, precision, scale):
    """The function that makes of a value what is sent; it raises what is wrong, in words."""
    name = NAMES[code]
    if 2 <= code <= 9:
        bits = int(name.lstrip("UINT"))
        low, high = (0, 2**bits - 1) if name[0] == "U" else (-(2**(bits - 1)), 2**(bits - 1) - 1)
        return lambda value: _integer(value, name, low, high)
    if code in (10, 11):
        return lambda value: _float(value, name)
    return {1: _boolean,
            12: lambda value: _unscaled(value, precision, scale), 13: _days, 14: _microseconds,
            15: _text}[code]


def _wrong(value, name, wanted):
    return TypeError(f"{kind_of(value)} in a {name} column, which holds {wanted}")


def _boolean(value):
    if not isinstance(value, bool):
        raise _wrong(value, "BOOL", "True and False")
    return value


def _integer(value, name, low, high):
    if isinstance(value, (float, Decimal)):
        if value != value or value in (float("inf"), float("-inf")) or value != int(value):
            raise ValueError(f"{kind_of(value)} that is no whole number in a {name} column")
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(value, name, "whole numbers")
    if not low <= value <= high:
        raise ValueError(f"a number that does not fit {name} ({low} to {high})")
    return int(value)


def _float(value, name):
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise _wrong(value, name, "numbers")
    try:
        number = float(value)
    except (OverflowError, ValueError):
        number = float("inf") if value == value else float("nan")
    is_finite = number == number and abs(number) != float("inf")
    if not is_finite and not isinstance(value, float) and Decimal(value).is_finite():
        raise ValueError(f"a number that does not fit {name}")
    if is_finite and name == "FLOAT32" and abs(number) >= 3.4028235677973366e38:
        raise ValueError("a number that does not fit FLOAT32")
    return number


def _unscaled(value, precision, scale):
    name = f"DECIMAL({precision},{scale})"
    if isinstance(value, str):
        if not NUMBER.fullmatch(value):
            raise ValueError(f"a text that is no number in a {name} column")
    elif isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise _wrong(value, name, "numbers and their texts")
    number = Decimal(repr(value) if isinstance(value, float) else value)
    if not number.is_finite():
        raise ValueError(f"NaN or an infinity in a {name} column")
    if number.adjusted() > 40:  # Before anything grows as long as the exponent says.
        raise ValueError(f"a number that does not fit {name}")
    scaled = number.scaleb(scale, EXACT) if number.adjusted() > -60 else number
    if scaled != scaled.to_integral_value(context=EXACT):
        raise ValueError(f"more than {scale} digits after the point in a {name} column")
    if abs(scaled) >= 10**precision:
        raise ValueError(f"a number that does not fit {name}")
    return int(scaled)


def _days(value):
    if isinstance(value, datetime.datetime):
        moment = _microseconds(value)
        if moment % 86_400_000_000:
            raise ValueError("a datetime with a time of day (in UTC) in a DATE column")
        return moment // 86_400_000_000
    if not isinstance(value, datetime.date):
        raise _wrong(value, "DATE", "datetime.date")
    return value.toordinal() - DAY_ZERO


def _microseconds(value):
    if isinstance(value, datetime.datetime):
        try:
            moment = value if value.utcoffset() is not None else value.replace(tzinfo=EPOCH.tzinfo)
            found = (moment - EPOCH) // MICROSECOND
        except OverflowError:
            found = None
        if found is None or not -62_135_596_800_000_000 <= found <= 253_402_300_799_999_999:
            raise ValueError("a datetime that is outside of the years 1 to 9999 in UTC")
        return found
    if isinstance(value, datetime.date):
        return (value.toordinal() - DAY_ZERO) * 86_400_000_000
    raise _wrong(value, "TIMESTAMP", "datetime.datetime")


def _text(value):
    if not isinstance(value, str):
        hint = "; decode it" if isinstance(value, (bytes, bytearray)) else ""
        raise TypeError(f"{kind_of(value)} in a STRING column, which holds str{hint}")
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise ValueError("a str with half of a surrogate pair in a STRING column") from None


def whole(value, name, bits):
    """An argument that is a whole number of so many bits."""
    if isinstance(value, bool) or not hasattr(value, "__index__"):
        raise TypeError(f"{name} is a whole number, not {kind_of(value)}")
    number = operator.index(value)
    if not 0 <= number < 1 << bits:
        raise ValueError(f"{name} is a number from 0 to 2**{bits} - 1")
    return number


def text(value, name):
    """An argument that is a text."""
    if not isinstance(value, str):
        raise TypeError(f"{name} is a str, not {kind_of(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{name} has half of a surrogate pair") from None
    return value


def seconds(value, name):
    """An argument that is a span of time, at most 49 days."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is a number of seconds, not {kind_of(value)}")
    if not 0 <= value < 2**32 / 1000:
        raise ValueError(f"{name} is a number of seconds from 0 to 4294967")
    return value
