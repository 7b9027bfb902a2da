"""Frames, options and errors of the Stoa protocol, version 1."""

import struct
from contextlib import contextmanager

HEADER = struct.Struct("<IBBHII")
HELLO, WELCOME, PING, PONG, GOODBYE, ERROR, CANCEL, CREDIT, PROGRESS, THROTTLE = range(1, 11)
QUERY, RESULT_BATCH, RESULT_END, INGEST, INGEST_ACK = 16, 17, 18, 32, 33
CLIENT_NAME, SERVER_NAME, TABLE, HINT, ERROR_NAME, SETTING, PARAMETER = 1, 2, 3, 6, 7, 8, 9
WRITE_REFUSAL = 15
MAGIC, LIMIT, UNCHECKED = 0x414F5453, 16 << 20, 1
MISUSE = (ValueError, TypeError, ArithmeticError, AttributeError, struct.error)
SUMMED = 4096  # Longer payloads go without a checksum: Python computes it slowly.


class Error(Exception):
    """What the server answered, or (codes from 5000) what went wrong on this side."""

    def __init__(self, code, name, message, hint=None, position=None, sqlstate="08006",
                 retriable=False, retry_after=None):
        super().__init__(f"{name}: {message}" + (f" ({hint})" if hint else ""))
        self.code, self.name, self.message, self.hint = code, name, message, hint
        self.position = position  # (offset, length) in bytes of the statement's UTF-8
        self.sqlstate, self.retriable, self.retry_after = sqlstate, retriable, retry_after


@contextmanager  # Makes exceptions of these kinds an Error that says where.
def reporting(code, name, kinds, place=""):
    try:
        yield
    except kinds as error:
        raise Error(code, name, f"{place}{error}") from None


def malformed(what):
    return Error(1018, "PROTOCOL_ERROR", f"{what} is malformed")


try:
    from crc32c import crc32c  # The package of that name does it in hardware.
except ImportError:
    _CRC = list(range(256))
    for _ in range(8):
        _CRC = [value >> 1 ^ (0x82F63B78 if value & 1 else 0) for value in _CRC]

    def crc32c(data):
        crc = 0xFFFFFFFF
        for byte in data:
            crc = crc >> 8 ^ _CRC[(crc ^ byte) & 255]
        return crc ^ 0xFFFFFFFF


def option(tag, value, must=True):
    """One option, padded to a multiple of 8 bytes."""
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<HHI", tag, must, len(value)) + value + bytes(-len(value) % 8)


def frame(kind, request, fixed=b"\0\0\0\0", options=b"", body=b""):
    """A whole frame; `fixed` is the fixed part behind the length of the options."""
    payload = b"".join((struct.pack("<I", len(options)), fixed, options, body))
    flags, crc = (0, crc32c(payload)) if len(payload) <= SUMMED else (UNCHECKED, 0)
    return HEADER.pack(len(payload), kind, flags, 0, request, crc) + payload


def split(payload, size):
    """(fixed part, {tag: value}, body) of a payload whose fixed part has `size` bytes."""
    view = memoryview(payload)
    end, offset, options = size + int.from_bytes(view[:4], "little"), size, {}
    if end > len(view):
        raise malformed("a payload")
    while offset + 8 <= end:
        tag, flags, length = struct.unpack_from("<HHI", view, offset)
        if length > end - offset - 8 or flags & 1 and tag > SETTING:
            raise malformed(f"option {tag}")
        options.setdefault(tag, bytes(view[offset + 8:offset + 8 + length]))
        offset += 8 + length + -length % 8
    return view[:size], options, view[end:]


def parse_error(payload):
    """The Error of an ERROR frame's payload."""
    fixed, options, body = split(payload, 32)
    code, flags, state, start, length, pause = struct.unpack_from("<HH5s3xIII", fixed, 4)
    name, hint = (options.get(tag, b"").decode() for tag in (ERROR_NAME, HINT))
    return Error(code, name, bytes(body).decode(), hint or None,
                 (start, length) if flags & 2 else None, state.decode("ascii"), bool(flags & 1),
                 pause / 1000 if pause else None)
