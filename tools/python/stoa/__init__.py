"""Stoa client for Python: the standard library and nothing else.

    import stoa
    with stoa.connect("stoa://127.0.0.1:8471") as db:
        db.ingest("trades", {"ticker": ["A", "B"], "price": ("DECIMAL(18,2)", ["1.50", 2])})
        rows = db.query("SELECT ticker, sum(price) FROM trades GROUP BY ticker").rows

DECIMAL is an exact decimal.Decimal, DATE datetime.date, TIMESTAMP datetime.datetime in UTC (one
without a zone is taken as UTC), NULL None. A connection is for one thread at a time.
"""

import socket
import struct
import time
from contextlib import AbstractContextManager, suppress
from functools import cached_property
from types import SimpleNamespace
from urllib.parse import urlsplit

from . import _batch, _values, _wire
from ._wire import MISUSE, UNCHECKED, Error, reporting

WINDOW = 64 << 20
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


class Connection(AbstractContextManager):
    """A connection; `timeout` in seconds for connecting and for each part of the greeting."""

    def __init__(self, url="stoa://127.0.0.1:8471", timeout=5.0, name="stoa-python/1"):
        with reporting(5004, "BAD_ARGUMENT", MISUSE):
            _values.text(name, "name")
            timeout = None if timeout is None else _values.seconds(timeout, "timeout")
        with reporting(5001, "BAD_URL", MISUSE, f"{url}: "):
            _values.text(url, "a URL")
            parts = urlsplit(url if "//" in url else "//" + url, scheme="stoa")
            port = parts.port or 8471
        if parts.scheme != "stoa" or not parts.hostname or parts.path not in ("", "/"):
            raise Error(5001, "BAD_URL", f"{url}: expected stoa://host:port")
        self._request, self._limit = 0, _wire.LIMIT
        with reporting(5002, "CANNOT_CONNECT", OSError, f"{url}: "):
            self._socket = socket.create_connection((parts.hostname, port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._input = self._socket.makefile("rb", 1 << 15)  # Reads ahead: frames come in groups.
        hello = struct.pack("<IHHIQII", _wire.MAGIC, 1, 1, 0, 7, _wire.LIMIT, 0)
        self._send(_wire.HELLO, hello, _wire.option(_wire.CLIENT_NAME, name, False), request=0)
        fixed, options, _ = _wire.split(self._answer(0, _wire.WELCOME)[1], 64)
        self._socket.settimeout(None)
        self.version, self._limit = struct.unpack_from("<H14xI", fixed, 8)
        self.server = options.get(_wire.SERVER_NAME, b"").decode()

    def close(self, *_):
        """Says goodbye and closes."""
        with suppress(OSError, ValueError), self._socket, self._input:
            self._socket.sendall(_wire.frame(_wire.GOODBYE, 0))

    __exit__ = close

    def ping(self):
        """Seconds that the server took for a sign of life."""
        start = time.perf_counter()
        self._answer(self._send(_wire.PING), _wire.PONG)
        return time.perf_counter() - start

    def query(self, sql, parameters=(), timeout=0):
        """Runs one statement. `parameters`: a list for $1, $2, …, or {name: value} for $name;
        a value or (type, value). `timeout` in seconds, 0: the server's default."""
        with reporting(5004, "BAD_ARGUMENT", MISUSE):
            sql = _values.text(sql, "a statement").encode()
            limit = int(_values.seconds(timeout, "timeout") * 1000)
            fixed = struct.pack("<IQII", WINDOW, 0, limit, 0)
            options = []
            for place, (key, value) in enumerate(_batch.parameters(parameters), 1):
                with reporting(5004, "BAD_ARGUMENT", MISUSE, f"parameter ${key or place}: "):
                    options.append(_wire.option(_wire.PARAMETER, _batch.parameter(key, value)))
        request = self._send(_wire.QUERY, fixed, b"".join(options), sql)
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
        request = self._send(_wire.INGEST, fixed, table, batch)
        fixed = _wire.split(self._answer(request, _wire.INGEST_ACK)[1], 32)[0]
        flags, lsn, generation, rows = struct.unpack_from("<B2xQQQ", fixed, 5)
        return SimpleNamespace(
            lsn=lsn, generation=generation, row_count=rows, duplicate=bool(flags & 1))

    def _send(self, kind, fixed=b"\0\0\0\0", options=b"", body=b"", request=None):
        if request is None:
            self._request = request = self._request % 0xFFFFFFFF + 1
        data = _wire.frame(kind, request, fixed, options, body)
        if len(data) - _wire.HEADER.size > self._limit:
            raise Error(1019, "FRAME_TOO_LARGE", f"{len(data)} bytes, not {self._limit}")
        with reporting(5003, "CONNECTION_LOST", OSError):
            self._socket.sendall(data)
        return request

    def _answer(self, request, *kinds):
        """(kind, payload) of the next frame of a request; an ERROR frame is raised."""
        with reporting(5003, "CONNECTION_LOST", OSError):
            while True:
                size, kind, flags, _, answered, crc = _wire.HEADER.unpack(self._read(16))
                if size > _wire.LIMIT:
                    raise _wire.malformed("a frame's length")
                payload = self._read(size)
                if not flags & UNCHECKED and size <= _wire.SUMMED and _wire.crc32c(payload) != crc:
                    raise _wire.malformed("a frame's checksum")
                if kind == _wire.PING:
                    self._send(_wire.PONG, body=_wire.split(payload, 8)[2], request=answered)
                elif kind == _wire.ERROR and answered in (0, request):
                    raise _wire.parse_error(payload)
                elif answered == request and kind in kinds:
                    return kind, payload

    def _read(self, size):
        data = self._input.read(size)
        if len(data) < size:
            raise Error(5003, "CONNECTION_LOST", "the server closed the connection")
        return data


connect = Connection
