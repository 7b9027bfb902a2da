"""What signals do to stoad, what stands in its log, and how it stops under load."""

import json
import os
import signal
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Daemon, clean_environment, drop, program, stoa
from stoa import Error, _wire, connect

IGNORED = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTTOU, signal.SIGTTIN, signal.SIGUSR1,
           signal.SIGUSR2, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF, signal.SIGIO,
           signal.SIGPWR, signal.SIGURG, signal.SIGWINCH, signal.SIGCHLD, signal.SIGCONT,
           signal.SIGRTMIN, signal.SIGRTMIN + 5, signal.SIGRTMAX]


class SignalTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stoa-signals-")
        self.addCleanup(self.folder.cleanup)
        self.directory = Path(self.folder.name) / "data"

    def wait_for(self, holds, what, seconds=15):
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline, what)
            time.sleep(0.02)

    def test_signals_that_nobody_means_change_nothing(self):
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            for number in IGNORED:
                daemon.process.send_signal(number)
            time.sleep(0.1)
            self.assertEqual(connection.query("SELECT 1").rows, [(1,)])
            self.assertEqual(daemon.stop(), 0)

    def test_quit_stops_at_once_and_leaves_nobody(self):
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            connection.query("CREATE TABLE t (a INT64)")
            connection.query("INSERT INTO t VALUES (42)")
            daemon.process.send_signal(signal.SIGQUIT)
            self.assertEqual(daemon.process.wait(10), 0, daemon.log_text())
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", daemon.port)), 0)
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            self.assertEqual(connection.query("SELECT a FROM t").rows, [(42,)])

    def test_hangup_reads_the_level_again_and_names_what_has_to_wait(self):
        config = Path(self.folder.name) / "stoad.yaml"
        config.write_text("log-format: json\n")

        def lines(message):
            entries = [json.loads(line) for line in daemon.log_text().splitlines()]
            return [entry for entry in entries if entry["message"] == message]

        with Daemon(self.directory, "--config", config) as daemon:
            daemon.connect().close()
            self.assertEqual(lines("connection opened"), [])
            config.write_text("log-format: json\nlog-level: debug\nworkers: 7\n")
            daemon.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: lines("reloaded"), "a reload")
            self.assertEqual(lines("reloaded")[0]["at_next_start"], "workers")
            daemon.connect().close()
            self.wait_for(lambda: lines("connection opened"), "a line of level debug")
            config.write_text("worker: 7\n")
            daemon.process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: lines("settings not reloaded"), "a refusal")
            self.assertIn("worker", lines("settings not reloaded")[0]["reason"])
            with daemon.connect() as connection:
                self.assertEqual(connection.query("SELECT 1").rows, [(1,)])
            self.assertEqual(daemon.stop(), 0)

    def test_hangup_opens_a_log_file_anew_that_was_moved_away(self):
        path = Path(self.folder.name) / "stoad.log"
        with open(path, "wb") as file:
            process = subprocess.Popen(
                [program("stoad"), "--data-dir", self.directory, "--listen", "127.0.0.1:0"],
                stdout=subprocess.DEVNULL, stderr=file, env=clean_environment(), **drop())
        try:
            self.wait_for(lambda: " ready" in path.read_text(), "a start")
            path.rename(path.with_suffix(".1"))
            process.send_signal(signal.SIGHUP)
            self.wait_for(lambda: path.exists() and "reloaded" in path.read_text(), "a new file")
            self.assertNotIn("reloaded", path.with_suffix(".1").read_text())
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(15), 0)
            self.assertIn("stopped", path.read_text())
        finally:
            process.kill()
            process.wait()

    def test_a_tool_that_goes_away_does_not_take_the_daemon_with_it(self):
        with Daemon(self.directory) as daemon:
            daemon.process.stdout.close()
            with daemon.connect() as connection:
                self.assertEqual(connection.query("SELECT 1").rows, [(1,)])
            daemon.process.send_signal(signal.SIGHUP)
            daemon.process.send_signal(signal.SIGTERM)
            self.assertEqual(daemon.process.wait(15), 0, daemon.log_text())
        # Its log goes nowhere any more, which is nobody's error but the log's.
        reader, writer = os.pipe()
        process = subprocess.Popen(
            [program("stoad"), "--data-dir", self.directory, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=writer, env=clean_environment(), **drop())
        os.close(writer)
        try:
            self.assertIn(b"listening on", process.stdout.readline())
            os.close(reader)
            process.send_signal(signal.SIGHUP)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(15), 0)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def test_a_second_signal_hurries_a_stop_that_waits(self):
        rows = Path(self.folder.name) / "rows.csv"
        rows.write_text("a\n" + "".join(f"{number}\n" for number in range(300_000)))
        with Daemon(self.directory) as daemon:
            self.assertEqual(
                stoa("import", rows, "--table", "t", "--create", url=daemon.url)[0], 0)
            client = daemon.connect()
            # Without credit beyond the first batch the query stays where it is.
            request = client._send(
                _wire.QUERY, struct.pack("<IQII", 1, 0, 0, 0), b"", b"SELECT a FROM t")
            client._answer(request, _wire.RESULT_BATCH)
            started = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            self.assertTrue(daemon.is_running, "it waits for the query")
            daemon.process.send_signal(signal.SIGINT)
            with self.assertRaises(Error) as caught:
                while True:
                    client._answer(request, _wire.RESULT_BATCH, _wire.RESULT_END)
            self.assertEqual(caught.exception.name, "SHUTTING_DOWN")
            self.assertEqual(daemon.process.wait(30), 0, daemon.log_text())
            self.assertLess(time.monotonic() - started, 8)
            self.assertIn("stopping at once", daemon.log_text())
            client.close()

    def test_a_stop_under_load_answers_every_request_that_is_retriable(self):
        outcomes, stop = [], threading.Event()

        def ask(number):
            try:
                with connect(daemon.url, timeout=0.1) as connection:
                    while not stop.is_set():
                        if number % 2:
                            connection.query("SELECT count(*) FROM t")
                        else:
                            connection.ingest("t", {"a": [number]})
            except Error as error:
                outcomes.append(error)

        with Daemon(self.directory) as daemon:
            with daemon.connect() as connection:
                connection.query("CREATE TABLE t (a INT64)")
            threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
            for thread in threads:
                thread.start()
            time.sleep(0.5)
            self.assertEqual(daemon.stop(), 0)
            stop.set()
            for thread in threads:
                thread.join(30)
                self.assertFalse(thread.is_alive())
            self.assertNotIn("Fatal", daemon.log_text())
        self.assertEqual(len(outcomes), 12)
        for error in outcomes:
            # Who asked behind the end finds nobody; nobody's fate is unknown.
            self.assertIn(error.name, ("SHUTTING_DOWN", "CANNOT_CONNECT"), error)
            if error.name == "SHUTTING_DOWN":
                self.assertTrue(error.retriable)


class LogTests(unittest.TestCase):
    def test_what_an_operator_acts_on_stands_in_the_log(self):
        with tempfile.TemporaryDirectory(prefix="stoa-log-") as folder:
            options = ("--log-format", "json", "--max-connections", "2",
                       "--slow-statement-seconds", "1", "--handshake-timeout-seconds", "1")
            environment = clean_environment(STOA_SERVICE_HOST="10.0.0.1")
            with Daemon(Path(folder) / "data", *options, environment=environment) as daemon:
                with daemon.connect() as connection:
                    connection.query("CREATE TABLE t (a INT64)")
                    connection.query("INSERT INTO t VALUES (4711)")
                    connection.query("FLUSH")
                    with socket.create_connection(("127.0.0.1", daemon.port)), \
                            self.assertRaises(Error):
                        daemon.connect()
                    with socket.create_connection(("127.0.0.1", daemon.port)) as foreign:
                        foreign.sendall(b"GET / HTTP/1.1\r\n\r\n")
                        foreign.recv(100)
                self.assertEqual(daemon.stop(), 0)
                entries = [json.loads(line) for line in daemon.log_text().splitlines()]
            messages = {entry["message"]: entry for entry in entries}
            for message, level in (
                    ("created", "info"), ("ready", "info"), ("sealed", "info"),
                    ("unknown environment variable", "warning"),
                    ("connection refused", "warning"), ("handshake failed", "warning"),
                    ("stopping", "notice"), ("stopped", "notice")):
                self.assertIn(message, messages)
                self.assertEqual(messages[message]["level"], level, message)
            self.assertEqual(messages["sealed"]["table"], "t")
            self.assertEqual(messages["sealed"]["rows"], "1")
            self.assertEqual(messages["unknown environment variable"]["name"], "STOA_SERVICE_HOST")
            self.assertNotIn("4711", json.dumps(entries))

    def test_a_flood_of_one_kind_is_ten_lines_and_a_count(self):
        with tempfile.TemporaryDirectory(prefix="stoa-log-") as folder, \
                Daemon(Path(folder) / "data") as daemon:
            for _ in range(60):
                with socket.create_connection(("127.0.0.1", daemon.port)) as foreign:
                    foreign.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    foreign.recv(100)
            self.assertEqual(daemon.stop(), 0)
            log = daemon.log_text()
            self.assertEqual(log.count(" handshake failed "), 10)
            self.assertIn("50 more like this", log)
