"""The driver against the golden frames of the protocol; no network.

    python3 -m unittest discover -s tools/python/tests
"""

import datetime
import pathlib
import socket
import struct
import sys
import unittest
from decimal import Decimal
from unittest import mock

HERE = pathlib.Path(__file__).resolve()
sys.path.insert(0, str(HERE.parents[1]))
import stoa  # noqa: E402
from stoa import _batch, _wire  # noqa: E402

GOLDEN = HERE.parents[3] / "Tests" / "StoaWireTests" / "Golden"
UTC = datetime.timezone.utc
TYPES = ["BOOL", "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64",
         "FLOAT32", "FLOAT64", "DECIMAL(18,4)", "DECIMAL(38,10)", "DATE", "TIMESTAMP", "STRING"]
LEAST = [False, -2**7, -2**15, -2**31, -2**63, 0, 0, 0, 0, -1.5, -1.5, Decimal("-0.0005"),
         Decimal("-0.0000000005"), datetime.date(1, 1, 1),
         datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, UTC), ""]
GREATEST = [True, 2**7 - 1, 2**15 - 1, 2**31 - 1, 2**63 - 1, 2**8 - 1, 2**16 - 1, 2**32 - 1,
            2**64 - 1, float("inf"), float("inf"), Decimal("12.3456"), Decimal("0.0000123456"),
            datetime.date(9999, 12, 31),
            datetime.datetime(2023, 11, 14, 22, 13, 20, 123456, UTC), "Größe €"]


def golden(name):
    lines = (GOLDEN / f"{name}.hex").read_text().splitlines()
    return bytes.fromhex("".join(line for line in lines if not line.startswith("#")))


def taken_apart(name, size):
    data = golden(name)
    return _wire.HEADER.unpack(data[:16]), *_wire.split(data[16:], size)


class WireTests(unittest.TestCase):
    def test_checksums_of_all_golden_frames_match(self):
        files = list(GOLDEN.glob("*.hex"))
        self.assertEqual(len(files), 25)
        for file in files:
            data = golden(file.stem)
            size, _, flags, zero, _, crc = _wire.HEADER.unpack(data[:16])
            self.assertEqual((size, flags, zero), (len(data) - 16, 0, 0), file.stem)
            self.assertEqual(crc, _wire.crc32c(data[16:]), file.stem)

    def test_frames_are_written_as_the_golden_files_say(self):
        self.assertEqual(_wire.frame(_wire.CANCEL, 258), golden("cancel"))
        self.assertEqual(_wire.frame(_wire.PING, 7, body=b"\1\2\3"), golden("ping"))
        _, fixed, options, body = taken_apart("ingest", 40)
        again = _wire.frame(_wire.INGEST, 259, bytes(fixed[4:]),
                            _wire.option(_wire.TABLE, options[_wire.TABLE]), bytes(body))
        self.assertEqual(again, golden("ingest"))

    def test_an_error_frame_becomes_an_exception(self):
        error = _wire.parse_error(golden("error")[16:])
        self.assertEqual((error.code, error.name), (1003, "UNKNOWN_COLUMN"))
        self.assertEqual(error.message, "there is no column prize")
        self.assertEqual(error.hint, "Did you mean price?")
        self.assertEqual((error.position, error.sqlstate), ((7, 5), "42703"))
        self.assertFalse(error.retriable)

    def test_truncated_payloads_are_refused(self):
        data = golden("query")[16:]
        for size in range(len(data) - 40):
            with self.assertRaises((stoa.Error, ValueError)):
                _, options, body = _wire.split(data[:size], 24)
                if len(options) < 2:
                    raise ValueError


class BatchTests(unittest.TestCase):
    def test_every_type_is_read(self):
        *_, body = taken_apart("resultBatch", 8)
        columns = _batch.chunks(body)
        self.assertEqual([column.type for column in columns], TYPES + ["STRING"])
        self.assertEqual([column.name for column in columns], TYPES + ["coded"])
        for column, least, greatest in zip(columns, LEAST, GREATEST):
            self.assertEqual(column.decode(), [least, None, greatest], column.name)
        self.assertEqual(columns[-1].decode(), ["n€in", "ja", "n€in"])

    def test_every_type_is_written_as_the_golden_batch_says(self):
        columns = {
            name: (name, [least, None, greatest])
            for name, least, greatest in zip(TYPES, LEAST, GREATEST) if "38" not in name}
        chunks = _batch.chunks(memoryview(_batch.encode(columns)))
        for chunk, (name, (_, values)) in zip(chunks, columns.items()):
            self.assertEqual((chunk.type, chunk.decode()), (name, values))

    def test_types_are_inferred(self):
        cases = {"BOOL": [True, None], "INT64": [1, None, -5], "FLOAT64": [1, 2.5],
                 "STRING": ["a"], "DATE": [datetime.date(2020, 1, 2)],
                 "TIMESTAMP": [datetime.datetime(2020, 1, 2)],
                 "DECIMAL(18,3)": [Decimal("1.5"), 2, Decimal("0.125")]}
        for kind, values in cases.items():
            self.assertEqual(_batch.infer(values), kind)
        for values in ([], [None], ["a", 1], [object()]):
            with self.assertRaises(ValueError):
                _batch.infer(values)

    def test_a_datetime_without_zone_is_utc(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        values = [datetime.datetime(2020, 1, 1, 12), datetime.datetime(2020, 1, 1, 14, tzinfo=zone)]
        chunk, = _batch.chunks(memoryview(_batch.encode({"t": values})))
        self.assertEqual(chunk.decode(), [datetime.datetime(2020, 1, 1, 12, tzinfo=UTC)] * 2)

    def test_digits_beyond_the_scale_and_values_out_of_range_are_refused(self):
        for kind, value in (("DECIMAL(18,2)", "1.005"), ("INT8", 128), ("UINT64", -1)):
            with self.assertRaises(stoa.Error):
                _batch.encode({"c": (kind, [value])})
        with self.assertRaises(stoa.Error):
            _batch.encode({"a": [1], "b": [1, 2]})

    def test_misuse_is_an_error_that_names_the_column(self):
        for values in (("INT64", ["a"]), ("INT64", [1.5]), ("INTT", [1]), ("DECIMAL", [1]),
                       ("DECIMAL(19,2)", [1]), ("DECIMAL(9,2)", ["x"]), ("DECIMAL(9,2)", ["NaN"]),
                       ("FLOAT32", [1e300]), ("STRING", [b"x"]), ("STRING", ["\ud800"]),
                       ("DATE", ["2026-01-01"]), (1, 2, 3), [None], [], None, 5):
            with self.assertRaisesRegex(stoa.Error, "column c: "):
                _batch.encode({"c": values})

    def test_what_insert_refuses_is_refused_with_the_row(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        noon = datetime.datetime(2024, 1, 1, 23, 59)
        cases = [
            ("BOOL", 1, "a int in a BOOL"), ("BOOL", "true", "a str"), ("INT64", True, "a bool"),
            ("INT64", 1.5, "no whole number"), ("INT64", float("nan"), "no whole number"),
            ("INT64", "1", "a str"), ("INT64", b"1", "a bytes"), ("INT8", 128, "does not fit INT8"),
            ("INT64", 10**400, "does not fit INT64"), ("UINT8", -1, "does not fit UINT8"),
            ("FLOAT64", True, "a bool"), ("FLOAT64", "1.5", "a str"),
            ("FLOAT64", 10**400, "does not fit FLOAT64"), ("FLOAT32", 1e39, "does not fit"),
            ("DECIMAL(9,2)", Decimal("0.005"), "more than 2 digits"),
            ("DECIMAL(9,2)", 0.125, "more than 2 digits"), ("DECIMAL(9,2)", True, "a bool"),
            ("DECIMAL(9,2)", "1_000", "no number"), ("DECIMAL(9,2)", "٣", "no number"),
            ("DECIMAL(9,2)", Decimal("NaN"), "NaN"), ("DECIMAL(9,2)", float("inf"), "infinity"),
            ("DECIMAL(9,2)", 10**7, "does not fit"), ("DECIMAL(9,2)", "1e999999999", ""),
            ("DECIMAL(9,2)", Decimal("1e-999999"), "more than 2 digits"),
            ("DATE", noon, "time of day"), ("DATE", "2024-01-01", "a str"), ("DATE", 1, "a int"),
            ("DATE", datetime.datetime(2024, 1, 1, 0, 0, tzinfo=zone), "time of day"),
            ("TIMESTAMP", "2024-01-01", "a str"), ("TIMESTAMP", 5, "a int"),
            ("TIMESTAMP", datetime.datetime(1, 1, 1, tzinfo=zone), "outside of the years"),
            ("STRING", b"x", "decode it"), ("STRING", 5, "a int"),
            ("STRING", "\ud800", "surrogate"),
        ]
        for kind, value, sentence in cases:
            with self.subTest(kind=kind, value=str(value)[:20]), \
                    self.assertRaises(stoa.Error) as caught:
                _batch.encode({"c": (kind, [None, value])})
            self.assertRegex(caught.exception.message, "^column c: row 2: ")
            self.assertIn(sentence, caught.exception.message)
            self.assertNotIn("attribute", caught.exception.message)

    def test_what_insert_takes_is_taken(self):
        zone = datetime.timezone(datetime.timedelta(hours=2))
        cases = [
            ("INT64", 2.0, 2), ("INT64", Decimal("3.0"), 3), ("FLOAT64", 2**53 + 1, 2.0**53),
            ("DECIMAL(9,2)", 0.7, Decimal("0.70")), ("DECIMAL(9,2)", " 1.5e1 ", Decimal("15.00")),
            ("FLOAT64", Decimal("0.5"), 0.5), ("FLOAT32", 0.1, struct.unpack(
                "<f", struct.pack("<f", 0.1))[0]),
            ("DATE", datetime.datetime(2024, 1, 1, 2, tzinfo=zone), datetime.date(2024, 1, 1)),
            ("TIMESTAMP", datetime.date(2024, 1, 1), datetime.datetime(2024, 1, 1, tzinfo=UTC)),
        ]
        for kind, value, found in cases:
            chunk, = _batch.chunks(memoryview(_batch.encode({"c": (kind, [value])})))
            self.assertEqual(chunk.decode(), [found], kind)

    def test_any_iterable_of_values_is_a_column_and_nothing_else(self):
        keys = {n: None for n in range(3)}.keys()
        for values in (range(3), iter([0, 1, 2]), (n for n in range(3)), keys):
            chunk, = _batch.chunks(memoryview(_batch.encode({"c": values})))
            self.assertEqual(chunk.decode(), [0, 1, 2])
        for values in ("abc", b"abc", {"a": 1}, {1, 2}, None, 5, ("INT64", "abc"), ("INT64",),
                       ("INT64", [1], 3), (5, [1]), [[1]], [object()], [1, "a"]):
            with self.assertRaisesRegex(stoa.Error, "BAD_ARGUMENT: column c: ") as caught:
                _batch.encode({"c": values})
            self.assertNotIn("object has no", caught.exception.message)

    def test_damaged_batches_raise_and_nothing_else(self):
        *_, body = taken_apart("resultBatch", 8)
        allowed = (stoa.Error, ValueError, IndexError, OverflowError, struct.error)
        for size in range(0, len(body), 7):
            with self.assertRaises(allowed):
                [chunk.decode() for chunk in _batch.chunks(body[:size])]
        for bit in range(len(body) * 8):
            damaged = bytearray(body)
            damaged[bit // 8] ^= 1 << bit % 8
            try:
                [chunk.decode() for chunk in _batch.chunks(memoryview(damaged))]
            except allowed:
                pass


class ConnectionTests(unittest.TestCase):
    """A connection over a socket pair, whose other end plays golden frames."""

    def connected(self, *frames):
        ours, theirs = socket.socketpair()
        self.addCleanup(theirs.close)
        theirs.sendall(golden("welcome") + b"".join(frames))
        with mock.patch.object(socket, "create_connection", lambda *_: ours), \
                mock.patch.object(socket.socket, "setsockopt"):
            connection = stoa.connect()
        self.addCleanup(connection.close)
        return connection

    @staticmethod
    def renumbered(name, request):
        data = bytearray(golden(name))
        data[8:12] = request.to_bytes(4, "little")
        return bytes(data)

    def test_a_result_has_columns_rows_and_a_summary(self):
        connection = self.connected(
            self.renumbered("progress", 1), self.renumbered("resultBatch", 1),
            self.renumbered("resultEnd", 1))
        self.assertEqual(connection.server, "stoad/1")
        result = connection.query("SELECT 1")
        self.assertEqual(len(result.rows), 3)
        self.assertEqual(result.columns[4][0], -2**63)
        self.assertEqual(list(result.columns[16]), ["n€in", "ja", "n€in"])
        self.assertEqual((result.summary.exactness, result.summary.rows_skipped), ("exact", 131072))

    def test_an_error_leaves_the_connection_usable(self):
        connection = self.connected(self.renumbered("error", 1), self.renumbered("ingestAck", 2))
        with self.assertRaises(stoa.Error):
            connection.query("SELECT prize")
        ack = connection.ingest("trades", {"a": [1, 2, 3]})
        self.assertEqual((ack.lsn, ack.row_count, ack.duplicate), (17, 3, True))

    def test_health_is_none_or_the_error_that_a_batch_would_get(self):
        pong = bytearray(golden("pongRefusing"))
        pong[8:12] = (2).to_bytes(4, "little")
        connection = self.connected(self.renumbered("pong", 1), bytes(pong))
        self.assertIsNone(connection.health())
        refusal = connection.health()
        self.assertEqual((refusal.code, refusal.message), (2006, "The disk is full."))
        self.assertTrue(refusal.retriable)

    def test_misuse_leaves_the_connection_usable(self):
        connection = self.connected(self.renumbered("ingestAck", 1))
        def query(*arguments, **options):
            return lambda: connection.query(*arguments, **options)

        def ingest(*arguments, **options):
            return lambda: connection.ingest(*arguments, **options)

        one = {"a": [1]}
        cases = [
            (query(None), "a statement is a str"), (query(b"S"), "a statement is a str"),
            (query("\ud800"), "surrogate"), (query("S", timeout=-1), "timeout is a number"),
            (query("S", timeout="5"), "timeout is a number"),
            (query("S", timeout=True), "timeout is a number"),
            (query("S", timeout=float("nan")), "timeout is a number"),
            (query("S", 5), "parameters are given as"), (query("S", "abc"), "parameters are"),
            (query("S", None), "parameters are"), (query("S", {5: 1}), "name of a parameter"),
            (query("S", [object()]), "parameter $1: "), (query("S", [1, b"x"]), "parameter $2: "),
            (query("S", {"n": {}}), "parameter $n: "),
            (query("S", [("INT8", 300)]), "does not fit"),
            (query("S", [("INT8", 1, 2)]), "(type, value)"), (query("S", [10**40]), "does not fit"),
            (query("S", [Decimal("NaN")]), "no type"), (query("S", [[1, 2]]), "parameter $1: "),
            (ingest("t", [1]), "{name: values}"), (ingest("t", None), "{name: values}"),
            (ingest("t", {}), "no columns"), (ingest("t", {5: [1]}), "name of a column"),
            (ingest(5, one), "name of a table"), (ingest(None, one), "name of a table"),
            (ingest("t", one, producer=-1), "producer is a number"),
            (ingest("t", one, producer="mine"), "producer is a whole number"),
            (ingest("t", one, producer=1 << 128), "producer is a number"),
            (ingest("t", one, producer=None), "producer is a whole number"),
            (ingest("t", one, sequence=1.5), "sequence is a whole number"),
            (ingest("t", one, epoch=True), "epoch is a whole number"),
            (ingest("t", one, stream=1 << 32), "stream is a number"),
            (ingest("t", {"a": [1], "b": [1, 2]}), "column b: 2 values"),
        ]
        for misuse, sentence in cases:
            with self.subTest(sentence), self.assertRaises(stoa.Error) as caught:
                misuse()
            self.assertEqual(caught.exception.code, 5004)
            self.assertIn(sentence, caught.exception.message)
            self.assertNotRegex(caught.exception.message, "attribute|required argument|iterable")
        self.assertEqual(connection.ingest("t", {"a": [1]}).row_count, 3)

    def test_closing_twice_is_closing_once(self):
        connection = self.connected()
        with connection:
            connection.close()
        connection.close()

    def test_a_server_that_leaves_is_noticed_before_a_request_is_sent(self):
        for last in (golden("goodbye"), b""):
            connection = self.connected(last)
            if not last:
                connection._socket.shutdown(socket.SHUT_RD)
            ours, theirs = socket.socketpair()
            self.addCleanup(theirs.close)
            theirs.sendall(golden("welcome") + self.renumbered("ingestAck", 1))
            with mock.patch.object(socket, "create_connection", lambda *_: ours), \
                    mock.patch.object(socket.socket, "setsockopt"):
                self.assertEqual(connection.ingest("t", {"a": [1]}).row_count, 3)

    def test_a_server_that_says_nothing_is_given_up_after_a_sign_of_life_was_asked_for(self):
        connection = self.connected()
        connection._patience = 0.2
        with self.assertRaises(stoa.Error) as caught:
            connection.ingest("t", {"a": [1]})
        self.assertEqual(caught.exception.name, "CONNECTION_LOST")
        self.assertIn("has said nothing for 0.2 s", caught.exception.message)
        self.assertIn("unknown", caught.exception.hint)

    def test_a_wrong_address_is_refused(self):
        for url in ("http://localhost", "stoa://", "stoa://host/path", "stoa://h:99999",
                    "stoa://h:x", "stoa://[::1", None, b"stoa://h", 5):
            with self.assertRaises(stoa.Error) as caught:
                stoa.connect(url)
            self.assertEqual(caught.exception.code, 5001)
            self.assertNotIn("attribute", caught.exception.message)
        for options in ({"timeout": "5"}, {"timeout": -1}, {"name": 5}):
            with self.assertRaises(stoa.Error) as caught:
                stoa.connect("stoa://h", **options)
            self.assertEqual(caught.exception.code, 5004)


if __name__ == "__main__":
    unittest.main()
