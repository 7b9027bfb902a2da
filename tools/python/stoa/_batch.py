"""The batch format: columns of values as bytes, read when they are asked for."""

import datetime
import re
import struct
from array import array
from decimal import Context, Decimal
from itertools import accumulate

from ._wire import MISUSE, malformed, reporting

NAMES = [None, "BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
         "FLOAT32", "FLOAT64", "DECIMAL", "DATE", "TIMESTAMP", "STRING"]
ITEMS = " BbhiqBHIQfdqiqI"  # array type code by type: BOOL is a byte, STRING an offset
HEADER, ENTRY = struct.Struct("<IHHIIQQ"), struct.Struct("<IHBBBBHIQQQIII12x")
MAGIC, EPOCH = 0x54414253, datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
TYPE = re.compile(r"DECIMAL\(([1-9]|1[0-8])(?:,(\d+))?\)|(?!DECIMAL)\w+")
DAY_ZERO, MICROSECOND = EPOCH.toordinal(), datetime.timedelta(microseconds=1)
INFERRED = (({bool}, "BOOL"), ({int}, "INT64"), ({int, float}, "FLOAT64"), ({str}, "STRING"),
            ({datetime.datetime}, "TIMESTAMP"), ({datetime.date}, "DATE"))


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


def infer(values):
    """The type of Python values, as SQL spells it."""
    kinds = {type(value) for value in values} - {type(None)}
    if Decimal in kinds and kinds <= {Decimal, int}:
        scales = (-Decimal(v).as_tuple().exponent for v in values if v is not None)
        return f"DECIMAL(18,{max(0, *scales)})"
    for types, type_name in INFERRED:
        if kinds and kinds <= types:
            return type_name
    raise ValueError("give the type, as (type, values)")


def _parse(kind):
    """(code, precision, scale) of a column's type as SQL spells it."""
    match = TYPE.fullmatch(kind.upper().replace(" ", ""))
    if not match or (base := match[0].partition("(")[0]) not in NAMES:
        raise ValueError(f"{kind} is no type of a column")
    return NAMES.index(base), int(match[1] or 0), int(match[2] or 0)


def _unscaled(value, scale):
    scaled = Decimal(value).scaleb(scale, Context(prec=99))
    if scaled != int(scaled):
        raise ValueError(f"{value} has more than {scale} digits after the point")
    return int(scaled)


def _buffers(code, scale, values):
    if code == 15:
        texts = [b"" if value is None else value.encode() for value in values]
        return array("I", accumulate(map(len, texts), initial=0)).tobytes(), b"".join(texts)
    convert = {10: lambda v: struct.unpack("<f", struct.pack("<f", v))[0],  # Not silently inf.
               12: lambda v: _unscaled(v, scale), 13: lambda v: v.toordinal() - DAY_ZERO,
               14: lambda v: ((v if v.tzinfo else v.replace(tzinfo=EPOCH.tzinfo)) - EPOCH)
               // MICROSECOND}.get(code, lambda v: v)
    return array(ITEMS[code], [0 if v is None else convert(v) for v in values]).tobytes(), b""


def encode(columns):
    """A batch of {name: values or (type, values)}."""
    batch, rows = bytearray(32 + 64 * len(columns)), None
    for index, (name, values) in enumerate(columns.items()):
        with reporting(5004, "BAD_ARGUMENT", MISUSE, f"column {name}: "):
            kind, values = values if isinstance(values, tuple) else (infer(values), values)
            rows = len(values) if rows is None else rows
            if rows != len(values):
                raise ValueError(f"{len(values)} values, the columns before have {rows}")
            code, precision, scale = _parse(kind)
            nulls = sum(value is None for value in values)
            valid = bytearray((rows + 63) // 64 * 8 if nulls else 0)
            for row, value in enumerate(values if nulls else ()):
                valid[row >> 3] |= (value is not None) << (row & 7)
            body, data = _buffers(code, scale, values)
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


def parameter(name, value):
    """A parameter's name and its value with its type: a value or (type, value)."""
    kind, value = value if isinstance(value, tuple) else (
        "INT64" if value is None else infer([value]), value)
    code, precision, scale = _parse(kind)
    body = b"" if value is None else _buffers(code, scale, [value])[code == 15]
    return struct.pack(
        f"<H{len(name.encode())}sBBBBI", len(name.encode()), name.encode(), code, precision, scale,
        value is None, len(body)) + body
