CREATE TABLE flights (
    delay INT64,
    distance INT64,
    "time" FLOAT64
);
