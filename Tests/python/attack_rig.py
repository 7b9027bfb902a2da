"""A daemon in little memory, clients that behave, and what they saw while others attacked."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

from harness import Daemon, clean_environment
from user import drop, python
import stoa  # Found where the harness says.

MIB = 1 << 20
HERE = Path(__file__).resolve().parent


class MemoryGroup:
    """A control group with a limit of memory, where this user may make one; else nothing."""

    def __init__(self, limit):
        self.folder = None
        for root, name in ((Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),
                           (Path("/sys/fs/cgroup"), "memory.max")):
            folder = root / f"stoa-test-{os.getpid()}-{limit}"
            try:
                folder.mkdir()
                (folder / name).write_text(str(limit))
            except OSError:
                if folder.is_dir():
                    folder.rmdir()
                continue
            self.folder = folder
            return

    @property
    def exists(self):
        return self.folder is not None

    def enter(self, pid):
        (self.folder / "cgroup.procs").write_text(str(pid))

    @property
    def kill_count(self):
        """How often the kernel ended a process of the group for its memory."""
        for name in ("memory.oom_control", "memory.events"):
            path = self.folder / name
            for line in path.read_text().splitlines() if path.exists() else []:
                if line.startswith("oom_kill "):
                    return int(line.split()[1])
        return 0

    def remove(self):
        for _ in range(50):
            try:
                return self.folder.rmdir()
            except OSError:
                time.sleep(0.1)


def resident(pid):
    """Bytes of a process that are in memory: (all, its own without mapped files)."""
    found = {}
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name in ("VmRSS", "RssAnon"):
            found[name] = int(value.split()[0]) << 10
    return found.get("VmRSS", 0), found.get("RssAnon", 0)


@contextmanager
def small_daemon(limit, *options):
    """A daemon in a control group of `limit` bytes, with two tables; yields (daemon, group)."""
    group = MemoryGroup(limit)
    with tempfile.TemporaryDirectory(prefix="stoa-attack-") as folder:
        if group.exists:
            daemon = GroupedDaemon(group, f"{folder}/data", *options)
        else:
            daemon = Daemon(f"{folder}/data", "--memory-limit", str(limit // 2), *options)
        try:
            with daemon, daemon.connect() as client:
                client.query("CREATE TABLE small (a INT64)")
                client.ingest("small", {"a": ("INT64", list(range(1_000)))})
                client.query("CREATE TABLE sink (s INT64, pad STRING)")
                client.query("CREATE TABLE big (s INT64, pad STRING)")
                for first in range(0, 100_000, 5_000):
                    numbers = range(first, first + 5_000)
                    client.ingest("big", {
                        "s": ("INT64", list(numbers)),
                        "pad": ("STRING", [f"{number}".ljust(100, "p") for number in numbers])})
                client.query("FLUSH")
                yield daemon, group
        finally:
            if group.exists:
                group.remove()


class GroupedDaemon(Daemon):
    """A daemon that is in a control group from its first instruction on: it reads its limit when
    it starts, and a child is born where its parent is."""

    def __init__(self, group, directory, *options):
        home = [
            path for path in group.folder.parents if (path / "cgroup.procs").exists()][-1]
        group.enter(os.getpid())
        try:
            super().__init__(directory, *options)
        finally:
            (home / "cgroup.procs").write_text(str(os.getpid()))


class Witness:
    """A client that behaves: small queries, one after the other, and ingest with retries."""

    def __init__(self, daemon):
        self.daemon, self.stopped = daemon, threading.Event()
        self.latencies, self.failures = [], []
        self.acknowledged, self.longest_gap, self.refused = 0, 0.0, 0
        self.threads = [threading.Thread(target=body) for body in (self.ask, self.ingest)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def ask(self):
        statements = ("SELECT sum(a) FROM small WHERE a >= 0", "SELECT 1", "SHOW TABLES")
        try:
            with self.daemon.connect() as client:
                while not self.stopped.is_set():
                    for statement in statements:
                        start = time.monotonic()
                        client.query(statement)
                        self.latencies.append(time.monotonic() - start)
                    time.sleep(0.02)
        except Exception as error:
            self.failures.append(f"query: {error!r}")

    def ingest(self):
        try:
            with self.daemon.connect() as client:
                client.query("CREATE TABLE IF NOT EXISTS kept (a INT64)")
                before = client.query("SELECT count(*) FROM kept").rows[0][0]
                last = time.monotonic()
                while not self.stopped.is_set():
                    try:
                        client.ingest("kept", {"a": ("INT64", list(range(100)))})
                    except stoa.Error as error:
                        if not error.retriable:
                            raise
                        self.refused += 1
                        time.sleep(error.retry_after or 0.1)
                        continue
                    self.acknowledged += 100
                    now = time.monotonic()
                    self.longest_gap, last = max(self.longest_gap, now - last), now
                    time.sleep(0.02)
                after = client.query("SELECT count(*) FROM kept").rows[0][0]
                if after - before != self.acknowledged:
                    self.failures.append(f"{after - before} rows, acknowledged {self.acknowledged}")
        except Exception as error:
            self.failures.append(f"ingest: {error!r}")

    def percentile(self, part):
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))] if ordered else float("inf")


class Outcome:
    """What an attack did."""

    def __init__(self, name):
        self.name, self.peak, self.peak_own, self.after = name, 0, 0, 0

    def __str__(self):
        return (
            f"{self.name:<34} alive {'yes' if self.is_alive else 'NO'}  rss {self.peak / MIB:6.1f} "
            f"(own {self.peak_own / MIB:6.1f}) idle {self.idle / MIB:5.1f} after "
            f"{self.after / MIB:5.1f} MiB  p50 {self.p50 * 1e3:6.1f} p99 {self.p99 * 1e3:6.1f} ms "
            f"({self.query_count})  ingest {self.acknowledged} rows, {self.refused} refused, "
            f"gap {self.longest_gap:4.1f} s {'; '.join(self.failures)}")


def attack(daemon, crowd, seconds, recovery=10):
    """Lets a crowd, {script: connections}, attack for so long, then watches memory come back."""
    outcome = Outcome(" ".join(f"{name}:{count}" for name, count in crowd.items()))
    pid = daemon.process.pid
    outcome.idle = resident(pid)[0]
    environment = clean_environment(PYTHONDONTWRITEBYTECODE="1")
    with Witness(daemon) as witness:
        # Attackers have machines of their own: here they take what processors others leave.
        attackers = [
            subprocess.Popen(
                ["nice", "-n", "15", python(), str(HERE / "attackers.py"), name,
                 str(daemon.port), str(count), str(seconds)], env=environment, **drop())
            for name, count in crowd.items()]
        end = time.monotonic() + seconds
        while time.monotonic() < end and daemon.is_running:
            whole, own = resident(pid)
            outcome.peak, outcome.peak_own = max(outcome.peak, whole), max(outcome.peak_own, own)
            time.sleep(0.02)
    for process in attackers:
        process.wait(timeout=60)
    outcome.is_alive = daemon.is_running
    outcome.after = outcome.own_after = float("inf")
    end = time.monotonic() + recovery
    while daemon.is_running and time.monotonic() < end:
        outcome.after, outcome.own_after = resident(pid)
        if outcome.after <= 1.2 * outcome.idle:
            break
        time.sleep(0.1)
    outcome.p50, outcome.p99 = witness.percentile(0.5), witness.percentile(0.99)
    outcome.query_count, outcome.failures = len(witness.latencies), witness.failures
    outcome.acknowledged, outcome.refused = witness.acknowledged, witness.refused
    outcome.longest_gap = witness.longest_gap
    return outcome
