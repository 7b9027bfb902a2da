"""What a cheap query takes beside 0, 1, 2, 4… endless ones: beside.py [--endless N…].

Prints median and worst milliseconds of a grouped query, a count and a PING, as the Python driver
sees them over TCP, while so many queries that make long texts run on two workers. Only ratios
within a run compare well. Build first with tools/build.
"""

import argparse
import pathlib
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

ENDLESS = "SELECT count(DISTINCT reverse(repeat(s, 500))), max(lpad(s, 9000, s)) FROM t"
CHEAP = {
    "groups": lambda db: db.query("SELECT v, count(*), sum(k) FROM t GROUP BY v"),
    "count": lambda db: db.query("SELECT count(*) FROM t"),
    "ping": lambda db: db.ping(),
}


def fill(db, rows=300_000):
    db.query("CREATE TABLE t (k INT64, v INT32, s STRING)")
    for first in range(0, rows, 50_000):
        keys = range(first, min(rows, first + 50_000))
        db.ingest("t", {"k": ("INT64", list(keys)), "v": ("INT32", [k % 97 for k in keys]),
                        "s": ("STRING", [f"{k % 5_000:05}" for k in keys])})
    db.query("FLUSH")


def run_endless(url, ends):
    """Asks again and again until `ends`; its time limit ends it then too."""
    with stoa.connect(url) as db:
        while not ends.is_set():
            try:
                db.query(ENDLESS, timeout=60)
            except stoa.Error:
                return


def measure(db, work, count=31):
    times = []
    for _ in range(count):
        start = time.perf_counter()
        work(db)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times), max(times)


def measure_beside(url, count):
    ends = threading.Event()
    others = [threading.Thread(target=run_endless, args=(url, ends)) for _ in range(count)]
    for other in others:
        other.start()
    time.sleep(0.3 if count else 0)
    with stoa.connect(url) as db:
        for name, work in CHEAP.items():
            middle, worst = measure(db, work)
            print(f"{count:8} {name:8} {middle:10.2f} {worst:10.2f}", flush=True)
        ends.set()
        ids = db.query("SELECT id FROM system.queries WHERE state = 'running'").rows
        for id, in ids[:-1]:
            try:
                db.query(f"KILL {id}")
            except stoa.Error:
                pass  # It is over.
    for other in others:
        other.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endless", type=int, nargs="+", default=[0, 1, 2, 4, 8])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="stoa-beside-") as folder:
        daemon = subprocess.Popen(
            [BINARIES / "stoad", "--data-dir", folder + "/data", "--listen", "127.0.0.1:0",
             "--workers", "2"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            address = daemon.stdout.readline().split()[2].rstrip(",")
            with stoa.connect(f"stoa://{address}") as db:
                fill(db)
            print(f"{'endless':>8} {'query':8} {'median ms':>10} {'worst ms':>10}")
            for count in options.endless:
                measure_beside(f"stoa://{address}", count)
        finally:
            daemon.terminate()
            daemon.wait()


if __name__ == "__main__":
    main()
