/// The measured statements over `trades`: what users of such a store run all day.
enum TradesQueries {
    static let all: [(name: String, sql: String)] = [
        ("sum_price", "SELECT sum(price) FROM trades"),
        (
            "aggregate_all",
            "SELECT sum(price*quantity), sum(fees), count(*), avg(price), min(price), max(price) "
                + "FROM trades"
        ),
        (
            "filter_ticker",
            "SELECT sum(price*quantity), sum(fees), count(*), avg(price), min(price), max(price) "
                + "FROM trades WHERE ticker = 'OQKC'"
        ),
        ("by_customer", "SELECT customer_id, sum(price*quantity) FROM trades GROUP BY customer_id"),
        (
            "group_2_strings",
            "SELECT region, product, sum(quantity), avg(quantity) FROM trades "
                + "GROUP BY region, product"
        ),
        (
            "portfolio_one",
            "SELECT sum(price*quantity), sum(quantity), count(*) FROM trades "
                + "WHERE customer_id = 4242"
        ),
        ("count_star", "SELECT count(*) FROM trades"),
        (
            "time_range",
            "SELECT count(*), sum(fees) FROM trades WHERE ts >= TIMESTAMP '2025-01-01 10:00:00' "
                + "AND ts < TIMESTAMP '2025-01-01 11:00:00'"
        ),
        (
            "hourly",
            "SELECT date_trunc('hour', ts), count(*), sum(quantity), avg(price) FROM trades "
                + "GROUP BY 1"
        ),
        (
            "top_tickers",
            "SELECT ticker, sum(price*quantity) AS v FROM trades GROUP BY ticker "
                + "ORDER BY v DESC LIMIT 10"
        ),
        (
            "multi_filter",
            "SELECT sum(price*quantity), count(*) FROM trades "
                + "WHERE region = 'EU' AND side = 'BUY' AND quantity > 500"
        ),
        (
            "group_high_card",
            "SELECT customer_id, ticker, count(*), sum(quantity) AS q FROM trades "
                + "GROUP BY customer_id, ticker ORDER BY q DESC LIMIT 10"
        ),
        ("count_distinct", "SELECT count(DISTINCT customer_id) FROM trades"),
        ("distinct_by", "SELECT region, count(DISTINCT customer_id) FROM trades GROUP BY region"),
        (
            "stddev_null",
            "SELECT region, avg(signal), stddev(signal), count(signal) FROM trades GROUP BY region"
        ),
        (
            "minmax_by",
            "SELECT ticker, min(price), max(price), max(ts) FROM trades GROUP BY ticker"
        ),
        ("like_prefix", "SELECT count(*) FROM trades WHERE order_id LIKE 'ORD-00%'"),
        (
            "order_top",
            "SELECT order_id, price FROM trades ORDER BY price DESC, order_id LIMIT 10"
        ),
        ("point_lookup", "SELECT * FROM trades WHERE order_id = 'ORD-595000000'"),
        (
            "unique_groups",
            "SELECT order_id, sum(quantity) AS q FROM trades GROUP BY order_id "
                + "ORDER BY q DESC, order_id LIMIT 10"
        ),
    ]
}
