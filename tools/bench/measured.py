"""The measured set: twenty queries over `trades` that users of such a store run all day.

One text serves all systems; what they spell differently stands in DIALECTS.
"""

import datetime
from dataclasses import dataclass

SIX = "sum(price*quantity), sum(fees), count(*), avg(price), min(price), max(price)"


@dataclass(frozen=True)
class Measured:
    sql: str
    approximate: tuple = ()  # positions of outputs that may differ by rounding
    is_ordered: bool = False  # whether the order of the rows is part of the answer
    cut_by: int = None  # with LIMIT and ties: the position of the only ordering column


QUERIES = {
    "sum_price": Measured("SELECT sum(price) FROM trades"),
    "aggregate_all": Measured(f"SELECT {SIX} FROM trades", (3,)),
    "filter_ticker": Measured(f"SELECT {SIX} FROM trades WHERE ticker = '{{ticker}}'", (3,)),
    "by_customer": Measured(
        "SELECT customer_id, sum(price*quantity) FROM trades GROUP BY customer_id"),
    "group_2_strings": Measured(
        "SELECT region, product, sum(quantity), avg(quantity) FROM trades "
        "GROUP BY region, product", (3,)),
    "portfolio_one": Measured(
        "SELECT sum(price*quantity), sum(quantity), count(*) FROM trades "
        "WHERE customer_id = 4242"),
    "count_star": Measured("SELECT count(*) FROM trades"),
    "time_range": Measured(
        "SELECT count(*), sum(fees) FROM trades WHERE ts >= {from_ts} AND ts < {to_ts}"),
    "hourly": Measured(
        "SELECT {hour}, count(*), sum(quantity), avg(price) FROM trades GROUP BY 1", (3,)),
    "top_tickers": Measured(
        "SELECT ticker, sum(price*quantity) AS v FROM trades GROUP BY ticker "
        "ORDER BY v DESC LIMIT 10", cut_by=1),
    "multi_filter": Measured(
        "SELECT sum(price*quantity), count(*) FROM trades "
        "WHERE region = 'EU' AND side = 'BUY' AND quantity > 500"),
    "group_high_card": Measured(
        "SELECT customer_id, ticker, count(*), sum(quantity) AS q FROM trades "
        "GROUP BY customer_id, ticker ORDER BY q DESC LIMIT 10", cut_by=3),
    "count_distinct": Measured("SELECT count(DISTINCT customer_id) FROM trades"),
    "distinct_by": Measured(
        "SELECT region, count(DISTINCT customer_id) FROM trades GROUP BY region"),
    "stddev_null": Measured(
        "SELECT region, avg(signal), {stddev}(signal), count(signal) FROM trades "
        "GROUP BY region", (1, 2)),
    "minmax_by": Measured(
        "SELECT ticker, min(price), max(price), max(ts) FROM trades GROUP BY ticker"),
    "like_prefix": Measured("SELECT count(*) FROM trades WHERE order_id LIKE 'ORD-00%'"),
    "order_top": Measured(
        "SELECT order_id, price FROM trades ORDER BY price DESC, order_id LIMIT 10",
        is_ordered=True),
    "point_lookup": Measured("SELECT * FROM trades WHERE order_id = '{order_id}'", (10,)),
    "unique_groups": Measured(
        "SELECT order_id, sum(quantity) AS q FROM trades GROUP BY order_id "
        "ORDER BY q DESC, order_id LIMIT 10", is_ordered=True),
}

# One thread, a million rows: what the server itself says it took.
SINGLE = {
    "sum": "SELECT sum(price) FROM trades",
    "six_aggregates": f"SELECT {SIX} FROM trades",
    "filter": "SELECT sum(price*quantity), count(*) FROM trades WHERE ticker = '{ticker}'",
    "by_10k_customers":
        "SELECT customer_id, sum(price*quantity) FROM trades GROUP BY customer_id",
    "by_two_strings": "SELECT region, product, sum(quantity) FROM trades GROUP BY region, product",
}

TIME = "TIMESTAMP '{}'"
DIALECTS = {
    "stoa": {"hour": "date_trunc('hour', ts)", "stddev": "stddev_samp", "time": TIME},
    "duckdb": {"hour": "date_trunc('hour', ts)", "stddev": "stddev_samp", "time": TIME},
    "clickhouse": {
        "hour": "toStartOfHour(ts)", "stddev": "stddevSamp", "time": "toDateTime64('{}', 3)"},
    "polars": {"hour": "date_trunc('hour', ts)", "stddev": "stddev", "time": TIME},
    "datafusion": {"hour": "date_trunc('hour', ts)", "stddev": "stddev_samp", "time": TIME},
}


def statement(text, system, facts):
    """The query as `system` spells it, with the constants of the data. The range of time is an
    hour of the 25 that ten million rows span, and as much of fewer."""
    dialect = DIALECTS[system]
    start, span = facts["first_ms"], facts["last_ms"] - facts["first_ms"]
    # Whole seconds: every system reads such a literal alike.
    moments = [
        datetime.datetime.fromtimestamp(round((start + span * part) / 1000), datetime.timezone.utc)
        for part in (0.40, 0.44)]
    low, high = (dialect["time"].format(m.strftime("%Y-%m-%d %H:%M:%S")) for m in moments)
    return text.format(
        ticker=facts["ticker"], order_id=facts["order_id"], hour=dialect["hour"],
        stddev=dialect["stddev"], from_ts=low, to_ts=high)
