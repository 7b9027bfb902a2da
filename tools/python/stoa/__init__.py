"""Stoa client for Python: the standard library and nothing else.

    import stoa
    with stoa.connect("stoa://127.0.0.1:8471") as db:
        db.ingest("trades", {"ticker": ["A", "B"], "price": ("DECIMAL(18,2)", ["1.50", 2])})
        rows = db.query("SELECT ticker, sum(price) FROM trades GROUP BY ticker").rows

DECIMAL is an exact decimal.Decimal, DATE datetime.date, TIMESTAMP datetime.datetime in UTC (one
without a zone is taken as UTC), NULL None. A connection is for one thread at a time; when the
server was restarted it is made anew by itself.
"""

import re
import struct
import time
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from types import SimpleNamespace
from urllib.parse import urlsplit

from . import _batch, _values, _wire
from ._link import Link
from ._wire import MISUSE, Error, reporting

WINDOW = 64 << 20
# Statements that only read: asking them twice does nothing twice.
READING = ("SELECT", "WITH", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN")
FIRST_WORD = re.compile(r"[\s(]*([A-Za-z]*)")
SUMMARY = ("exactness", "row_count", "affected_row_count", "elapsed_ns", "rows_scanned",
           "rows_skipped", "blocks_scanned", "blocks_skipped", "bytes_read", "generation")
EXACTNESS = (None, "exact", "approximate", "partial")


class Column:
    """One column of a result: `name`, `type`, and `values` that are decoded at the first access.

    `chunks` are what came, batch by batch, as the protocol's page lays it out: `rows`, `valid` (a
    bit per row, or None), `values` and, for strings, `data` and `is_coded`."""

    def __init__(self, chunks):
        self.name, self.type, self.chunks = chunks[0].name, chunks[0].type, chunks

    @cached_property
    def values(self):
        """All values, as a list."""
        return [value for chunk in self.chunks for value in chunk.decode()]

    def __len__(self):
        return len(self.values)

    def __getitem__(self, index):
        return self.values[index]


class Result:
    """What a statement answered: `columns`, `rows`, and `summary` (what it took)."""

    def __init__(self, batches, end):
        self.columns = [Column(chunks) for chunks in zip(*batches)]
        exactness, *numbers = struct.unpack("<B3x9Q", _wire.split(end, 80)[0][4:])
        self.summary = SimpleNamespace(**dict(zip(SUMMARY, (EXACTNESS[exactness], *numbers))))

    @property
    def rows(self):
        """All rows, as a list of tuples."""
        return list(zip(*(column.values for column in self.columns)))


class Connection(Link, AbstractContextManager):
    """A connection. `timeout`: seconds for connecting, for each part of the greeting, and for a
    restarted server to come back. `patience`: seconds that a server may owe an answer and say
    nothing at all; a busy one gives signs of life.

    A statement that only reads, and a batch with a `sequence`, are sent again when the connection
    is lost on the way. For others the error says that their fate is unknown."""

    def __init__(self, url="stoa://127.0.0.1:8471", timeout=5.0, name="stoa-python/1",
                 patience=30.0):
        with reporting(5004, "BAD_ARGUMENT", MISUSE):
            _values.text(name, "name")
            timeout = None if timeout is None else _values.seconds(timeout, "timeout")
            patience = _values.seconds(patience, "patience")
        with reporting(5001, "BAD_URL", MISUSE, f"{url}: "):
            _values.text(url, "a URL")
            parts = urlsplit(url if "//" in url else "//" + url, scheme="stoa")
            port = parts.port or 8471
        if parts.scheme != "stoa" or not parts.hostname or parts.path not in ("", "/"):
            raise Error(5001, "BAD_URL", f"{url}: expected stoa://host:port")
        super().__init__(url, (parts.hostname, port), timeout, patience, name)

    def close(self, *_):
        """Says goodbye and closes."""
        if self._socket is not None:
            with suppress(OSError):
                self._socket.sendall(_wire.frame(_wire.GOODBYE, 0))
        self._drop()

    __exit__ = close

    def ping(self):
        """Seconds that the server took for a sign of life."""
        start = time.perf_counter()
        self._pong()
        return time.perf_counter() - start

    def health(self):
        """None while the server stores rows; otherwise the Error that a batch would get now."""
        refusal = _wire.split(self._pong(), 8)[1].get(_wire.WRITE_REFUSAL)
        if refusal is None:
            return None
        code, = struct.unpack_from("<H", refusal)
        return Error(code, "STORES_NO_ROWS", refusal[8:].decode(), retriable=2000 <= code < 3000)

    def _pong(self):
        return self._safely(
            lambda: self._answer(self._send(_wire.PING), _wire.PONG)[1], repeats=True)

    def query(self, sql, parameters=(), timeout=0):
        """Runs one statement. `parameters`: a list for $1, $2, …, or {name: value} for $name;
        a value or (type, value). `timeout` in seconds, 0: the server's default."""
        with reporting(5004, "BAD_ARGUMENT", MISUSE):
            text = _values.text(sql, "a statement").encode()
            limit = int(_values.seconds(timeout, "timeout") * 1000)
            fixed = struct.pack("<IQII", WINDOW, 0, limit, 0)
            options = []
            for place, (key, value) in enumerate(_batch.parameters(parameters), 1):
                with reporting(5004, "BAD_ARGUMENT", MISUSE, f"parameter ${key or place}: "):
                    options.append(_wire.option(_wire.PARAMETER, _batch.parameter(key, value)))
        statement = fixed, b"".join(options), text
        word = FIRST_WORD.match(sql).group(1).upper()
        result = self._safely(lambda: self._query(*statement), repeats=word in READING)
        if word in ("SET", "RESET"):
            self._settings.append(statement)
        return result

    def _replay(self, statement):
        self._query(*statement)

    def _query(self, fixed, options, text):
        request = self._send(_wire.QUERY, fixed, options, text)
        batches = []
        try:
            while True:
                kind, payload = self._answer(request, _wire.RESULT_BATCH, _wire.RESULT_END)
                if kind == _wire.RESULT_END:
                    return Result(batches, payload)
                if batches:  # The first stays in the window: most results have no other.
                    with suppress(Error):  # What is lost with it is told by the next read.
                        self._send(_wire.CREDIT, struct.pack("<I", len(payload)), request=request)
                batches.append(_batch.chunks(_wire.split(payload, 8)[2]))
        except KeyboardInterrupt:
            self._send(_wire.CANCEL, request=request)
            raise

    def ingest(self, table, columns, producer=0, stream=0, epoch=0, sequence=0):
        """Stores one batch, {name: values or (type, values)}, whole or not at all; with a
        `producer` (128 bits, or a uuid.UUID) and a `sequence` (1, 2, 3, …) once, however often it
        is sent."""
        with reporting(5004, "BAD_ARGUMENT", MISUSE):
            producer = _values.whole(getattr(producer, "int", producer), "producer", 128)
            numbers = (_values.whole(*number) for number in (
                (stream, "stream", 32), (epoch, "epoch", 32), (sequence, "sequence", 64)))
            fixed = struct.pack("<B3xQQIIQ", 3, producer >> 64, producer & (1 << 64) - 1, *numbers)
            table = _wire.option(_wire.TABLE, _values.text(table, "the name of a table"))
            batch = _batch.encode(columns)
        answer = self._safely(
            lambda: self._answer(self._send(_wire.INGEST, fixed, table, batch), _wire.INGEST_ACK),
            repeats=bool(producer and sequence))
        fixed = _wire.split(answer[1], 32)[0]
        flags, lsn, generation, rows = struct.unpack_from("<B2xQQQ", fixed, 5)
        return SimpleNamespace(
            lsn=lsn, generation=generation, row_count=rows, duplicate=bool(flags & 1))


connect = Connection
