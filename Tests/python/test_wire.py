"""Bad input on the TCP port: every case gets an answer or a closed connection, and the daemon
goes on serving others."""

import random
import socket
import struct
import tempfile
import time
import unittest
from pathlib import Path

from harness import Daemon, error_name

HELLO, WELCOME, PING, ERROR, QUERY, INGEST, BULK_BATCH = 1, 2, 3, 6, 16, 32, 50
UNCHECKED = 1


def frame(kind, payload=b"", request=0, flags=UNCHECKED, length=None, zero=0, checksum=0):
    count = len(payload) if length is None else length
    return struct.pack("<IBBHII", count, kind, flags, zero, request, checksum) + payload


def hello(minimum=1, maximum=1, magic=b"STOA"):
    return frame(HELLO, struct.pack(
        "<I4sHHIQII", 0, magic, minimum, maximum, 0, 0, 1 << 20, 0))


class WireTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stoa-wire-")
        cls.daemon = Daemon(
            Path(cls.folder.name) / "data", "--handshake-timeout-seconds", "1")
        cls.witness = cls.daemon.connect()
        cls.witness.query("CREATE TABLE t (a INT64 NOT NULL)")
        cls.witness.query("INSERT INTO t VALUES (1), (2)")

    @classmethod
    def tearDownClass(cls):
        cls.witness.close()
        cls.daemon.__exit__()
        cls.folder.cleanup()

    def tearDown(self):
        try:
            rows = list(self.witness.query("SELECT sum(a) FROM t").rows)
        except Exception as error:
            self.fail(f"the daemon serves no more: {error}\n{self.daemon.log_text()[:5000]}")
        self.assertEqual([int(r[0]) for r in rows], [3])
        self.assertTrue(self.daemon.is_running)

    def connect(self):
        connection = socket.create_connection(("127.0.0.1", self.daemon.port), timeout=10)
        self.addCleanup(connection.close)
        return connection

    def logged_in(self):
        connection = self.connect()
        connection.sendall(hello())
        self.assertEqual(self.receive(connection)[0], WELCOME)
        return connection

    def receive(self, connection):
        """(kind, request, payload) of the next frame; kind None when the connection ended."""
        header = self.read(connection, 16)
        if len(header) < 16:
            return None, None, header
        count, kind, _, _, request, _ = struct.unpack("<IBBHII", header)
        return kind, request, self.read(connection, count)

    @staticmethod
    def read(connection, count):
        found = b""
        while len(found) < count:
            try:
                chunk = connection.recv(count - len(found))
            except ConnectionResetError:
                break
            if not chunk:
                break
            found += chunk
        return found

    def everything(self, connection):
        """All that comes until the other side closes; it must close within 10 s."""
        found = b""
        while True:
            try:
                chunk = connection.recv(65_536)
            except ConnectionResetError:
                return found
            if not chunk:
                return found
            found += chunk

    def send(self, connection, data):
        """Sends what the other side may already have stopped reading."""
        try:
            connection.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def test_other_protocols_are_named_and_closed(self):
        cases = {
            b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n": b"HTTP",
            b"POST /api HTTP/1.1\r\n\r\n": b"HTTP",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03": b"TLS",
            struct.pack(">II", 8, 80877103): b"Postgre",
        }
        for sent, named in cases.items():
            with self.subTest(sent=sent[:8]):
                connection = self.connect()
                self.send(connection, sent)
                self.assertIn(named, self.everything(connection))

    def test_a_silent_connection_is_closed(self):
        for sent in (b"", hello()[:7], hello()[:20]):
            with self.subTest(sent=len(sent)):
                connection = self.connect()
                connection.sendall(sent)
                started = time.monotonic()
                self.everything(connection)
                self.assertLess(time.monotonic() - started, 6)

    def test_every_truncated_hello_is_survived(self):
        whole = hello()
        for count in range(len(whole)):
            connection = self.connect()
            connection.sendall(whole[:count])
            connection.close()

    def test_garbage_before_the_hello_is_closed(self):
        rng = random.Random(7)
        for _ in range(200):
            connection = self.connect()
            self.send(connection, rng.randbytes(rng.randint(16, 400)))
            self.everything(connection)

    def test_a_wrong_hello_is_refused(self):
        for sent in (hello(magic=b"ATOS"), hello(minimum=900, maximum=901),
                     hello(minimum=2, maximum=1), frame(PING)):
            connection = self.connect()
            self.send(connection, sent)
            kind, _, _ = self.receive(connection)
            self.assertIn(kind, (ERROR, None))

    def test_a_frame_longer_than_the_limit_is_refused_before_it_comes(self):
        for length in (1 << 31, (1 << 32) - 1):
            connection = self.logged_in()
            self.send(connection, frame(QUERY, request=1, length=length))
            kind, _, _ = self.receive(connection)
            self.assertEqual(kind, ERROR)
            self.everything(connection)

    def test_a_first_frame_is_small(self):
        connection = self.connect()
        self.send(connection, frame(HELLO, length=5_000))
        self.everything(connection)

    def test_a_wrong_checksum_and_reserved_bits_close_the_connection(self):
        payload = struct.pack("<I4x", 0)
        for sent in (frame(PING, payload, 0, flags=0, checksum=12345),
                     frame(PING, payload, zero=7), frame(PING, payload, flags=0xFF)):
            connection = self.logged_in()
            self.send(connection, sent)
            kind, _, _ = self.receive(connection)
            self.assertIn(kind, (ERROR, None))

    def test_unknown_kinds_and_empty_payloads_fail_one_request(self):
        connection = self.logged_in()
        # A late BULK_BATCH of a load that has ended is no error, and gets no answer.
        connection.sendall(frame(BULK_BATCH, request=77))
        for request, kind in enumerate((200, 99, QUERY, INGEST, WELCOME), 1):
            connection.sendall(frame(kind, request=request))
            self.assertEqual(self.receive(connection)[0], ERROR, kind)

    def test_garbage_frames_after_the_hello_are_survived(self):
        rng = random.Random(11)
        kinds = [HELLO, PING, 5, 7, 8, QUERY, 19, INGEST, 48, BULK_BATCH, 52, 54, 17, 33, 255]
        for _ in range(300):
            connection = self.logged_in()
            for _ in range(rng.randint(1, 6)):
                payload = bytearray(rng.randbytes(rng.randint(0, 300)))
                if rng.random() < 0.6 and len(payload) >= 4:
                    payload[:4] = struct.pack("<I", 0)
                self.send(connection, frame(
                    rng.choice(kinds), bytes(payload), request=rng.randint(0, 3)))
            connection.close()

    def test_truncated_frames_are_survived(self):
        whole = frame(QUERY, struct.pack("<IIQII", 0, 1 << 20, 0, 0, 0) + b"SELECT 1", request=1)
        for count in range(len(whole)):
            connection = self.logged_in()
            connection.sendall(whole[:count])
            connection.close()

    def test_a_vanishing_client_ends_its_query(self):
        for _ in range(20):
            connection = self.logged_in()
            payload = struct.pack("<IIQII", 0, 1, 0, 0, 0) + b"SELECT * FROM t"
            connection.sendall(frame(QUERY, payload, request=1))
            connection.close()

    def test_deep_and_long_statements_are_refused(self):
        cases = {
            "SELECT " + "(" * 100_000 + "1" + ")" * 100_000: {"QUERY_TOO_DEEP"},
            "SELECT " + "(" * 1_000_000 + "1" + ")" * 1_000_000: {
                "QUERY_TOO_LARGE", "QUERY_TOO_DEEP"},
            "SELECT " + "-" * 1 + " -" * 50_000 + "1": {"QUERY_TOO_DEEP"},
            "SELECT " + "NOT " * 50_000 + "TRUE": {"QUERY_TOO_DEEP"},
        }
        for sql, names in cases.items():
            with self.subTest(sql=sql[:20], length=len(sql)):
                with self.assertRaises(Exception) as raised:
                    list(self.witness.query(sql).rows)
                self.assertIn(error_name(raised.exception), names)

    def test_statements_of_garbage_are_refused(self):
        rng = random.Random(13)
        words = ["SELECT", "FROM", "t", "a", "(", ")", ",", "*", "'", '"', "1", "1e999", "--", "/*",
                 "GROUP BY", "ORDER BY", "LIMIT", "NULL", "CAST", "AS", "\u0000", "😀", ";", "<>"]
        refused = 0
        for _ in range(500):
            sql = " ".join(rng.choices(words, k=rng.randint(1, 12)))
            try:
                list(self.witness.query(sql).rows)
            except Exception as error:
                self.assertTrue(error_name(error), sql)
                refused += 1
        self.assertGreater(refused, 400)
