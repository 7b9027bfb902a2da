"""What stoad says of its health, and what clients do when it hangs, goes or comes back."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Daemon, as_root, can_be_root, clean_environment, drop, program, stoa
from stoa import Error, connect
from user import ORDINARY


class Health(unittest.TestCase):
    """What the cases share."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stoa-health-")
        self.addCleanup(self.folder.cleanup)
        self.directory = Path(self.folder.name) / "data"

    def metrics(self, connection):
        return dict(connection.query("SELECT name, value FROM system.metrics").rows)

    def restart(self, daemon, *options):
        """A second life of a daemon on its directory and port."""
        return Daemon(self.directory, "--listen", f"127.0.0.1:{daemon.port}", *options)


class ReportTests(Health):
    def test_batches_that_fail_are_counted_like_statements(self):
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            connection.query("CREATE TABLE t (a INT64)")
            for table, columns in (("nowhere", {"a": [1]}), ("t", {"b": [1]}),
                                   ("t", {"a": ["x"]})):
                with self.assertRaises(Error):
                    connection.ingest(table, columns)
            counted = connection.query("SELECT name, count, last_query FROM system.errors").rows
            self.assertEqual(sum(count for _, count, _ in counted), 3, counted)
            self.assertEqual({query for *_, query in counted}, {None})

    def test_metrics_count_connections_batches_bytes_and_the_disk(self):
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            before = self.metrics(connection)
            connection.query("CREATE TABLE t (a INT64)")
            for sequence in (1, 2, 2):
                connection.ingest("t", {"a": [1, 2, 3]}, producer=5, epoch=1, sequence=sequence)
            with daemon.connect():
                after = self.metrics(connection)
            changes = {name: after[name] - before[name] for name in after}
            self.assertEqual(changes["connections"], 1)
            self.assertEqual(changes["connections_accepted"], 1)
            self.assertEqual(changes["batches_stored"], 2)
            self.assertEqual(changes["rows_stored"], 6)
            self.assertEqual(changes["batches_duplicate"], 1)
            self.assertEqual(changes["requests"], 5)
            self.assertGreater(changes["received_bytes"], 300)
            self.assertGreater(changes["sent_bytes"], 1_000)
            self.assertEqual(after["writable"], 1)
            self.assertGreater(after["log_bytes"], 0)
            self.assertGreater(after["process_memory_bytes"], 1 << 20)
            free = shutil.disk_usage(self.directory).free
            self.assertLess(abs(after["disk_free_bytes"] - free), 1 << 30)

    def test_a_server_that_stores_rows_is_well(self):
        with Daemon(self.directory) as daemon:
            code, output, errors = stoa("ping", url=daemon.url)
            self.assertEqual((code, errors), (0, ""))
            self.assertRegex(output, r"^ok  stoad/\S+  stoa://\S+  \S+ ms\n$")
            with daemon.connect() as connection:
                self.assertIsNone(connection.health())


class HangTests(Health):
    def test_a_server_that_hangs_is_given_up_with_a_sentence(self):
        with Daemon(self.directory) as daemon:
            old = connect(daemon.url, patience=1)
            shell = subprocess.Popen(
                [program("stoa"), "sql", "--csv", "--no-header", "--server-timeout", "1"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env=clean_environment(STOA_URL=daemon.url), **drop())
            shell.stdin.write("SELECT 17;\n")
            shell.stdin.flush()
            self.assertEqual(shell.stdout.readline(), "17\n")
            daemon.process.send_signal(signal.SIGSTOP)
            try:
                code, output, errors = stoa("ping", "--server-timeout", "1", url=daemon.url)
                self.assertEqual((code, output), (2, ""))
                self.assertIn("does not answer the greeting", errors)
                with self.assertRaises(Error) as caught:
                    connect(daemon.url, timeout=0.5)
                self.assertEqual(caught.exception.name, "CANNOT_CONNECT")
                with self.assertRaises(Error) as caught:
                    old.query("INSERT INTO t VALUES (1)")
                self.assertEqual(caught.exception.name, "CONNECTION_LOST")
                self.assertIn("has said nothing for 1 s", caught.exception.message)
                output, errors = shell.communicate("INSERT INTO t VALUES (1);\n", timeout=60)
                self.assertEqual((shell.returncode, output), (2, ""))
                self.assertIn("has said nothing for 1 s", errors)
                self.assertIn("unknown", errors)
            finally:
                daemon.process.send_signal(signal.SIGCONT)

    def test_a_server_that_is_busy_is_waited_for(self):
        slow = "SELECT count(*) FROM t WHERE length(repeat(a::STRING, 300)) = 7"
        with Daemon(self.directory) as daemon:
            with connect(daemon.url, patience=0.2) as connection:
                connection.query("CREATE TABLE t (a INT64)")
                connection.ingest("t", {"a": list(range(1_000_000, 1_100_000))})
                self.assertEqual(connection.query(slow).rows, [(0,)])
                elapsed, = connection.query(
                    "SELECT max(elapsed_ms) FROM system.queries WHERE text LIKE '%repeat%'").rows[0]
                self.assertGreater(elapsed, 200, "the query outlasts the client's patience")
            code, output, errors = stoa(
                "sql", slow, "--csv", "--no-header", "--server-timeout", "0.2", url=daemon.url)
            self.assertEqual((code, output), (0, "0\n"), errors)


class RestartTests(Health):
    def test_a_client_comes_back_after_a_restart_with_its_settings(self):
        with Daemon(self.directory) as daemon:
            connection = daemon.connect()
            connection.query("CREATE TABLE t (a INT64)")
            connection.query("SET timeout = 77")
            before = connection.query("SHOW timeout").rows
            self.assertEqual(daemon.stop(), 0)
        with self.restart(daemon) as again:
            # What is asked after a restart was never sent to the old one.
            connection.query("INSERT INTO t VALUES (1)")
            self.assertEqual(connection.query("SHOW timeout").rows, before)
            again.kill()
        with self.restart(daemon), connection:
            self.assertEqual(connection.query("SELECT count(*) FROM t").rows, [(1,)])

    def test_what_was_under_way_is_repeated_only_if_it_does_nothing_twice(self):
        outcomes, threads = {}, {}
        works = {
            "read": lambda c: c.query("SELECT count(*) FROM t WHERE a = 1").rows,
            "insert": lambda c: c.query("INSERT INTO t VALUES (2)"),
            "batch": lambda c: c.ingest("t", {"a": [3]}),
            "numbered": lambda c: c.ingest(
                "t", {"a": [4]}, producer=9, epoch=1, sequence=1).row_count}
        with Daemon(self.directory) as daemon:
            with daemon.connect() as connection:
                connection.query("CREATE TABLE t (a INT64)")
                connection.query("INSERT INTO t VALUES (1)")
            clients = {name: connect(daemon.url, timeout=20) for name in works}
            daemon.process.send_signal(signal.SIGSTOP)
            for name, work in works.items():
                threads[name] = threading.Thread(
                    target=lambda name=name, work=work: self.take(
                        outcomes, name, work, clients[name]))
                threads[name].start()
            time.sleep(0.5)
            daemon.kill()
        with self.restart(daemon) as again:
            for thread in threads.values():
                thread.join(60)
                self.assertFalse(thread.is_alive())
            self.assertEqual(outcomes["read"], [(1,)])
            self.assertEqual(outcomes["numbered"], 1)
            for name in ("insert", "batch"):
                self.assertIsInstance(outcomes[name], Error)
                self.assertEqual(outcomes[name].name, "CONNECTION_LOST")
                self.assertIn("unknown", outcomes[name].hint)
            with again.connect() as connection:
                rows = connection.query("SELECT a, count(*) FROM t GROUP BY a").rows
                self.assertTrue(all(count == 1 for _, count in rows), rows)
                self.assertLessEqual({1, 4}, {value for value, _ in rows})
        for client in clients.values():
            client.close()

    @staticmethod
    def take(outcomes, name, work, client):
        try:
            outcomes[name] = work(client)
        except Error as error:
            outcomes[name] = error

    def test_a_shell_comes_back_after_a_restart(self):
        with Daemon(self.directory) as daemon:
            shell = subprocess.Popen(
                [program("stoa"), "sql", "--csv", "--no-header"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                env=clean_environment(STOA_URL=daemon.url), **drop())
            for statement in ("CREATE TABLE t (a INT64)", "SET timeout = 77", "SELECT 17"):
                shell.stdin.write(statement + ";\n")
            shell.stdin.flush()
            self.assertEqual(shell.stdout.readline(), "17\n")
            self.assertEqual(daemon.stop(), 0)
        with self.restart(daemon):
            output, errors = shell.communicate(
                "INSERT INTO t VALUES (5);\nSELECT a FROM t;\nSHOW timeout;\n", timeout=60)
            self.assertEqual(shell.returncode, 0, errors)
            self.assertEqual(output.splitlines()[0], "5")
            self.assertIn("77", output.splitlines()[1])
            self.assertIn("connected again", errors)

    def test_a_shell_whose_server_stays_away_says_so(self):
        with Daemon(self.directory) as daemon:
            shell = subprocess.Popen(
                [program("stoa"), "sql"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True,
                env=clean_environment(STOA_URL=daemon.url), **drop())
            shell.stdin.write("SELECT 17;\n")
            shell.stdin.flush()
            while "17" not in shell.stdout.readline():
                pass
            daemon.kill()
        _, errors = shell.communicate("SELECT 18;\n", timeout=60)
        self.assertEqual(shell.returncode, 2, errors)
        self.assertIn("the server is gone", errors)


class WordTests(unittest.TestCase):
    def test_a_misspelled_command_is_suggested(self):
        for word, meant in (("slq", "sql"), ("pign", "ping"), ("imprt", "import")):
            code, output, errors = stoa(word, "-q", "SELECT 1")
            self.assertEqual((code, output), (1, ""))
            self.assertIn(f"there is no command '{word}'", errors)
            self.assertIn(f"did you mean 'stoa {meant}'?", errors)
        code, _, errors = stoa("frobnicate")
        self.assertEqual(code, 1)
        self.assertIn("sql", errors)
        self.assertEqual(stoa("help")[0], 0)
        self.assertEqual(stoa("--version")[0], 0)

    def test_a_host_that_nobody_knows_differs_from_a_port_where_nobody_listens(self):
        with socket.create_server(("127.0.0.1", 0)) as probe:
            free = probe.getsockname()[1]
        for url, sentence in (("stoa://no-such-host.invalid:1", "cannot be found"),
                              (f"stoa://127.0.0.1:{free}", "nobody listens at")):
            code, output, errors = stoa("ping", "--url", url)
            self.assertEqual((code, output), (2, ""), errors)
            self.assertIn(sentence, errors)
            with self.assertRaises(Error) as caught:
                connect(url)
            self.assertEqual(caught.exception.name, "CANNOT_CONNECT")
            self.assertIn(sentence, caught.exception.message)


def can_mount():
    """Whether file systems can be made here."""
    if not can_be_root:
        return False
    with as_root(), tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(["mount", "-t", "tmpfs", "none", folder], capture_output=True)
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return done.returncode == 0


if can_mount():

    class FullDiskTests(Health):
        def setUp(self):
            super().setUp()
            self.disk = Path(self.folder.name) / "disk"
            self.disk.mkdir()
            with as_root():
                subprocess.run(
                    ["mount", "-t", "tmpfs", "-o",
                     f"size=24m,uid={ORDINARY},gid={ORDINARY},mode=700", "none", self.disk],
                    check=True)
            self.addCleanup(self.unmount)

        def unmount(self):
            with as_root():
                subprocess.run(["umount", "-l", self.disk], check=True)

        def test_a_full_disk_is_an_answer_of_ping_and_ends_with_the_room(self):
            options = ("--log-file-size", "2MiB", "--reserve-size", "1MiB",
                       "--log-format", "json")
            with Daemon(self.disk / "data", *options) as daemon, daemon.connect() as connection:
                connection.query("CREATE TABLE t (a INT64)")
                others = self.disk / "others"
                with open(others, "wb") as file:
                    free = shutil.disk_usage(self.disk).free
                    os.posix_fallocate(file.fileno(), 0, free)
                with self.assertRaises(Error) as caught:
                    for _ in range(1_000):
                        connection.ingest("t", {"a": list(range(10_000))})
                self.assertEqual(caught.exception.name, "DISK_FULL")
                code, output, errors = stoa("ping", url=daemon.url)
                self.assertEqual(code, 5, output + errors)
                self.assertTrue(output.startswith("stores no rows  "), output)
                self.assertIn("[DISK_FULL]", errors)
                self.assertEqual(connection.health().code, caught.exception.code)
                self.assertEqual(self.metrics(connection)["writable"], 0)
                others.unlink()
                self.assertIsNone(connection.health())
                self.assertEqual(stoa("ping", url=daemon.url)[0], 0)
                deadline = time.monotonic() + 30
                while True:
                    try:
                        connection.ingest("t", {"a": [1]})
                        break
                    except Error as error:
                        self.assertTrue(error.retriable, error)
                        self.assertLess(time.monotonic(), deadline, error)
                        time.sleep(0.2)
                self.assertEqual(daemon.stop(), 0)
                log = daemon.log_text()
                self.assertEqual(log.count('"message":"disk full"'), 1, log)
                self.assertIn('"message":"disk has room again"', log)
