"""A table of files as people have them, and what a careful reader makes of each.

The files are written here, small and readable; `test_files.py` imports every one and compares.
What each file should become was decided before the program was asked. The table stands in the
modules `corpus_values` (types), `corpus_shapes` (delimiters, headers, what stands around a
table), `corpus_bytes` (encodings, compression, line ends) and `corpus_refusals`.
"""

import datetime
import gzip
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass
class Sample:
    """One file, and what it should become."""

    name: str
    data: bytes
    #: `name TYPE, …`, as DESCRIBE tells it; None when nothing may come of the file.
    columns: str | None = None
    #: All rows; or only their number.
    rows: list | int = 0
    options: tuple = ()
    #: (line of the file, part of the reason) of every rejected row.
    rejects: list = field(default_factory=list)
    #: Parts of what the import says, on either stream.
    says: tuple = ()
    #: Parts of the error of a file that is refused.
    refused: tuple = ()
    ending: str = "csv"
    #: What pandas has to be told, as a caller who looked at the file would.
    told: dict = field(default_factory=dict)


def sample(name, data, columns=None, rows=0, **rest):
    """A sample whose text is UTF-8 unless it is bytes already."""
    for key in ("options", "says", "refused"):
        if isinstance(rest.get(key), str):
            rest[key] = (rest[key],) if key != "options" else tuple(rest[key].split(" "))
    data = data if isinstance(data, bytes) else data.encode()
    return Sample(name, data, columns, rows, **rest)


def column(name, values, kind, expected=None, **rest):
    """A file of a column `v` behind a column `k` that counts its rows from 1."""
    lines = "".join(f"{i},{value}\n" for i, value in enumerate(values, 1))
    found = values if expected is None else expected
    rows = [(i, value) for i, value in enumerate(found, 1)]
    return sample(name, "k,v\n" + lines, f"k INT64, v {kind}", rows, **rest)


def day(text):
    return datetime.date.fromisoformat(text)


def moment(text):
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def decimals(*texts):
    return [None if text is None else Decimal(text) for text in texts]


def gz(data):
    return gzip.compress(data, mtime=0)
