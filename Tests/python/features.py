"""What of the query surface the suite asks for, and how it finds out that it is there.

Each feature has a statement that needs it; one that Stoa refuses is printed, and its queries are
not made. A refused feature that MISSING does not name fails the suite; a name in MISSING that works
is used, and printed so that it leaves the list: nothing is skipped in silence.
"""

FEATURES = {
    "case": "SELECT CASE WHEN grp > 1 THEN word ELSE code END FROM one",
    "case-operand": "SELECT CASE grp WHEN 1 THEN 2 WHEN 3 THEN 4 END FROM one",
    "coalesce": "SELECT coalesce(i8, grp) FROM one",
    "nullif": "SELECT nullif(i8, grp) FROM one",
    "abs": "SELECT abs(i8), abs(price), abs(f64) FROM one",
    "round": "SELECT round(f64), round(price, 1) FROM one",
    "floor": "SELECT floor(f64), floor(price) FROM one",
    "ceil": "SELECT ceil(f64), ceil(price) FROM one",
    "lower": "SELECT lower(word) FROM one",
    "upper": "SELECT upper(word) FROM one",
    "length": "SELECT length(word) FROM one",
    "substr": "SELECT substr(word, 2), substr(word, 1, 2) FROM one",
    "concat": "SELECT concat(word, code) FROM one",
    "concatenation": "SELECT word || code FROM one",
    "text-to-number": "SELECT CAST(substr(code, 5) AS INT64) FROM one",
    "ilike": "SELECT count(*) FROM one WHERE word ILIKE 'A%'",
    "time_bucket": "SELECT time_bucket(INTERVAL '15 minutes', seen) FROM one",
    "time_bucket-origin":
        "SELECT time_bucket(INTERVAL '7 hours', seen, TIMESTAMP '1970-01-01 00:05:00') FROM one",
    "now": "SELECT count(*) FROM one WHERE seen < now()",
    "interval": "SELECT seen + INTERVAL '1 day' FROM one WHERE seen - INTERVAL '2 hours' < seen",
    "make-time": "SELECT make_date(2024, 2, grp), make_timestamp(2024, 2, grp, 4, 5, 6.5) "
                 "FROM one WHERE grp BETWEEN 1 AND 28",
    "date-step": "SELECT CAST(seen AS DATE) + grp, CAST(seen AS DATE) - 7 FROM one",
    "select-distinct": "SELECT DISTINCT grp, flag FROM one",
    "having": "SELECT grp, count(*) FROM one GROUP BY grp HAVING count(*) > 1",
    "filter": "SELECT count(*) FILTER (WHERE grp > 1), sum(i8) FILTER (WHERE flag) FROM one",
    "count-distinct": "SELECT count(DISTINCT word), count(DISTINCT i64) FROM one",
    "sum-distinct": "SELECT sum(DISTINCT i16), avg(DISTINCT price) FROM one",
    "stddev": "SELECT stddev_samp(f64), stddev_pop(i32) FROM one",
    "variance": "SELECT var_samp(f64), var_pop(price) FROM one",
    "arg-extremes": "SELECT arg_min(grp, seen), arg_max(code, seen) FROM one",
    "first-last": "SELECT first(grp), last(code) FROM one",
    "any-value": "SELECT any_value(grp) FROM one",
    "weighted-average": "SELECT weighted_avg(i32, grp) FROM one",
    "parameters": None,  # asked through the driver
}

# Known to be refused today; empty when the surface of the first day is whole.
MISSING = set()


def available(connection, say):
    """The features that work; every other is printed with Stoa's words."""
    found = set()
    for name, sql in FEATURES.items():
        try:
            if sql is None:
                connection.query("SELECT count(*) FROM one WHERE grp > $1", parameters=[1])
            else:
                connection.query(sql)
            found.add(name)
            if name in MISSING:
                say(f"    works, take it from the list of the missing: {name}")
        except Exception as error:  # Whatever the driver raises: the feature is not there.
            say(f"    not there: {name}: {error}")
    return found


def complaint(found):
    """What is wrong with the list of missing features, or None."""
    silent = sorted(set(FEATURES) - found - MISSING)
    if not silent:
        return None
    return f"these features are refused and not listed as missing: {', '.join(silent)}"
