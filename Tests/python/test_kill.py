"""kill -9 in a loop under ingest: nothing acknowledged is lost, nothing is there twice, and no
batch is there in part."""

import random
import sys
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Daemon

import stoa  # Found where the harness says.

CYCLES, PRODUCERS = 50, 3


def rows_of(sequence):
    """How many rows the batch of a sequence has: from the sequence alone."""
    return 1 + sequence * 37 % 400


class Producer:
    """Sends numbered batches until the daemon dies, and remembers what was acknowledged."""

    def __init__(self, number):
        self.number = number
        self.id = number << 64 | 0x5704
        self.acknowledged = 0  # every sequence up to it
        self.sent = 0
        self.errors = []

    def columns(self, sequence):
        count = rows_of(sequence)
        return {
            "producer": ("INT32", [self.number] * count),
            "sequence": ("INT64", [sequence] * count),
            "position": ("INT32", list(range(count))),
            "text": ("STRING", [f"{self.number}/{sequence}/{i % 7}" for i in range(count)]),
        }

    def run(self, daemon, epoch, stop):
        try:
            # It waits so long for a restarted server, which here has another port.
            connection = stoa.connect(daemon.url, timeout=1.0)
            while not stop.is_set():
                # After a crash the first batch may be one that was stored but never answered.
                sequence = self.acknowledged + 1
                self.sent = max(self.sent, sequence)
                connection.ingest(
                    "ledger", self.columns(sequence), producer=self.id, epoch=epoch,
                    sequence=sequence)
                self.acknowledged = sequence
        except Exception as error:  # The daemon was killed, or something is wrong.
            deadline = time.monotonic() + 5
            while daemon.is_running and time.monotonic() < deadline:
                time.sleep(0.01)
            if daemon.is_running:
                self.errors.append(error)


class KillTests(unittest.TestCase):
    def test_nothing_acknowledged_is_lost_in_50_kills(self):
        rng = random.Random(50)
        producers = [Producer(number) for number in range(1, PRODUCERS + 1)]
        with tempfile.TemporaryDirectory(prefix="stoa-kill-") as folder:
            directory = Path(folder) / "data"
            with Daemon(directory) as daemon:
                connection = daemon.connect()
                connection.query(
                    "CREATE TABLE ledger (producer INT32 NOT NULL, sequence INT64 NOT NULL, "
                    "position INT32 NOT NULL, text STRING)")
                connection.close()
                daemon.kill()
            for cycle in range(CYCLES):
                # Every other life seals each second, so that kills meet seals too.
                options = ("--memtable-age-seconds", "1") if cycle % 2 else ()
                with Daemon(directory, *options) as daemon:
                    self.check(daemon, producers, cycle)
                    self.live(daemon, producers, cycle, rng)
            with Daemon(directory) as daemon:
                self.check(daemon, producers, CYCLES)
                self.assertEqual(daemon.stop(), 0)
            with Daemon(directory) as daemon:
                self.check(daemon, producers, CYCLES + 1)
        total = sum(p.acknowledged for p in producers)
        self.assertGreater(total, CYCLES * PRODUCERS)
        print(f"    {total} batches acknowledged over {CYCLES} kills", file=sys.stderr)

    def live(self, daemon, producers, cycle, rng):
        stop = threading.Event()
        threads = [threading.Thread(target=p.run, args=(daemon, cycle + 1, stop))
                   for p in producers]
        for thread in threads:
            thread.start()
        time.sleep(rng.uniform(0.02, 1.5 if cycle % 2 else 0.5))
        daemon.kill()
        stop.set()
        for thread in threads:
            thread.join()
        for producer in producers:
            self.assertEqual(producer.errors, [], f"cycle {cycle}")

    def check(self, daemon, producers, cycle):
        connection = daemon.connect()
        found = connection.query(
            "SELECT producer, sequence, count(*), sum(position), count(text) FROM ledger "
            "GROUP BY producer, sequence")
        batches = {(row[0], row[1]): tuple(map(int, row[2:])) for row in found.rows}
        connection.close()
        for producer in producers:
            present = sorted(s for number, s in batches if number == producer.number)
            where = f"cycle {cycle}, producer {producer.number}"
            self.assertEqual(present, list(range(1, len(present) + 1)), f"a hole: {where}")
            self.assertGreaterEqual(len(present), producer.acknowledged, f"lost: {where}")
            self.assertLessEqual(len(present), producer.sent, f"never sent: {where}")
            for sequence in present:
                count = rows_of(sequence)
                self.assertEqual(
                    batches[producer.number, sequence],
                    (count, count * (count - 1) // 2, count), f"batch {sequence}: {where}")
