"""Times two builds of Stoa against each other, in one run; started by tools/bench/pair."""

import argparse
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import make_trades
from compare import cell, geometric_mean
from measured import QUERIES, statement
from systems import Stoa

# What the measured set has none of: text, CASE, wide sorts, many groups by expressions, NULLs.
SHAPES = {
    "text_length": "SELECT sum(length(order_id || ticker)) FROM trades",
    "text_groups": "SELECT upper(substring(ticker, 1, 2)), count(*) FROM trades GROUP BY 1",
    "text_replace": "SELECT count(DISTINCT replace(order_id, 'ORD', ticker)) FROM trades",
    "like_middle": "SELECT count(*) FROM trades WHERE order_id LIKE '%77%'",
    "case_sum": "SELECT sum(CASE WHEN side = 'BUY' THEN quantity ELSE 0 END) FROM trades",
    "by_expression": "SELECT customer_id % 1000, sum(quantity) FROM trades GROUP BY 1",
    "by_minute": "SELECT date_trunc('minute', ts), sum(fees) FROM trades GROUP BY 1",
    "sort_wide": "SELECT * FROM trades ORDER BY price, order_id LIMIT 1000",
    "sort_all": "SELECT customer_id, ts FROM trades ORDER BY customer_id, ts DESC",
    "filter_null": "SELECT count(*), sum(quantity) FROM trades WHERE signal IS NULL",
    "float_sum": "SELECT sum(signal), avg(signal) FROM trades",
    "distinct_where": "SELECT count(DISTINCT quantity) FROM trades WHERE region <> 'EU'",
    "rows_out": "SELECT ts, price, quantity FROM trades WHERE quantity > 990",
    "time_of_day": "SELECT extract('hour' FROM ts), count(*) FROM trades GROUP BY 1",
    "constant": "SELECT 1",
}


def start(programs, data, folder):
    os.environ["BIN_PATH"] = str(programs)
    folder.mkdir()
    return Stoa(data, folder, 2)


def load(build):
    begun = time.perf_counter()
    build.load()
    return time.perf_counter() - begun


def time_one(build, sql):
    begun = time.perf_counter()
    build.arrays(sql)
    return (time.perf_counter() - begun) * 1000


def time_all(builds, texts, run_count):
    """Milliseconds by query and build; who goes first changes from run to run."""
    times = {name: ([], []) for name in texts}
    for run in range(run_count + 1):
        for name, sql in texts.items():
            for index in (0, 1) if run % 2 else (1, 0):
                taken = time_one(builds[index], sql)
                if run:  # The first one warms up.
                    times[name][index].append(taken)
    return times


def report(times, loads):
    print(f"{'query':16}{'other':>10}{'this':>10}{'this/other':>12}   median ms")
    ratios = []
    for name, pair in times.items():
        other, this = map(statistics.median, pair)
        ratios.append(this / other)
        print(f"{name:16}{cell(other):>10}{cell(this):>10}{ratios[-1]:>12.2f}")
    print(f"{'geometric mean':16}{'':20}{geometric_mean(ratios):>12.3f}")
    print(f"{'load, seconds':16}{cell(loads[0]):>10}{cell(loads[1]):>10}"
          f"{loads[1] / loads[0]:>12.2f}")


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/pair", description=__doc__)
    parser.add_argument("other", type=pathlib.Path, help="the folder of the other build")
    parser.add_argument("--rows", type=int, default=3_000_000)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--only", nargs="+", metavar="NAME", default=[*QUERIES, *SHAPES],
                        choices=[*QUERIES, *SHAPES])
    parser.add_argument("--data", type=pathlib.Path)
    options = parser.parse_args()
    this = pathlib.Path(os.environ["BIN_PATH"])
    with tempfile.TemporaryDirectory(prefix="stoa-pair-") as made:
        data = options.data or pathlib.Path(made) / "data"
        data.mkdir(exist_ok=True)
        known = data / "facts.json"
        if not known.exists() or json.loads(known.read_text())["rows"] != options.rows:
            print(f"making {options.rows:,} trades", file=sys.stderr, flush=True)
            known.write_text(json.dumps(make_trades.write(options.rows, data / "trades.csv")))
        facts = json.loads(known.read_text())
        texts = {name: statement(QUERIES[name].sql, "stoa", facts) if name in QUERIES
                 else SHAPES[name] for name in options.only}
        builds = []
        try:
            for name, programs in (("other", options.other.resolve()), ("this", this)):
                builds.append(start(programs, data, pathlib.Path(made) / name))
            loads = [load(build) for build in builds]
            report(time_all(builds, texts, options.runs), loads)
        finally:
            for build in builds:
                build.close()


if __name__ == "__main__":
    main()
