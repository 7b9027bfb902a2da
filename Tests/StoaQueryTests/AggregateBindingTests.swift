import StoaQuery
import Testing

/// Calls of aggregates: what they become, and what is refused.
@Suite struct AggregateBindingTests {
    private static let plans = ExpectationTable(
        #"""
        ? SELECT count(DISTINCT id), min(DISTINCT price), sum(DISTINCT quantity) FROM trades
        = scan trades(id, price, quantity) | group [] [count(distinct #0):INT64,
          min(#1):DECIMAL(18,4), sum(distinct #2):DECIMAL(38,0)] | give count(DISTINCT id) INT64 =
          #0, min(DISTINCT price) DECIMAL(18,4)? = #1, sum(DISTINCT quantity) DECIMAL(38,0)? = #2
        ? SELECT sum(price) FILTER (WHERE active), count(*) FILTER (WHERE id > 3) AS n FROM trades
        = scan trades(price, active, id) | group [] [sum(#0):DECIMAL(38,4) where #1,
          count(*):INT64 where (#2 > 3:INT64)] | give sum(price) filter(WHERE active)
          DECIMAL(38,4)? = #0, n INT64 = #1
        ? SELECT sum(id) FILTER (WHERE true) FROM trades
        = scan trades(id) | group [] [sum(#0):DECIMAL(38,0)] | give sum(id) filter(WHERE TRUE)
          DECIMAL(38,0)? = #0
        ? SELECT stddev(fee) a, stddev_samp(fee) b, stddev_pop(id), variance(price), var_samp(fee),
          var_pop(ratio) FROM trades
        = scan trades(fee, id, price, ratio) | group [] [stddev_samp(#0):FLOAT64,
          stddev_pop(#1):FLOAT64, var_samp(#2):FLOAT64, var_samp(#0):FLOAT64,
          var_pop(#3):FLOAT64] | give a FLOAT64? = #0, b FLOAT64? = #0, stddev_pop(id) FLOAT64? =
          #1, variance(price) FLOAT64? = #2, var_samp(fee) FLOAT64? = #3, var_pop(ratio)
          FLOAT64? = #4
        ? SELECT arg_min(ticker, price), max_by(day, ticker), any_value(share), first(id, day) FROM
          trades
        = scan trades(ticker, price, day, share, id) | group [] [arg_min(#0, #1):STRING,
          arg_max(#2, #0):DATE, any_value(#3):DECIMAL(4,2), first(#4, #2):INT64] | give
          arg_min(ticker, price) STRING? = #0, max_by(day, ticker) DATE? = #1, any_value(share)
          DECIMAL(4,2)? = #2, first(id, day) INT64? = #3
        ? SELECT count_if(active) a, bool_and(active) b, bool_or(id > 3) c FROM trades
        = scan trades(active, id) | group [] [count(*):INT64 where #0, min(#0):BOOL, max((#1 >
          3:INT64)):BOOL] | give a INT64 = #0, b BOOL? = #1, c BOOL? = #2
        ? SELECT weighted_avg(fee, quantity) w FROM trades
        = scan trades(fee, quantity) | group [] [sum((#0 * #1):FLOAT64):FLOAT64,
          sum(#1):DECIMAL(38,0) where #0 is not null] | give w FLOAT64? = (#0 /
          cast(#1):FLOAT64):FLOAT64
        """#)

    @Test("calls of aggregates become the calls they stand for", arguments: plans.entries)
    func plan(statement: String, expected: String) throws {
        #expect(try Fixture.plan(statement)?.description == expected)
    }

    private static let errors = ExpectationTable(
        #"""
        ? SELECT stdev(fee) FROM trades
        ! UNKNOWN_FUNCTION at 7 «stdev»: There is no function "stdev". | Did you mean stddev?
          SHOW FUNCTIONS lists all.
        ? SELECT stddev(ticker) FROM trades
        ! TYPE_MISMATCH at 14 «ticker»: stddev needs numbers, not STRING. | CAST it to a number.
        ? SELECT var_pop(day) FROM trades
        ! TYPE_MISMATCH at 15 «day»: var_pop needs numbers, not DATE. | min, max and count take it.
        ? SELECT arg_min(fee) FROM trades
        ! TYPE_MISMATCH at 7 «arg_min(fee)»: arg_min takes 2 arguments, not 1.
        ? SELECT weighted_avg(fee) FROM trades
        ! TYPE_MISMATCH at 7 «weighted_avg(fee)»: weighted_avg takes 2 arguments, not 1.
        ? SELECT first() FROM trades
        ! TYPE_MISMATCH at 7 «first()»: first takes 2 arguments, not 0.
        ? SELECT count(DISTINCT *) FROM trades
        ! SYNTAX_ERROR at 7 «count(DISTINCT *)»: DISTINCT needs a column, not a *. | Rows are
          counted by count(*).
        ? SELECT count(DISTINCT) FROM trades
        ! SYNTAX_ERROR at 7 «count(DISTINCT)»: DISTINCT needs a column. | Rows are counted by
          count(*).
        ? SELECT stddev(DISTINCT fee) FROM trades
        ! NOT_SUPPORTED at 7 «stddev(DISTINCT fee)»: DISTINCT in stddev is not supported. | count,
          sum, avg, min and max take it.
        ? SELECT sum(fee) FILTER (WHERE sum(fee) > 1) FROM trades
        ! GROUPING_ERROR at 30 «sum(fee) > 1»: An aggregate cannot stand in FILTER. | FILTER sees
          rows, before they are grouped.
        ? SELECT sum(fee) FILTER (WHERE ticker) FROM trades
        ! TYPE_MISMATCH at 30 «ticker»: A condition is needed here (BOOL), not STRING. | Compare it
          with something.
        ? SELECT date_trunc('day', time) FILTER (WHERE active) FROM trades
        ! SYNTAX_ERROR at 7 «date_trunc('day', time) FILTER (WHERE active)»: date_trunc is no
          aggregate, so it takes no ALL, DISTINCT, FILTER or *.
        ? SELECT id FROM trades WHERE any_value(id) = 3
        ! GROUPING_ERROR at 28 «any_value(id)»: An aggregate cannot stand in WHERE. | WHERE sees
          rows, before they are grouped.
        """#)

    @Test("calls that mean nothing say what is wrong and what would do", arguments: errors.entries)
    func error(statement: String, expected: String) {
        #expect(Fixture.error(statement)?.line(statement) == expected)
    }
}
