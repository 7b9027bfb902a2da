"""Clients that misbehave, each as a script of one connection, many of them in one process.

    attackers.py NAME PORT CONNECTIONS SECONDS

A script is a generator. It yields bytes to send, `WAIT` to go on after the next frame from the
server, a number of seconds to pause, or ends to hold the connection open and do nothing more. A
connection that the server closes is opened again.
"""

import heapq
import selectors
import socket
import struct
import sys
import time

from harness import ROOT  # Puts the driver on the path.
from stoa import _batch, _wire

WAIT = object()
FRAME_LIMIT = 16 << 20
CREDIT = (1 << 31) - 1
BULK_OPEN, BULK_BATCH, BULK_COMMIT = 48, 50, 52
HELLO = _wire.frame(
    _wire.HELLO, 0, struct.pack("<IHHIQII", _wire.MAGIC, 1, 1, 0, 7, _wire.LIMIT, 0))
assert ROOT


def header(kind, length, request):
    """The header of a frame that claims `length` bytes of payload without a checksum."""
    return struct.pack("<IBBHII", length, kind, 1, 0, request, 0)


def query(sql, request, parameters=()):
    options = b"".join(
        _wire.option(_wire.PARAMETER, _batch.parameter("", value)) for value in parameters)
    return _wire.frame(
        _wire.QUERY, request, struct.pack("<IQII", CREDIT, 0, 0, 0), options, sql.encode())


def ingest(table, batch, request):
    fixed = struct.pack("<B3xQQIIQ", 3, 0, 0, 0, 0, 0)
    return _wire.frame(_wire.INGEST, request, fixed, _wire.option(_wire.TABLE, table), batch)


def bulk_open(table, request):
    return _wire.frame(BULK_OPEN, request, options=_wire.option(_wire.TABLE, table))


def rows(count, size):
    """A batch for the table `sink (s INT64, pad STRING)`."""
    return _batch.encode({
        "s": ("INT64", list(range(count))), "pad": ("STRING", ["x" * size] * count)})


def unfinished():
    """A frame of 16 MiB but for its last byte."""
    yield header(_wire.INGEST, FRAME_LIMIT, 1)
    block = bytes(64 << 10)
    for _ in range(FRAME_LIMIT // len(block) - 1):
        yield block
    yield block[:-1]


def headers():
    """The header of a frame of 16 MiB and one byte of it."""
    yield header(_wire.INGEST, FRAME_LIMIT, 1) + b"\0"


def drip():
    """A frame that comes byte by byte."""
    yield header(_wire.INGEST, FRAME_LIMIT, 1)
    while True:
        yield b"\0"
        yield 0.2


def results():
    """Large results that nobody reads."""
    for request in range(1, 5):
        yield query("SELECT s, pad FROM big", request)


def pings():
    """PONGs that nobody reads."""
    block = _wire.frame(_wire.PING, 1, body=bytes(1_024)) * 60
    while True:
        yield block


def batches():
    """INGEST without waiting for an answer."""
    batch, request = rows(1_000, 900), 0
    while True:
        request = request % 1_000_000 + 1
        yield ingest("sink", batch, request)


def loads():
    """A bulk load that is opened, gets some rows and is left open."""
    yield bulk_open("sink", 1)
    yield WAIT
    yield _wire.frame(BULK_BATCH, 1, body=rows(100, 900))


def small_loads():
    """One small bulk load after the other."""
    batch, request = rows(10, 100), 0
    while True:
        request += 1
        yield bulk_open("sink", request)
        yield WAIT
        yield _wire.frame(BULK_BATCH, request, body=batch)
        yield WAIT
        yield _wire.frame(BULK_COMMIT, request, struct.pack("<IQ", 0, 10))
        yield WAIT


def statements():
    """Statements with large parameters, as many as a connection takes at a time."""
    request = 0
    while True:
        for _ in range(60):
            request += 1
            yield query("SELECT count(*) FROM big WHERE pad > $1", request, ["y" * 900_000])
        for _ in range(60):
            yield WAIT


def pipeline():
    """A thousand small statements at a time."""
    request = 0
    while True:
        frames = []
        for _ in range(60):
            request += 1
            frames.append(query("SELECT max(s) FROM big WHERE s > 5", request))
        yield b"".join(frames)
        yield WAIT


def heavy():
    """Queries that need much memory."""
    request = 0
    while True:
        request += 1
        yield query("SELECT s, pad, count(*) AS n FROM big GROUP BY s, pad ORDER BY n, s", request)
        yield 0.05
        yield WAIT


def idle():
    """Nothing at all."""
    yield b""


SCRIPTS = {script.__name__: script for script in (
    unfinished, headers, drip, results, pings, batches, loads, small_loads, statements, pipeline,
    heavy, idle)}
# What these are sent they do not read.
DEAF = {"results", "pings"}


class Peer:
    """One connection that follows a script."""

    def __init__(self, crowd, script):
        self.crowd, self.script = crowd, script
        crowd.peers.append(self)  # A connection that nobody watches is kept open all the same.
        self.connect()

    def connect(self):
        self.steps, self.output, self.input = self.script(), memoryview(HELLO), bytearray()
        self.waits, self.is_deaf = 2, False  # The greeting is awaited like a step.
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", self.crowd.port))
        self.crowd.watch(self)

    def lost(self):
        self.crowd.forget(self)
        self.socket.close()
        self.crowd.later(0.5, self.connect)

    def step(self):
        """Goes on with the script until something has to be awaited."""
        while not self.output and self.waits == 0:
            value = next(self.steps, None)
            if value is None:
                self.waits = -1
            elif value is WAIT:
                self.waits = 1
            elif isinstance(value, float):
                self.waits = -1
                self.crowd.later(value, self.resume, self.socket)
            else:
                self.output = memoryview(value)

    def resume(self, of):
        if of is self.socket:
            self.waits = 0
            self.step()
            self.crowd.watch(self)

    def ready(self, events):
        try:
            if events & selectors.EVENT_READ:
                self.read()
            if events & selectors.EVENT_WRITE and self.output:
                self.output = self.output[self.socket.send(self.output):]
            if self.waits == 2 and not self.output:
                self.waits = 1
        except BlockingIOError:
            pass
        except OSError:
            return self.lost()
        self.step()
        self.crowd.watch(self)

    def read(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionResetError
        self.input += data
        while len(self.input) >= 16:
            length = struct.unpack_from("<I", self.input)[0] + 16
            if len(self.input) < length:
                return
            del self.input[:length]
            if self.waits == 1:
                self.waits = 0
                self.is_deaf = self.crowd.is_deaf


class Crowd:
    """Many peers of one script."""

    def __init__(self, name, port, count):
        self.port, self.script, self.is_deaf = port, SCRIPTS[name], name in DEAF
        self.selector, self.peers = selectors.DefaultSelector(), []
        self.timers, self.serial = [], 0
        for number in range(count):
            self.later(number * 0.001, Peer, self, self.script)

    def later(self, seconds, call, *arguments):
        self.serial += 1
        heapq.heappush(
            self.timers, (time.monotonic() + seconds, self.serial, call, arguments))

    def watch(self, peer):
        events = selectors.EVENT_READ * (not peer.is_deaf)
        events |= selectors.EVENT_WRITE * bool(peer.output)
        try:
            known = self.selector.get_key(peer.socket)
        except KeyError:
            known = None
        if known and events == known.events:
            return
        if known:
            self.selector.unregister(peer.socket)
        if events:
            self.selector.register(peer.socket, events, peer)

    def forget(self, peer):
        try:
            self.selector.unregister(peer.socket)
        except KeyError:
            pass

    def run(self, seconds):
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            while self.timers and self.timers[0][0] <= now:
                _, _, call, arguments = heapq.heappop(self.timers)
                call(*arguments)
            for key, events in self.selector.select(0.01):
                key.data.ready(events)


if __name__ == "__main__":
    script, target, connections, duration = sys.argv[1:]
    Crowd(script, int(target), int(connections)).run(float(duration))
