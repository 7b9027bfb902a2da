"""Attacks a daemon in a small control group with every crowd, alone and all together.

    attack_all.py [--memory MIB,…] [--seconds N] [--only NAME,…] [--connections N]

Prints a line for each attack: whether the daemon lived, its memory, what a client that behaves
saw meanwhile, and memory afterwards. Exits with 1 when one of the musts was not kept.
"""

import argparse
import sys

from attack_rig import MIB, attack, small_daemon

ALONE = {
    "unfinished": 64, "headers": 100, "drip": 100, "results": 64, "pings": 100, "batches": 48,
    "loads": 40, "small_loads": 16, "statements": 20, "pipeline": 8, "heavy": 64, "idle": 900}
# 1,024 connections with the two of the witness and the one that made the tables.
TOGETHER = {
    "unfinished": 200, "headers": 150, "drip": 100, "results": 100, "pings": 100, "batches": 60,
    "loads": 60, "small_loads": 16, "statements": 40, "pipeline": 8, "heavy": 64, "idle": 123}


def verdict(outcome, limit):
    """What of the musts was not kept."""
    return [what for what, is_kept in (
        ("killed", outcome.is_alive), ("memory beyond the group", outcome.peak < limit),
        ("p99 above 50 ms", outcome.p99 <= 0.05), ("ingest stood still", outcome.acknowledged > 0),
        ("memory not given back", outcome.after <= 1.2 * outcome.idle),
        ("failures", not outcome.failures)) if not is_kept]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memory", default="256,512")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--alone-seconds", type=float, default=10)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    broken = 0
    names = options.only.split(",") if options.only else [*ALONE, "together", "nothing"]
    for megabytes in map(int, options.memory.split(",")):
        print(f"{megabytes} MiB", flush=True)
        for name in names:
            crowd = TOGETHER if name == "together" else {} if name == "nothing" else {
                name: ALONE[name]}
            seconds = options.seconds if name == "together" else options.alone_seconds
            with small_daemon(megabytes * MIB) as (daemon, group):
                outcome = attack(daemon, crowd, seconds)
                if name == "together":
                    outcome.name = "all together"
                missed = verdict(outcome, megabytes * MIB)
                if group.exists and group.kill_count:
                    missed.append("ended by the kernel")
                broken += bool(missed)
                print(f"  {outcome}{'  NOT KEPT: ' + ', '.join(missed) if missed else ''}",
                      flush=True)
                if not outcome.is_alive:
                    print(daemon.log_text()[-2_000:])
    sys.exit(1 if broken else 0)


if __name__ == "__main__":
    main()
