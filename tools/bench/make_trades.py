"""Writes made-up trades: make_trades.py ROWS FILE.csv [--parquet DIR] [--seed N].

Eleven columns as a broker would have them: a timestamp in milliseconds with geometric gaps, an
order number (unique, in no order), a customer (Pareto), a ticker of 500 (Zipf), the region of
both, product, side, quantity, price, fees and a measurement of which three in ten are missing.
The same seed gives the same file. With --parquet also DIR/trades.parquet (snappy) and
DIR/trades.zstd.parquet. Needs numpy and pyarrow.
"""

import argparse
import json
import pathlib

import numpy
import pyarrow
import pyarrow.csv
import pyarrow.parquet

ROWS_PER_CHUNK = 1_000_000
START = 1_735_689_600_000  # 2025-01-01, in milliseconds
ORDER_STEP, ORDER_COUNT = 7_919, 10**9
TICKER_COUNT, CUSTOMER_COUNT = 500, 50_000
REGIONS = numpy.array(["NA", "EU", "APAC", "LATAM", "MEA"])
PRODUCTS = numpy.array([f"product-{letter}" for letter in "ABCDEFGH"])
SIDES = numpy.array(["BUY", "SELL"])


def order_id(row):
    """The order number of a row, counted from 0."""
    return f"ORD-{row * ORDER_STEP % ORDER_COUNT:09d}"


class Market:
    """500 distinct four-letter names, traded after Zipf, each with a price that drifts."""

    def __init__(self, random):
        names = set()
        while len(names) < TICKER_COUNT:
            names.add("".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 4)))
        self.names = numpy.array(sorted(names))
        random.shuffle(self.names)
        weights = 1 / numpy.arange(1, TICKER_COUNT + 1) ** 0.9
        self.weights = weights / weights.sum()
        self.base = random.uniform(5, 2_000, TICKER_COUNT)
        self.drift = numpy.ones(TICKER_COUNT)


def decimals(units):
    """DECIMAL(18,4) from integers of 0.0001, without a step through text."""
    words = numpy.empty((len(units), 2), numpy.int64)
    words[:, 0] = units
    words[:, 1] = units >> 63
    return pyarrow.Array.from_buffers(
        pyarrow.decimal128(18, 4), len(units), [None, pyarrow.py_buffer(words.tobytes())])


def chunk(random, market, first_row, row_count, start, customer_count):
    """`row_count` trades as a table, and the time of the last one."""
    times = start + random.geometric(1 / 9, row_count).cumsum()
    ticker = random.choice(TICKER_COUNT, row_count, p=market.weights)
    market.drift *= numpy.exp(random.normal(0, 0.01, TICKER_COUNT))
    noise = numpy.exp(random.normal(0, 0.002, row_count))
    cents = numpy.rint((market.base * market.drift)[ticker] * noise * 100).astype(numpy.int64)
    cents = numpy.maximum(cents, 1)
    quantity = numpy.minimum(random.geometric(0.01, row_count) * 10, 20_000).astype(numpy.int32)
    customer = (random.pareto(1.2, row_count) * 3_000).astype(numpy.int64) % CUSTOMER_COUNT
    fees = numpy.rint(cents * quantity * 0.05).astype(numpy.int64)  # 0.05 %, in 0.0001
    region = REGIONS[(customer * 7 + ticker) % 5]
    orders = numpy.arange(first_row, first_row + row_count) * ORDER_STEP % ORDER_COUNT
    order_ids = numpy.char.add("ORD-", numpy.char.zfill(orders.astype(str), 9))
    signal = random.normal(0, 1, row_count)
    table = pyarrow.table({
        "ts": pyarrow.array(times, pyarrow.timestamp("ms")),
        "order_id": pyarrow.array(order_ids),
        "customer_id": pyarrow.array(customer % customer_count, pyarrow.int64()),
        "ticker": pyarrow.array(market.names[ticker]),
        "region": pyarrow.array(region),
        "product": pyarrow.array(PRODUCTS[random.integers(0, 8, row_count)]),
        "side": pyarrow.array(SIDES[random.integers(0, 2, row_count)]),
        "quantity": pyarrow.array(quantity),
        "price": decimals(cents * 100),
        "fees": decimals(fees),
        "signal": pyarrow.array(signal, mask=random.random(row_count) < 0.3),
    })
    return table, int(times[-1])


def write(rows, file, parquet=None, seed=20_261_121, customer_count=CUSTOMER_COUNT):
    """Writes the files; returns what queries over them need to know."""
    random = numpy.random.default_rng(seed)
    market = Market(random)
    writers, last = [], START
    for first_row in range(0, rows, ROWS_PER_CHUNK):
        row_count = min(ROWS_PER_CHUNK, rows - first_row)
        table, last = chunk(random, market, first_row, row_count, last, customer_count)
        if not writers:
            writers.append(pyarrow.csv.CSVWriter(str(file), table.schema))
            for name, kind in (("trades", "snappy"), ("trades.zstd", "zstd")) if parquet else ():
                path = pathlib.Path(parquet, f"{name}.parquet")
                writers.append(
                    pyarrow.parquet.ParquetWriter(path, table.schema, compression=kind))
        for writer in writers:
            writer.write_table(table) if hasattr(writer, "write_table") else writer.write(table)
    for writer in writers:
        writer.close()
    return {
        "rows": rows, "seed": seed, "first_ms": START, "last_ms": last,
        "ticker": str(market.names[20]), "order_id": order_id(rows // 2),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, help="how many trades")
    parser.add_argument("file", help="where to write the CSV")
    parser.add_argument("--parquet", help="a folder for the same rows as Parquet, two ways")
    parser.add_argument("--seed", type=int, default=20_261_121)
    parser.add_argument("--customers", type=int, default=CUSTOMER_COUNT,
                        help="customer ids are below this (default 50,000)")
    options = parser.parse_args()
    facts = write(options.rows, options.file, options.parquet, options.seed, options.customers)
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
