"""The systems that tools/bench/compare compares: one process each, asked over its stdin.

    systems.py NAME DATA_DIR WORK_DIR THREADS

A line of JSON comes in, a line of JSON goes out: {"do": "load"}, {"do": "time", "sql": …} for
milliseconds until all columns are arrays in this process, {"do": "rows", "sql": …, "file": …}
for the answer as Python values, pickled.
"""

import importlib
import json
import os
import pathlib
import pickle
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
DECIMAL = "Decimal(18,4)"
CLICKHOUSE_TYPES = {
    "ts": "DateTime64(3)", "order_id": "String", "customer_id": "Int64", "ticker": "String",
    "region": "String", "product": "String", "side": "String", "quantity": "Int32",
    "price": DECIMAL, "fees": DECIMAL, "signal": "Nullable(Float64)",
}
FEW_VALUES = ("ticker", "region", "product", "side")


def bytes_under(path):
    path = pathlib.Path(path)
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def python_rows(table):
    """An Arrow table as tuples."""
    return list(zip(*(column.to_pylist() for column in table.columns)))


class DuckDB:
    """A native file, typed columns, after a checkpoint; results as Arrow."""

    def __init__(self, data, work, threads):
        duckdb = importlib.import_module("duckdb")
        self.version = duckdb.__version__
        self.csv, self.path = data / "trades.csv", work / "duck.db"
        self.connection = duckdb.connect(str(self.path))
        self.connection.execute(f"SET threads={threads}")

    def load(self):
        decimal = "DECIMAL(18,4)"
        self.connection.execute(
            "CREATE TABLE trades AS SELECT ts::TIMESTAMP_MS AS ts, order_id, customer_id, "
            f"ticker, region, product, side, quantity::INT AS quantity, price::{decimal} AS price, "
            f"fees::{decimal} AS fees, signal::DOUBLE AS signal FROM read_csv('{self.csv}', "
            f"header=true, types={{'price':'{decimal}','fees':'{decimal}','ts':'TIMESTAMP'}})")
        self.connection.execute("CHECKPOINT")

    def bytes(self):
        return bytes_under(self.path)

    def arrays(self, sql):
        return self.connection.sql(sql).to_arrow_table()

    rows = staticmethod(python_rows)


class ClickHouse:
    """MergeTree ordered by ts, LowCardinality strings, through chdb; results as Arrow."""

    def __init__(self, data, work, threads):
        session = importlib.import_module("chdb.session")
        self.csv, self.session = data / "trades.csv", session.Session(str(work / "clickhouse"))
        self.threads = threads
        self.version = self.text("SELECT version()")
        self.session.query("CREATE DATABASE IF NOT EXISTS b ENGINE=Atomic")

    def text(self, sql):
        return str(self.session.query(sql, "TabSeparated")).strip()

    def load(self):
        columns = ", ".join(
            f"{name} LowCardinality({kind})" if name in FEW_VALUES else f"{name} {kind}"
            for name, kind in CLICKHOUSE_TYPES.items())
        self.session.query(f"CREATE TABLE b.trades ({columns}) ENGINE=MergeTree ORDER BY ts")
        structure = ", ".join(f"{name} {kind}" for name, kind in CLICKHOUSE_TYPES.items())
        self.session.query(
            f"INSERT INTO b.trades SELECT * FROM file('{self.csv}', CSVWithNames, '{structure}') "
            f"SETTINGS max_threads={self.threads}, max_insert_threads={self.threads}")

    def settle(self):
        """Merges the parts, which a server would do by and by."""
        self.session.query("OPTIMIZE TABLE b.trades FINAL")

    def bytes(self):
        return int(self.text(
            "SELECT sum(bytes_on_disk) FROM system.parts "
            "WHERE database='b' AND table='trades' AND active"))

    def arrays(self, sql):
        # Caches of results are off: the query is what is measured.
        settings = f"max_threads={self.threads}, use_query_cache=0, use_query_condition_cache=0"
        text = sql.replace("FROM trades", "FROM b.trades")
        return self.session.query(f"{text} SETTINGS {settings}", "ArrowTable")

    def rows(self, table):
        """Moments of whole seconds come as numbers."""
        pyarrow = importlib.import_module("pyarrow")
        columns = [
            column.cast(pyarrow.int64()).cast(pyarrow.timestamp("s"))
            if name.startswith("toStartOf") else column
            for name, column in zip(table.column_names, table.columns)]
        return list(zip(*(column.to_pylist() for column in columns)))


class Polars:
    """A frame in memory, read from Parquet; results are frames (Arrow's arrays)."""

    def __init__(self, data, work, threads):
        os.environ["POLARS_MAX_THREADS"] = str(threads)
        self.polars = importlib.import_module("polars")
        self.version, self.file = self.polars.__version__, data / "trades.parquet"

    def load(self):
        frame = self.polars.read_parquet(self.file)
        self.context = self.polars.SQLContext(trades=frame, eager=True)

    def bytes(self):
        return None

    def arrays(self, sql):
        return self.context.execute(sql)

    def rows(self, frame):
        return frame.rows()


class DataFusion:
    """Over the Parquet file (snappy); results as Arrow."""

    def __init__(self, data, work, threads):
        os.environ["TOKIO_WORKER_THREADS"] = str(threads)
        datafusion = importlib.import_module("datafusion")
        self.version, self.file = datafusion.__version__, data / "trades.parquet"
        config = datafusion.SessionConfig().with_target_partitions(threads)
        self.context = datafusion.SessionContext(config)

    def load(self):
        self.context.register_parquet("trades", str(self.file))

    def bytes(self):
        return bytes_under(self.file)

    def arrays(self, sql):
        return self.context.sql(sql).collect()

    def rows(self, batches):
        return [row for batch in batches for row in python_rows(batch)]


class Stoa:
    """A stoad of our own on a free port, loaded by `stoa import`; results as numpy arrays."""

    ITEMS = {"BOOL": "?", "INT8": "i1", "INT16": "<i2", "INT32": "<i4", "INT64": "<i8",
             "UINT8": "u1", "UINT16": "<u2", "UINT32": "<u4", "UINT64": "<u8", "FLOAT32": "<f4",
             "FLOAT64": "<f8", "DATE": "<i4", "TIMESTAMP": "<i8", "STRING": "<u4"}

    def __init__(self, data, work, threads):
        sys.path.insert(0, str(ROOT / "tools" / "python"))
        self.client = importlib.import_module("stoa")
        self.numpy = importlib.import_module("numpy")
        self.programs = pathlib.Path(os.environ["BIN_PATH"])
        self.csv, self.path = data / "trades.csv", work / "stoa"
        self.daemon = subprocess.Popen(
            [self.programs / "stoad", "--data-dir", self.path, "--listen", "127.0.0.1:0",
             "--workers", str(threads)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.daemon.stdout.readline()
        if "listening on " not in line:
            raise SystemExit(f"stoad did not start: {line!r}")
        self.url = "stoa://" + line.split("listening on ", 1)[1].split()[0].rstrip(",")
        self.connection = self.client.connect(self.url)
        self.version = self.connection.server

    def load(self):
        done = subprocess.run(
            [self.programs / "stoa", "import", self.csv, "--table", "trades", "--create", "--url",
             self.url], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"stoa import ended with {done.returncode}: {done.stderr}")

    def bytes(self):
        return bytes_under(self.path / "seg")

    def arrays(self, sql):
        result = self.connection.query(sql)
        return result, [self.column(column) for column in result.columns]

    def column(self, column):
        """Values, texts and null bits of every batch, as arrays over the bytes that came."""
        view = self.numpy.frombuffer
        parts = []
        for chunk in column.chunks:
            # Decimals are integers without their scale, as Arrow has them: 8 or 16 bytes.
            item = ("V16" if chunk.is_wide else self.ITEMS.get(chunk.type, "<i8"))
            parts.append((
                view(chunk.values, item), view(chunk.data, "u1"),
                None if chunk.valid is None else view(chunk.valid, "u1")))
        return parts

    def rows(self, answer):
        return answer[0].rows

    def elapsed(self, sql):
        """Milliseconds that the server says it took."""
        return self.connection.query(sql).summary.elapsed_ns / 1e6

    def close(self):
        self.connection.close()
        self.daemon.terminate()
        self.daemon.wait(60)


SYSTEMS = {"stoa": Stoa, "duckdb": DuckDB, "clickhouse": ClickHouse, "polars": Polars,
           "datafusion": DataFusion}


def answer(system, request):
    """What one request gets back."""
    what, started = request["do"], time.perf_counter()
    if what == "load":
        system.load()
        seconds = time.perf_counter() - started
        if hasattr(system, "settle"):
            system.settle()
        return {"seconds": seconds, "bytes": system.bytes(), "version": system.version}
    if what == "time":
        system.arrays(request["sql"])
        return {"ms": (time.perf_counter() - started) * 1e3}
    if what == "elapsed":
        return {"ms": system.elapsed(request["sql"])}
    rows = system.rows(system.arrays(request["sql"]))
    pathlib.Path(request["file"]).write_bytes(pickle.dumps(rows))
    return {"rows": len(rows)}


def main():
    name, data, work, threads = sys.argv[1:]
    # What a library prints must not come between our lines.
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    system = SYSTEMS[name](pathlib.Path(data), pathlib.Path(work), int(threads))
    try:
        for line in sys.stdin:
            try:
                reply = answer(system, json.loads(line))
            except Exception as error:  # A query that fails is a result, not the end.
                reply = {"error": f"{type(error).__name__}: {error}"[:400]}
            print(json.dumps(reply), file=replies, flush=True)
    finally:
        if hasattr(system, "close"):
            system.close()


if __name__ == "__main__":
    main()
