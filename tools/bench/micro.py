"""Times codecs and kernels against a baseline that only falls; started by tools/bench/micro."""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
BASELINE = HERE / "baseline.json"
CALIBRATION = "calibration"
TOLERANCE = 1.25
ATTEMPTS = 3
ROWS = 1_000_000


def bench(*arguments):
    """What stoa-bench prints, and each number in units of the calibration loop beside it."""
    program = pathlib.Path(os.environ["BIN_PATH"], "stoa-bench")
    done = subprocess.run([program, *arguments, "--json"], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"stoa-bench {arguments[0]} failed: {done.stderr}")
    found = json.loads(done.stdout)
    unit = found.pop(CALIBRATION)["ns"]
    return {name: {**line, "units": line["ns"] / unit} for name, line in found.items()}


def make_data(folder):
    """A data directory with a table of trades in segments."""
    import make_trades
    from systems import Stoa
    make_trades.write(ROWS, folder / "trades.csv")
    daemon = Stoa(folder, folder, 2)
    try:
        daemon.load()
    finally:
        daemon.close()
    return daemon.path


def measure(parts):
    found = {}
    with tempfile.TemporaryDirectory(prefix="stoa-micro-") as name:
        data = make_data(pathlib.Path(name)) if "kernel" in parts else None
        for _ in range(ATTEMPTS):  # Whatever disturbs the machine passes; the least counts.
            lines = bench("codec") if "codec" in parts else {}
            lines |= bench("kernel", str(data)) if data else {}
            for key, line in lines.items():
                if key not in found or line["units"] < found[key]["units"]:
                    found[key] = line
    return found


def compare(found, baseline):
    """Names of what is slower than the baseline allows."""
    print(f"{'name':32}{'ns':>10}{'units':>10}{'baseline':>10}{'ratio':>8}")
    slower = []
    for name, line in found.items():
        before = baseline.get(name)
        ratio = line["units"] / before if before else None
        if ratio and ratio > TOLERANCE:
            slower.append(name)
        print(f"{name:32}{line['ns']:>10.3f}{line['units']:>10.3f}"
              + (f"{before:>10.3f}{ratio:>8.2f}" if before else f"{'new':>10}{'':8}")
              + f"  {line['note']}")
    return slower


def ratchet(found, baseline):
    """The baseline with what is faster or new."""
    return {**baseline, **{
        name: round(min(line["units"], baseline.get(name, line["units"])), 4)
        for name, line in found.items()}}


def main():
    parser = argparse.ArgumentParser(prog="tools/bench/micro", description=__doc__)
    parser.add_argument("--update", action="store_true", help="lower the baseline's numbers")
    parser.add_argument("--json", help="write all numbers to this file")
    parser.add_argument("--only", choices=["codec", "kernel"], help="one part")
    options = parser.parse_args()
    baseline = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    found = measure([options.only] if options.only else ["codec", "kernel"])
    slower = compare(found, baseline)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(found, indent=2) + "\n")
    if options.update:
        lines = json.dumps(ratchet(found, baseline), indent=2, sort_keys=True)
        BASELINE.write_text(lines + "\n")
    for name in slower:
        print(f"slower than the baseline allows: {name}", file=sys.stderr)
    sys.exit(1 if slower else 0)


if __name__ == "__main__":
    main()
