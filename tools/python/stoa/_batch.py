"""The batch format: columns of values as bytes, read when they are asked for."""

import datetime
import struct
from array import array
from decimal import Decimal
from itertools import accumulate

from . import _values
from ._values import DAY_ZERO, EPOCH, MICROSECOND, NAMES, infer
from ._wire import MISUSE, malformed, reporting

ITEMS = " BbhiqBHIQfdqiqI"  # array type code by type: BOOL is a byte, STRING an offset
HEADER, ENTRY = struct.Struct("<IHHIIQQ"), struct.Struct("<IHBBBBHIQQQIII12x")
MAGIC = 0x54414253
# Values of these kinds need no look at each: the array refuses what does not fit.
READY = {1: {bool}, **{code: {int} for code in range(2, 10)}, 11: {float}, 15: {str}}


class Chunk:
    """One column of one batch, not decoded."""

    def __init__(self, batch, index, rows):
        (name, length, self.code, precision, self.scale, flags, _, _, valid, values, data,
         values_size, data_size, self.words) = ENTRY.unpack_from(batch, 32 + index * 64)
        if not 0 < self.code < len(NAMES):
            raise malformed(f"column type {self.code}")

        def cut(offset, size):
            if offset + size > len(batch):
                raise malformed("a batch")
            return batch[offset:offset + size]

        self.name, self.rows, self.is_wide = str(cut(name, length), "utf-8"), rows, precision > 18
        self.type = NAMES[self.code] + (f"({precision},{self.scale})" if precision else "")
        self.valid = bytes(cut(valid, (rows + 63) // 64 * 8)) if flags & 1 else None
        self.values, self.data = cut(values, values_size), cut(data, data_size)
        self.is_coded = bool(flags & 2)

    def decode(self):
        code, valid = self.code, self.valid
        if code == 15:
            raw = self._strings()
        elif self.is_wide:
            raw = [high << 64 | low for low, high in struct.iter_unpack("<Qq", self.values)]
        else:
            raw = array(ITEMS[code], bytes(self.values)).tolist()
        if len(raw) != self.rows:
            raise malformed("a column")
        convert = {1: bool, 12: lambda v: Decimal(f"{v}e-{self.scale}"),
                   13: lambda v: datetime.date.fromordinal(DAY_ZERO + v),
                   14: lambda v: EPOCH + v * MICROSECOND}.get(code)
        if valid is not None:  # A null row's value means nothing and may be out of range.
            return [(convert(v) if convert else v) if valid[i >> 3] >> (i & 7) & 1 else None
                    for i, v in enumerate(raw)]
        return [convert(v) for v in raw] if convert else raw

    def _strings(self):
        offsets, data = bytes(self.values), bytes(self.data)
        if self.is_coded:
            size = (self.words + 1) * 4
            offsets, data = data[:size], data[size:]
        bounds = array("I", offsets)
        text = data.decode() if data.isascii() else data  # Then a character is a byte.
        texts = [text[a:b] for a, b in zip(bounds, bounds[1:])]
        if text is data:
            texts = [text.decode() for text in texts]
        if not self.is_coded:
            return texts
        return [(texts or [None])[code] for code in array("I", bytes(self.values))]


def chunks(batch):
    """The columns of a batch."""
    magic, version, _, rows, columns, size, _ = HEADER.unpack(bytes(batch[:32]).ljust(32))
    if (magic, version, size) != (MAGIC, 1, len(batch)) or size < 32 + columns * 64:
        raise malformed("a batch")
    return [Chunk(batch, index, rows) for index in range(columns)]


def _raw(code, precision, scale, values):
    """What is sent for each value: numbers, or bytes of text; any for None."""
    if set(map(type, values)) - {type(None)} <= READY.get(code, set()):
        try:
            if code == 15:
                return [b"" if value is None else value.encode() for value in values]
            return array(ITEMS[code], [0 if value is None else value for value in values])
        except (OverflowError, UnicodeEncodeError):
            pass  # Below, the value that does not fit is found.
    convert, nothing = _values.converter(code, precision, scale), b"" if code == 15 else 0
    return [nothing if value is None else _values.at_row(row, convert, value)
            for row, value in enumerate(values)]


def _buffers(code, precision, scale, values):
    raw = _raw(code, precision, scale, values)
    if code == 15:
        return array("I", accumulate(map(len, raw), initial=0)).tobytes(), b"".join(raw)
    return array(ITEMS[code], raw).tobytes(), b""


def _typed(values):
    """(code, precision, scale, values) of a column: values or (type, values)."""
    if not isinstance(values, tuple):
        values = _values.column(values)
        return *_values.parse(infer(values)), values
    if len(values) != 2:
        raise ValueError("a tuple is (type, values); a column without a type is a list")
    return *_values.parse(values[0]), _values.column(values[1])


def encode(columns):
    """A batch of {name: values or (type, values)}."""
    if not isinstance(columns, dict):
        raise TypeError(
            f"columns are given as {{name: values}}, not as {_values.kind_of(columns)}")
    if not columns:
        raise ValueError("there are no columns")
    batch, rows = bytearray(32 + 64 * len(columns)), None
    for index, (name, values) in enumerate(columns.items()):
        with reporting(5004, "BAD_ARGUMENT", MISUSE, f"column {name}: "):
            _values.text(name, "the name of a column")
            code, precision, scale, values = _typed(values)
            rows = len(values) if rows is None else rows
            if rows != len(values):
                raise ValueError(f"{len(values)} values, the columns before have {rows}")
            nulls = sum(value is None for value in values)
            valid = bytearray((rows + 63) // 64 * 8 if nulls else 0)
            for row, value in enumerate(values if nulls else ()):
                valid[row >> 3] |= (value is not None) << (row & 7)
            body, data = _buffers(code, precision, scale, values)
            offsets = []
            for part in (name.encode(), valid, body, data):
                offsets.append(len(batch))
                batch += part + bytes(-len(part) % 8)
            ENTRY.pack_into(
                batch, 32 + 64 * index, offsets[0], len(name.encode()), code, precision, scale,
                nulls > 0, 0, nulls, offsets[1] if nulls else 0, offsets[2],
                offsets[3] if code == 15 else 0, len(body), len(data), 0)
    HEADER.pack_into(batch, 0, MAGIC, 1, 0, rows or 0, len(columns), len(batch), 0)
    return batch


def parameters(given):
    """Pairs of a name, empty for $1, $2, …, and a value."""
    if isinstance(given, dict):
        return [(_values.text(name, "the name of a parameter"), v) for name, v in given.items()]
    if given is None or isinstance(given, (str, bytes)) or not hasattr(given, "__iter__"):
        raise TypeError("parameters are given as a list, or as {name: value}, not as "
                        + _values.kind_of(given))
    return [("", value) for value in given]


def parameter(name, value):
    """A parameter's name and its value with its type: a value or (type, value)."""
    if isinstance(value, tuple) and len(value) != 2:
        raise ValueError("a tuple is (type, value)")
    kind, value = value if isinstance(value, tuple) else (None, value)
    value = _values.plain(value)
    if kind is None:
        kind = "INT64" if value is None else infer([value])
    code, precision, scale = _values.parse(kind)
    if value is not None:
        value = _buffers(code, precision, scale, [value])[code == 15]
    body = value or b""
    return struct.pack(
        f"<H{len(name.encode())}sBBBBI", len(name.encode()), name.encode(), code, precision, scale,
        value is None, len(body)) + body
