"""Readings of a file by pandas and DuckDB, and how they differ from Stoa's.

Values are compared, not types: 2.50 is 2.5, a day is its midnight, a moment with a zone is the
same moment in UTC, and text that spells an ISO date is that date, because pandas leaves dates as
text unless it is told to read them.
"""

import datetime
import math
import warnings
from decimal import Decimal, InvalidOperation

import duckdb
import pandas


def pandas_reading(path, told):
    """(names, rows) as read_csv gives them; an exception when it refuses."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        frame = pandas.read_csv(path, **told)
    columns = [frame[name].tolist() if frame.columns.is_unique else frame.iloc[:, i].tolist()
               for i, name in enumerate(frame.columns)]
    index = frame.index.tolist()
    if not isinstance(frame.index, pandas.RangeIndex):
        columns.insert(0, index)
    return [str(name) for name in frame.columns], list(zip(*columns, strict=True))


def duckdb_reading(path, connection):
    """(names, rows) as read_csv gives them; an exception when it refuses."""
    table = connection.sql("SELECT * FROM read_csv(?)", params=[str(path)]).to_arrow_table()
    columns = [column.to_pylist() for column in table.columns]
    return table.column_names, list(zip(*columns, strict=True))


def duckdb_connection():
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET threads = 1")
    return connection


def plain(value):
    """A value in a form in which equal values are equal."""
    if value is None or value is pandas.NaT or value is pandas.NA:
        return None
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool):
        return value
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return value if math.isinf(value) else number(repr(value))
    if isinstance(value, (int, Decimal)):
        return number(str(value))
    if isinstance(value, pandas.Timestamp):
        value = value.to_pydatetime()
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.UTC).replace(tzinfo=None)
        return value.isoformat(" ")
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} 00:00:00"
    if isinstance(value, str):
        return spelled_moment(value) or value
    return str(value)


def number(text):
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return text


def spelled_moment(text):
    """The moment that an ISO text spells, in the form of `plain`."""
    if not (10 <= len(text) <= 32 and text[4] == "-" and text[7] == "-"):
        return None
    try:
        return plain(datetime.datetime.fromisoformat(text))
    except ValueError:
        return None


def difference(ours, theirs):
    """The first kind in which two readings (names, rows) differ; None when they do not.

    Either may be None: the file was refused.
    """
    if ours is None or theirs is None:
        if ours is None and theirs is None:
            return None
        return "reads" if ours is None else "refuses"
    (names, rows), (other_names, other_rows) = ours, theirs
    if len(names) != len(other_names) or len(rows) != len(other_rows):
        return "count"
    for row, other in zip(rows, other_rows, strict=True):
        if [plain(value) for value in row] != [plain(value) for value in other]:
            return "values"
    return None if list(names) == list(other_names) else "names"
