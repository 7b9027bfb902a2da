"""How stoad starts, refuses to start, and stops."""

import json
import os
import re
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import (
    SAMPLE, Daemon, clean_environment, program, refused_start, snapshot_of, stoa)
from stoa import Error, _wire
from stoa._wire import crc32c


class StartTests(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stoa-start-")
        self.addCleanup(self.folder.cleanup)
        self.directory = Path(self.folder.name) / "data"

    def assert_refused(self, answer, name, *parts):
        code, errors = answer
        self.assertEqual(code, 1, errors)
        lines = [line for line in errors.splitlines() if line.startswith("error ")]
        self.assertEqual(len(lines), 1, errors)
        self.assertTrue(lines[0].startswith(f"error [{name}] "), errors)
        for part in parts:
            self.assertIn(str(part), lines[0])
        self.assertNotIn("Fatal error", errors)

    def fill(self):
        """A directory with one row, closed as it should be."""
        with Daemon(self.directory) as daemon:
            connection = daemon.connect()
            connection.query("CREATE TABLE t (a INT64)")
            connection.query("INSERT INTO t VALUES (42)")
            connection.close()
            self.assertEqual(daemon.stop(), 0)

    def assert_intact(self):
        with Daemon(self.directory) as daemon:
            connection = daemon.connect()
            self.assertEqual(list(connection.query("SELECT a FROM t").rows), [(42,)])
            connection.close()
            self.assertEqual(daemon.stop(), 0)

    def test_a_directory_in_use_is_refused_and_its_daemon_goes_on(self):
        with Daemon(self.directory) as daemon:
            connection = daemon.connect()
            connection.query("CREATE TABLE t (a INT64)")
            connection.query("INSERT INTO t VALUES (42)")
            for _ in range(3):
                self.assert_refused(
                    refused_start(self.directory), "DIRECTORY_IN_USE", daemon.process.pid)
            self.assertEqual(list(connection.query("SELECT a FROM t").rows), [(42,)])
            connection.close()
            self.assertEqual(daemon.stop(), 0)
        self.assert_intact()

    def test_a_directory_with_other_files_is_refused_untouched(self):
        self.directory.mkdir()
        (self.directory / "letter.txt").write_text("dear daemon")
        before = snapshot_of(self.directory)
        self.assert_refused(refused_start(self.directory), "DIRECTORY_NOT_EMPTY", "letter.txt")
        self.assertEqual(snapshot_of(self.directory), before)

    def test_a_database_without_its_current_file_is_refused_untouched(self):
        self.fill()
        (self.directory / "CURRENT").rename(Path(self.folder.name) / "CURRENT")
        before = snapshot_of(self.directory)
        code, errors = refused_start(self.directory)
        self.assertEqual(code, 1, errors)
        self.assertRegex(errors, r"error \[(CORRUPT_MANIFEST|DIRECTORY_NOT_EMPTY)\] .*")
        after = snapshot_of(self.directory)
        after.pop("LOCK", None), before.pop("LOCK", None)
        self.assertEqual(after, before)
        (Path(self.folder.name) / "CURRENT").rename(self.directory / "CURRENT")
        self.assert_intact()

    def test_files_of_a_newer_format_are_refused_untouched(self):
        self.fill()
        with Daemon(self.directory) as daemon:
            code, _, errors = stoa("import", SAMPLE, "--table", "s", "--create", url=daemon.url)
            self.assertEqual(code, 0, errors)
            self.assertEqual(daemon.stop(), 0)
        manifest = max((self.directory / "manifest").iterdir()).relative_to(self.directory)
        log = min((self.directory / "wal").iterdir()).relative_to(self.directory)
        segment = next((self.directory / "seg").iterdir()).relative_to(self.directory)
        # File, place of the version, place of the checksum (of all bytes before it).
        for name, version, checksum in (
                ("IDENTITY", 4, 32), ("CURRENT", 4, 28), (manifest, 6, -4), (log, 4, 60),
                (segment, 8, 60)):
            with self.subTest(file=str(name)):
                copy = Path(self.folder.name) / f"newer-{version}-{checksum}-{Path(name).name}"
                shutil.copytree(self.directory, copy)
                seal = self.make_newer(copy / name, version, checksum)
                if name == manifest:
                    current = bytearray((copy / "CURRENT").read_bytes())
                    current[24:28] = seal
                    current[28:32] = struct.pack("<I", crc32c(bytes(current[:28])))
                    (copy / "CURRENT").write_bytes(current)
                before = snapshot_of(copy)
                self.assert_refused(
                    refused_start(copy), "FORMAT_TOO_NEW", Path(name).name, "format")
                after = snapshot_of(copy)
                after.pop("LOCK", None), before.pop("LOCK", None)
                self.assertEqual(after.keys(), before.keys())
                self.assertEqual(after, before)
        self.assert_intact()

    @staticmethod
    def make_newer(path, version, checksum):
        """Raises a file's version, with the right checksum; returns the checksum's bytes."""
        data = bytearray(path.read_bytes())
        end = len(data) + checksum if checksum < 0 else checksum
        data[version:version + 2] = struct.pack("<H", 999)
        data[end:end + 4] = struct.pack("<I", crc32c(bytes(data[:end])))
        path.write_bytes(data)
        return data[end:end + 4]

    def test_a_directory_that_cannot_be_written_is_refused(self):
        self.directory.mkdir(mode=0o555)
        self.assert_refused(refused_start(self.directory), "DIRECTORY_UNUSABLE")
        self.assertEqual(list(self.directory.iterdir()), [])
        self.directory.chmod(0o700)
        self.fill()
        before = snapshot_of(self.directory)
        for path in [self.directory, *self.directory.rglob("*")]:
            path.chmod(0o555 if path.is_dir() else 0o444)
        self.assert_refused(refused_start(self.directory), "DIRECTORY_UNUSABLE")
        for path in [self.directory, *self.directory.rglob("*")]:
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.assertEqual(snapshot_of(self.directory), before)
        self.assert_intact()

    def test_a_path_that_cannot_be_a_directory_is_refused(self):
        file = Path(self.folder.name) / "file"
        file.write_text("x")
        for path in (file, file / "below", Path(self.folder.name) / "no" / "parent"):
            self.assert_refused(refused_start(path), "DIRECTORY_UNUSABLE")

    def test_a_busy_port_is_refused_with_the_key_to_change(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            self.assert_refused(
                refused_start(self.directory, "--listen", f"127.0.0.1:{port}"),
                "ADDRESS_IN_USE", port, "--listen", "STOA_LISTEN")

    def test_addresses_of_other_machines_are_refused(self):
        for address in ("0.0.0.0:0", "[::]:0", "10.1.2.3:0", "example.com:0"):
            self.assert_refused(
                refused_start(self.directory, "--listen", address), "INVALID_SETTING", "listen")
        self.assertFalse(self.directory.exists())

    def test_settings_that_do_not_exist_are_refused_with_the_nearest(self):
        config = Path(self.folder.name) / "stoad.yaml"
        config.write_text("worker: 2\n")
        self.assert_refused(
            refused_start(self.directory, "--config", config), "INVALID_SETTING", "workers",
            "stoad.yaml:1")
        self.assert_refused(
            refused_start(self.directory, environment=clean_environment(STOA_LISTN="x")),
            "INVALID_SETTING", "STOA_LISTEN")
        self.assert_refused(
            refused_start(self.directory, "--workers", "0"), "INVALID_SETTING", "--workers")
        self.assert_refused(
            refused_start(self.directory, "--config", "/no/such/file"), "INVALID_SETTING")
        code, errors = refused_start(self.directory, "--listn", "x")
        self.assertEqual(code, 1, errors)
        self.assertIn("--listen", errors)
        self.assertFalse(self.directory.exists())

    def test_a_flag_goes_before_the_environment_before_the_file(self):
        config = Path(self.folder.name) / "stoad.yaml"
        config.write_text("data-dir: /nonexistent/from-file\nlog-format: json\n")
        environment = clean_environment(STOA_DATA_DIR="/nonexistent/from-environment",
                                        STOA_CONFIG=str(config))
        with Daemon(self.directory, environment=environment) as daemon:
            self.assertEqual(daemon.stop(), 0)
            for line in daemon.log_text().splitlines():
                entry = json.loads(line)
                self.assertTrue({"time", "level", "message"} <= entry.keys(), line)

    def test_the_printed_configuration_has_every_flag_and_starts_a_daemon(self):
        run = lambda *options: subprocess.run(
            [program("stoad"), *options], capture_output=True, text=True, timeout=30,
            env=clean_environment())
        printed = run("--print-config")
        self.assertEqual((printed.returncode, printed.stderr), (0, ""))
        self.assertEqual(printed.stdout, (
            Path(__file__).resolve().parents[2] / "config" / "stoad.yaml").read_text())
        keys = re.findall(r"^([a-z][a-z-]*):", printed.stdout, re.MULTILINE)
        self.assertGreater(len(keys), 10)
        guide = run("--help")
        self.assertEqual(guide.returncode, 0)
        for key in keys:
            self.assertIn(f"--{key} ", guide.stdout)
        self.assertEqual(run("--version").returncode, 0)
        config = Path(self.folder.name) / "stoad.yaml"
        config.write_text(printed.stdout)
        with Daemon(self.directory, "--config", config) as daemon:
            self.assertEqual(daemon.stop(), 0)

    def test_both_signals_stop_it_and_a_second_one_is_harmless(self):
        for first in (signal.SIGTERM, signal.SIGINT):
            for again in (None, signal.SIGTERM, signal.SIGINT):
                with self.subTest(first=first, again=again), Daemon(self.directory) as daemon:
                    daemon.process.send_signal(first)
                    if again:
                        time.sleep(0.01)
                        if daemon.is_running:
                            daemon.process.send_signal(again)
                    self.assertEqual(daemon.process.wait(15), 0, daemon.log_text())

    def test_stopping_ends_queries_that_run_and_those_that_wait(self):
        rows = Path(self.folder.name) / "rows.csv"
        rows.write_text("a\n" + "".join(f"{n * 7919 % 1_000_003}\n" for n in range(300_000)))
        options = ("--max-concurrent-queries", "1", "--shutdown-drain-seconds", "1")
        with Daemon(self.directory, *options) as daemon:
            code, _, errors = stoa("import", rows, "--table", "t", "--create", url=daemon.url)
            self.assertEqual(code, 0, errors)
            watcher, clients = daemon.connect(), [daemon.connect() for _ in range(4)]
            # Without credit beyond the first batch the first query stays where it is.
            requests = [client._send(
                _wire.QUERY, struct.pack("<IQII", 1, 0, 0, 0), b"", b"SELECT a FROM t")
                for client in clients]
            states, deadline = [], time.monotonic() + 30
            while states != ["queued"] * 3 + ["running"]:
                self.assertLess(time.monotonic(), deadline, states)
                states = sorted(row[0] for row in watcher.query(
                    "SELECT state FROM system.queries WHERE text = 'SELECT a FROM t'").rows)
            started = time.monotonic()
            daemon.process.send_signal(signal.SIGTERM)
            for client, request in zip(clients, requests):
                client._socket.settimeout(15)
                with self.assertRaises(Error) as caught:
                    while True:
                        client._answer(request, _wire.RESULT_BATCH, _wire.RESULT_END)
                self.assertEqual(caught.exception.name, "SHUTTING_DOWN")
            self.assertEqual(daemon.process.wait(15), 0, daemon.log_text())
            self.assertLess(time.monotonic() - started, 15)
        with Daemon(self.directory) as daemon:
            self.assertEqual(daemon.connect().query("SELECT count(*) FROM t").rows, [(300_000,)])

    def test_stopping_closes_idle_connections_and_keeps_the_rows(self):
        with Daemon(self.directory) as daemon:
            connection = daemon.connect()
            connection.query("CREATE TABLE t (a INT64)")
            connection.query("INSERT INTO t VALUES (42)")
            started = time.monotonic()
            self.assertEqual(daemon.stop(), 0)
            self.assertLess(time.monotonic() - started, 12)
        self.assert_intact()
