"""Clients that misbehave, against a daemon in a control group of 256 MiB: it lives, keeps its
memory, and goes on serving a client that behaves. Short here; `tools/attack` is the long run."""

import socket
import tempfile
import time
import unittest

from attack_rig import MIB, attack, resident, small_daemon
from attackers import HELLO, header
from harness import Daemon

LIMIT = 256 * MIB
SECONDS = 2.5


class AttackTests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.context = small_daemon(LIMIT)
        cls.daemon, cls.group = cls.context.__enter__()
        cls.idle = resident(cls.daemon.process.pid)[1]

    @classmethod
    def tearDownClass(cls):
        cls.context.__exit__(None, None, None)

    def withstands(self, seconds=SECONDS, **crowd):
        outcome = attack(self.daemon, crowd, seconds)
        print(f"\n    {outcome}", flush=True)
        self.assertTrue(outcome.is_alive, self.daemon.log_text()[-3_000:])
        self.assertEqual(outcome.failures, [])
        self.assertLess(outcome.peak, LIMIT)
        self.assertGreater(outcome.acknowledged, 0, "ingest of the client that behaves goes on")
        # The must is 50 ms on a quiet machine; this one may be busy with other tests.
        self.assertLess(outcome.p99, 1.0)
        if self.group.exists:
            self.assertEqual(self.group.kill_count, 0)

    def test_unfinished_frames_hold_no_more_than_their_share(self):
        self.withstands(unfinished=64, headers=100)

    def test_frames_that_come_byte_by_byte_take_nothing_from_others(self):
        self.withstands(drip=100)

    def test_results_that_nobody_reads_give_way(self):
        self.withstands(results=64)

    def test_pongs_that_nobody_reads_stop_the_reading(self):
        self.withstands(pings=100)

    def test_batches_without_waiting_are_slowed_down(self):
        self.withstands(batches=48)

    def test_open_bulk_loads_leave_room_for_others(self):
        self.withstands(loads=64)

    def test_many_small_loads_leave_nothing_behind(self):
        self.withstands(small_loads=16)

    def test_queued_statements_count_with_their_parameters(self):
        self.withstands(statements=20)

    def test_a_pipeline_of_statements_does_not_hold_up_one_statement(self):
        self.withstands(pipeline=8)

    def test_large_queries_leave_room_for_small_ones(self):
        self.withstands(heavy=64)

    def test_everything_together(self):
        self.withstands(
            6, unfinished=40, headers=40, drip=40, results=30, pings=40, batches=20, loads=40,
            small_loads=8, statements=10, pipeline=4, heavy=20, idle=100)

    def test_zz_memory_comes_back(self):
        """Last: after all attacks what is the daemon's own is what it was, within a fifth."""
        outcome = attack(self.daemon, {}, 0.2)
        self.assertTrue(outcome.is_alive)
        self.assertLess(outcome.own_after, 1.2 * max(self.idle, 48 * MIB))


class DescriptorTests(unittest.TestCase):
    """At `ulimit -n 256`, with more clients than that."""

    def test_connections_leave_descriptors_for_files(self):
        with tempfile.TemporaryDirectory(prefix="stoa-files-") as folder:
            daemon = LimitedDaemon("ulimit -n 256", f"{folder}/data", "--log-file-size", "1MiB")
            clients = []
            with daemon:
                self.assertIn("fewer connections than usual", daemon.log_text())
                with daemon.connect() as client:
                    client.query("CREATE TABLE t (pad STRING)")
                    for _ in range(300):
                        clients.append(socket.create_connection(("127.0.0.1", daemon.port)))
                        clients[-1].sendall(HELLO)
                    # The log goes on to new files, and segments are made and opened.
                    for _ in range(6):
                        client.ingest("t", {"pad": ["x" * 1_000] * 500})
                        client.query("FLUSH")
                    self.assertEqual(client.query("SELECT count(*) FROM t").rows, [(3_000,)])
                    start = sum(process_seconds(daemon.process.pid))
                    client.query("SELECT 1", timeout=5)
                    time.sleep(1)
                    used = sum(process_seconds(daemon.process.pid)) - start
                    self.assertLess(used, 0.5, "nobody asks for connections in a circle")
                for peer in clients:
                    peer.close()
                with daemon.connect() as client:
                    self.assertEqual(client.query("SELECT 1").rows, [(1,)])

    def test_more_connections_than_files_are_refused_at_the_start(self):
        with tempfile.TemporaryDirectory(prefix="stoa-files-") as folder:
            daemon = LimitedDaemon(
                "ulimit -n 256", f"{folder}/data", "--max-connections", "500",
                wait=False)
            with daemon:
                self.assertEqual(daemon.process.wait(30), 1)
                self.assertIn("ulimit -n", daemon.log_text())


class AddressSpaceTests(unittest.TestCase):
    """At `ulimit -v 2G`."""

    def test_frames_and_loads_beyond_the_address_space_are_answers(self):
        with tempfile.TemporaryDirectory(prefix="stoa-space-") as folder:
            daemon = LimitedDaemon("ulimit -v 2097152", f"{folder}/data")
            with daemon, daemon.connect() as client:
                client.query("CREATE TABLE sink (s INT64, pad STRING)")
                peers = []
                for _ in range(200):
                    peers.append(socket.create_connection(("127.0.0.1", daemon.port)))
                    peers[-1].sendall(HELLO + header(32, 16 << 20, 1) + bytes(1))
                outcome = attack(daemon, {"unfinished": 100, "loads": 60}, 3, recovery=0)
                self.assertTrue(outcome.is_alive, daemon.log_text()[-3_000:])
                self.assertEqual(client.query("SELECT 1").rows, [(1,)])
                for peer in peers:
                    peer.close()


class LimitedDaemon(Daemon):
    """A daemon that a shell starts under a limit."""

    def __init__(self, limit, directory, *options, **rest):
        self.limit = limit
        super().__init__(directory, *options, **rest)

    def command(self, arguments):
        return ["/bin/sh", "-c", f'{self.limit}; exec "$0" "$@"', *arguments]


def process_seconds(pid):
    """User and system time of a process, in seconds."""
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return int(fields[11]) / 100, int(fields[12]) / 100


if __name__ == "__main__":
    unittest.main()
