CREATE TABLE trades (
    ts TIMESTAMP,
    order_id STRING,
    customer_id INT64,
    ticker STRING,
    region STRING,
    product STRING,
    side STRING,
    quantity INT64,
    price DECIMAL(18,4),
    fees DECIMAL(18,4),
    signal FLOAT64
);
