"""Times the measured queries on Stoa and its peers, in one run; started by tools/bench/compare."""

import argparse
import datetime
import json
import math
import os
import pathlib
import pickle
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading

import answers
import make_trades
from measured import QUERIES, SINGLE, statement
from systems import SYSTEMS, bytes_under

HERE = pathlib.Path(__file__).resolve().parent
NAMES = list(SYSTEMS)


class Worker:
    """One system in a process of its own; it works only while it is asked."""

    def __init__(self, name, data, folder, threads):
        self.name, self.folder = name, folder / name
        self.folder.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, str(HERE / "systems.py"), name, str(data), str(self.folder),
             str(threads)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, **request):
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"the process of {self.name} ended")
        return json.loads(line)

    def load(self):
        """What loading took, and the largest anonymous memory meanwhile: of the daemon and the
        loader for Stoa, of the whole process for libraries."""
        peak, is_done = 0, threading.Event()

        def watch():
            nonlocal peak
            while not is_done.wait(0.02):
                children = children_of(self.process.pid)
                peak = max(peak, sum(map(anonymous_bytes, children or [self.process.pid])))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            found = self.ask(do="load")
        finally:
            is_done.set()
            watcher.join()
        if "error" in found:
            raise SystemExit(f"{self.name} could not load: {found['error']}")
        return {**found, "peak_bytes": peak}

    def rows(self, sql):
        file = self.folder / "rows"
        found = self.ask(do="rows", sql=sql, file=str(file))
        return found if "error" in found else pickle.loads(file.read_bytes())

    def close(self):
        self.process.stdin.close()
        self.process.wait(120)
        self.process.stdout.close()


def children_of(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []


def anonymous_bytes(pid):
    try:
        for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    return 0


def machine():
    model = platform.processor()
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return (f"{model}, {os.cpu_count()} processors, {memory / 2**30:.0f} GiB, "
            f"Linux {platform.release()}")


def check_answers(workers, facts, names):
    """Every system's answer beside those of the others; the list of what differs."""
    found = []
    for name in names:
        measured = QUERIES[name]
        given = {w.name: w.rows(statement(measured.sql, w.name, facts)) for w in workers}
        for system, rows in given.items():
            if isinstance(rows, dict):
                found.append(f"{name}: {system} fails: {rows['error']}")
        good = [system for system, rows in given.items() if not isinstance(rows, dict)]
        for system in good[1:]:
            text = answers.difference(measured, given[good[0]], given[system])
            if text:
                found.append(f"{name}: {good[0]} differs from {system}: {text}")
    return found


def time_all(workers, facts, names, run_count):
    """Milliseconds by query and system. Round robin: what disturbs the machine for a while
    disturbs all systems."""
    times = {name: {worker.name: [] for worker in workers} for name in names}
    for run in range(run_count + 1):
        for name in names:
            for worker in workers:
                sql = statement(QUERIES[name].sql, worker.name, facts)
                reply = worker.ask(do="time", sql=sql)
                if run and "ms" in reply:  # The first one warms up.
                    times[name][worker.name].append(reply["ms"])
        print(f"  run {run} of {run_count}", file=sys.stderr, flush=True)
    return times


def summarize(times):
    """Per query: each system's median, and how many times as long the fastest peer took."""
    found = {}
    for name, by_system in times.items():
        medians = {s: statistics.median(ts) for s, ts in by_system.items() if ts}
        peers = [ms for system, ms in medians.items() if system != "stoa"]
        ratio = min(peers) / medians["stoa"] if peers and "stoa" in medians else None
        least = {s: min(ts) for s, ts in by_system.items() if ts}
        found[name] = {"median_ms": medians, "least_ms": least, "ratio": ratio}
    return found


def single_thread(folder, run_count, rows):
    """The server's own time on one thread: medians and least of the runs."""
    data = folder / "single"
    data.mkdir()
    facts = make_trades.write(rows, data / "trades.csv", customer_count=10_000)
    worker = Worker("stoa", data, data, 1)
    found = {}
    try:
        worker.load()
        for name, text in SINGLE.items():
            sql = statement(text, "stoa", facts)
            runs = [worker.ask(do="elapsed", sql=sql) for _ in range(3 * run_count + 1)][1:]
            failed = [run["error"] for run in runs if "error" in run]
            if failed:
                raise SystemExit(f"{name} on one thread: {failed[0]}")
            ms = [run["ms"] for run in runs]
            found[name] = {"median_ms": statistics.median(ms), "least_ms": min(ms)}
    finally:
        worker.close()
    return {"rows": rows, "queries": found}


def geometric_mean(ratios):
    return math.exp(sum(map(math.log, ratios)) / len(ratios)) if ratios else None


def cell(number, digits=3):
    return "–" if number is None else f"{number:.{digits}g}" if number < 100 else f"{number:.0f}"


def print_report(report):
    systems = report["systems"]
    print(f"\n{report['rows']:,} rows, {report['threads']} threads each, median of "
          f"{report['runs']} runs, milliseconds until all columns are arrays in the client")
    print(f"{report['machine']}\n{report['date']}  "
          + "  ".join(f"{s} {report['load'][s]['version']}" for s in systems) + "\n")
    print(f"{'query':16}" + "".join(f"{s:>12}" for s in systems) + f"{'peer/stoa':>12}")
    for name, line in report["queries"].items():
        print(f"{name:16}" + "".join(f"{cell(line['median_ms'].get(s)):>12}" for s in systems)
              + f"{cell(line['ratio']):>12}")
    print(f"{'geometric mean':16}{'':{12 * len(systems)}}{cell(report['mean_ratio']):>12}\n")
    for title, key, divisor in (("load, seconds", "seconds", 1), ("disk, MB", "bytes", 1e6),
                                ("load, peak MB", "peak_bytes", 1e6)):
        values = (report["load"][s][key] for s in systems)
        print(f"{title:16}" + "".join(
            f"{cell(None if v is None else v / divisor):>12}" for v in values))
    parquet = report["parquet_bytes"]
    print(f"{'Parquet, MB':16}{parquet['zstd'] / 1e6:>12.1f} zstd{parquet['snappy'] / 1e6:>10.1f} "
          f"snappy{report['csv_bytes'] / 1e6:>10.1f} CSV")
    if report["single"]:
        print(f"\n{report['single']['rows']:,} rows, one thread, the server's elapsed time, ms")
        for name, line in report["single"]["queries"].items():
            print(f"{name:16}{cell(line['median_ms']):>12} median"
                  f"{cell(line['least_ms']):>10} least")
    print()
    for text in report["differences"]:
        print(f"WRONG  {text}")
    if not report["differences"]:
        print("all answers agree")


def compare(options, folder):
    data = pathlib.Path(options.data) if options.data else folder / "data"
    data.mkdir(exist_ok=True)
    known = data / "facts.json"
    if not known.exists() or json.loads(known.read_text())["rows"] != options.rows:
        print(f"making {options.rows:,} trades", file=sys.stderr, flush=True)
        facts = make_trades.write(options.rows, data / "trades.csv", data)
        known.write_text(json.dumps(facts))
    facts = json.loads(known.read_text())
    workers, load = [], {}
    try:
        for name in options.systems:
            print(f"loading {name}", file=sys.stderr, flush=True)
            workers.append(Worker(name, data, folder, options.threads))
            load[name] = workers[-1].load()
        differences = check_answers(workers, facts, options.only)
        times = time_all(workers, facts, options.only, options.runs)
    finally:
        for worker in workers:
            worker.close()
    single = None
    if options.single_rows and "stoa" in options.systems:
        single = single_thread(folder, options.runs, options.single_rows)
    queries = summarize(times)
    return {
        "rows": options.rows, "runs": options.runs, "threads": options.threads,
        "systems": options.systems, "machine": machine(),
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "load": load, "queries": queries, "single": single, "differences": differences,
        "mean_ratio": geometric_mean([q["ratio"] for q in queries.values() if q["ratio"]]),
        "csv_bytes": bytes_under(data / "trades.csv"),
        "parquet_bytes": {"zstd": bytes_under(data / "trades.zstd.parquet"),
                          "snappy": bytes_under(data / "trades.parquet")},
    }


def parse():
    parser = argparse.ArgumentParser(prog="tools/bench/compare", description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="default 10,000,000")
    parser.add_argument("--runs", type=int, default=7, help="timed runs (default 7)")
    parser.add_argument("--threads", type=int, default=2, help="of each system (default 2)")
    parser.add_argument("--only", nargs="+", choices=list(QUERIES), default=list(QUERIES),
                        metavar="NAME", help="only these queries")
    parser.add_argument("--systems", nargs="+", choices=NAMES, default=NAMES, metavar="NAME",
                        help=f"of {', '.join(NAMES)}")
    parser.add_argument("--single-rows", type=int, default=1_000_000,
                        help="rows of the part on one thread; 0 leaves it out")
    parser.add_argument("--data", help="a folder that keeps the made trades for the next time")
    parser.add_argument("--json", help="write all numbers to this file")
    parser.add_argument("--keep", action="store_true", help="keep the loaded data, say where")
    return parser.parse_args()


def main():
    options = parse()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="stoa-compare-"))
    try:
        report = compare(options, folder)
        print_report(report)
        if options.json:
            pathlib.Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    finally:
        if options.keep:
            print(f"kept {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if report["differences"] else 0)


if __name__ == "__main__":
    main()
