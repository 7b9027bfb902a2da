"""Loads a trades CSV into a fresh daemon and prints what it took: end_to_end.py FILE.

Prints import seconds, peak anonymous memory of `stoa` and `stoad`, bytes on disk, seconds until
ready after a stop and after kill -9, and the median time of some queries as the Python driver
sees them over TCP. Medians of one run on one machine; only ratios within a run compare well.
Build first with tools/build; make a file with tools/bench/make_trades.py.
"""

import argparse
import json
import os
import pathlib
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARIES = ROOT / ".build" / "release"
sys.path.insert(0, str(ROOT / "tools" / "python"))

import stoa  # noqa: E402  (the driver lies beside this file)

QUERIES = {
    "count_star": "SELECT count(*) FROM trades",
    "sum_price": "SELECT sum(price) FROM trades",
    "aggregate_all": "SELECT sum(price*quantity), sum(fees), count(*), avg(price), min(price), "
    "max(price) FROM trades",
    "by_customer": "SELECT customer_id, sum(price*quantity) FROM trades GROUP BY customer_id",
    "group_2_strings": "SELECT region, product, sum(quantity), avg(quantity) FROM trades "
    "GROUP BY region, product",
    "time_range": "SELECT count(*), sum(fees) FROM trades "
    "WHERE ts >= TIMESTAMP '2025-01-01 10:00:00' AND ts < TIMESTAMP '2025-01-01 11:00:00'",
    "like_prefix": "SELECT count(*) FROM trades WHERE order_id LIKE 'ORD-00%'",
    "order_top": "SELECT order_id, price FROM trades ORDER BY price DESC, order_id LIMIT 10",
}


class Daemon:
    """A stoad of our own on a free port; stopped by its pid."""

    def __init__(self, directory):
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [str(BINARIES / "stoad"), "--data-dir", directory, "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        address = line.split("listening on ", 1)[1].split()[0].rstrip(",")
        self.url = f"stoa://{address}"
        with stoa.connect(self.url) as connection:
            connection.ping()
        self.ready_seconds = time.perf_counter() - self.started

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        self.process.stdout.close()


def anonymous_bytes(pid):
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("RssAnon:"):
                    return int(line.split()[1]) * 1024
    except (FileNotFoundError, ProcessLookupError):
        pass
    return 0


def import_file(daemon, file):
    """Seconds, and the largest anonymous memory of both processes together."""
    started = time.perf_counter()
    loader = subprocess.Popen(
        [str(BINARIES / "stoa"), "import", file, "--table", "trades", "--create", "--url",
         daemon.url], stderr=subprocess.PIPE, text=True)
    peak = 0
    finished = threading.Event()

    def watch():
        nonlocal peak
        while not finished.wait(0.02):
            now = anonymous_bytes(loader.pid) + anonymous_bytes(daemon.process.pid)
            peak = max(peak, now)

    watcher = threading.Thread(target=watch)
    watcher.start()
    _, messages = loader.communicate()
    finished.set()
    watcher.join()
    if loader.returncode != 0:
        raise SystemExit(f"import ended with {loader.returncode}: {messages}")
    return time.perf_counter() - started, peak


def time_queries(daemon, run_count):
    medians = {}
    with stoa.connect(daemon.url) as connection:
        for name, sql in QUERIES.items():
            list(connection.query(sql).rows)  # Touches every checksum once.
            times = []
            for _ in range(run_count):
                started = time.perf_counter()
                connection.query(sql)
                times.append((time.perf_counter() - started) * 1_000)
            medians[name] = round(statistics.median(times), 3)
    return medians


def measure(file, run_count, directory):
    daemon = Daemon(directory)
    figures = {}
    try:
        seconds, peak = import_file(daemon, file)
        figures["import_seconds"] = round(seconds, 2)
        figures["import_peak_anonymous_mb"] = round(peak / 1e6, 1)
        figures["segment_bytes"] = sum(
            path.stat().st_size for path in pathlib.Path(directory, "seg").iterdir())
        daemon.stop()
        daemon = Daemon(directory)
        figures["ready_seconds_after_stop"] = round(daemon.ready_seconds, 3)
        daemon.stop(signal.SIGKILL)
        daemon = Daemon(directory)
        figures["ready_seconds_after_kill"] = round(daemon.ready_seconds, 3)
        figures["query_milliseconds"] = time_queries(daemon, run_count)
    finally:
        if daemon.process.poll() is None:
            daemon.stop()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", help="a CSV as tools/bench/make_trades.py writes it")
    parser.add_argument("--runs", type=int, default=11, help="passes per query (default 11)")
    parser.add_argument("--data-dir", help="where to load; must not exist (default: temporary)")
    arguments = parser.parse_args()
    if not (BINARIES / "stoad").exists():
        raise SystemExit("no stoad under .build/release: run tools/build first")
    directory = arguments.data_dir or tempfile.mkdtemp(prefix="stoa-bench-")
    os.makedirs(directory, exist_ok=True)
    try:
        print(json.dumps(measure(arguments.file, arguments.runs, directory), indent=2))
    finally:
        if arguments.data_dir is None:
            shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main()
