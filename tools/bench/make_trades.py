"""Writes made-up trades as CSV: make_trades.py ROWS FILE [--seed N].

Eleven columns as a broker would have them: a timestamp in milliseconds, an order number, a
customer, a ticker of 500, region, product, side, quantity, price, fees and a measurement of
which three in ten are missing. The same seed gives the same file. Needs numpy.
"""

import argparse

import numpy

ROWS_PER_CHUNK = 250_000
START = numpy.datetime64("2025-01-01T00:00:00.000", "ms")
HEADER = (
    '"ts","order_id","customer_id","ticker","region","product","side","quantity","price",'
    '"fees","signal"\n'
)
REGIONS = ["NA", "EU", "APAC", "LATAM", "MEA"]
PRODUCTS = [f"product-{letter}" for letter in "ABCDEFGH"]
SIDES = ["BUY", "SELL"]


def tickers(random):
    """500 distinct four-letter names; the first are traded most."""
    names = set()
    while len(names) < 500:
        names.add("".join(random.choice(list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), 4)))
    weights = 1 / numpy.arange(1, 501) ** 0.9
    return sorted(names), weights / weights.sum(), random.uniform(5, 2_000, 500)


def chunk(random, first_row, row_count, start, market):
    """The lines of `row_count` trades, and the time of the last one."""
    names, weights, prices = market
    times = start + random.geometric(1 / 9, row_count).cumsum()
    ticker = random.choice(500, row_count, p=weights)
    customer = (random.pareto(1.2, row_count) * 3_000).astype(numpy.int64) % 50_000
    quantity = numpy.minimum(random.geometric(0.01, row_count) * 10, 20_000)
    cents = numpy.rint(prices[ticker] * numpy.exp(random.normal(0, 0.02, row_count)) * 100)
    cents = numpy.maximum(cents.astype(numpy.int64), 1)
    fees = cents * quantity // 20  # 0.05 %, in units of 0.0001.
    product = random.integers(0, 8, row_count)
    side = random.integers(0, 2, row_count)
    signal = random.normal(0, 1, row_count)
    is_missing = random.random(row_count) < 0.3
    stamps = numpy.datetime_as_string(START + times.astype("timedelta64[ms]"), unit="ms")
    lines = []
    for row in range(row_count):
        order = (first_row + row) * 7_919 % 1_000_000_000
        number = customer[row]
        measured = "" if is_missing[row] else repr(float(signal[row]))
        lines.append(
            f'{stamps[row].replace("T", " ")},"ORD-{order:09d}",{number},'
            f'"{names[ticker[row]]}","{REGIONS[(number * 7 + ticker[row]) % 5]}",'
            f'"{PRODUCTS[product[row]]}","{SIDES[side[row]]}",{quantity[row]},'
            f"{cents[row] // 100}.{cents[row] % 100:02d}00,"
            f"{fees[row] // 10_000}.{fees[row] % 10_000:04d},{measured}\n"
        )
    return lines, times[-1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=int, help="how many trades")
    parser.add_argument("file", help="where to write the CSV")
    parser.add_argument("--seed", type=int, default=20_261_121)
    arguments = parser.parse_args()
    random = numpy.random.default_rng(arguments.seed)
    market = tickers(random)
    start = numpy.int64(0)
    with open(arguments.file, "w", encoding="ascii", newline="") as output:
        output.write(HEADER)
        for first_row in range(0, arguments.rows, ROWS_PER_CHUNK):
            row_count = min(ROWS_PER_CHUNK, arguments.rows - first_row)
            lines, start = chunk(random, first_row, row_count, start, market)
            output.writelines(lines)


if __name__ == "__main__":
    main()
