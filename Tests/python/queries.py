"""Random SELECTs over one table, with what DuckDB has to be asked to know the right answer."""

from dataclasses import dataclass, field

import exact
from expression import column, same
from expressions import Generator


@dataclass
class Output:
    """One column of a result: Stoa's text, DuckDB's texts, and how the answer follows."""
    stoa: str
    duck: list
    combine: object = None  # of DuckDB's values; None: the only one is the answer


@dataclass
class Query:
    stoa: str
    duck: str
    outputs: list
    order: list = field(default_factory=list)  # (position, is descending, are nulls first)
    limit: int | None = None
    offset: int = 0
    is_cut_by_duck: bool = False


def filtered(call, condition):
    """An aggregate over the rows of a condition; `call` may have one of its own."""
    if call.endswith(")") and " FILTER (WHERE " in call:
        return f"{call[:-1]} AND {condition})"
    return f"{call} FILTER (WHERE {condition})"


class QueryGenerator:
    def __init__(self, rng, table, features):
        self.rng = rng
        self.table = table
        self.expressions = Generator(rng, list(table.columns), features)
        self.features = features
        self.is_big = table.rows > 1_000_000

    def query(self):
        return self.rows() if self.rng.random() < 0.35 else self.aggregate()

    def where(self):
        """Both spellings of a WHERE clause, often none."""
        if self.rng.random() < 0.3:
            return "", ""
        condition = self.expressions.predicate()
        return f" WHERE {condition.stoa}", f" WHERE {condition.duck}"

    def rows(self):
        rng = self.rng
        if rng.random() < 0.1:
            outputs = [Output(f'"{c.name}"', [f'"{c.name}"']) for c in self.table.columns]
            head = "*"
        else:
            made = [self.expressions.scalar() for _ in range(rng.randint(1, 5))]
            outputs = [Output(e.stoa, [e.duck]) for e in made]
            head = ", ".join(o.stoa for o in outputs)
        duck_head = ", ".join(o.duck[0] for o in outputs)
        if "select-distinct" in self.features and rng.random() < 0.25:
            head, duck_head = f"DISTINCT {head}", f"DISTINCT {duck_head}"
        stoa_where, duck_where = self.where()
        order = self.order(len(outputs))
        clause = self.order_clause(order)
        limit = rng.choice([0, 1, 10, 100, 1000]) if not self.is_big else rng.choice([1, 50])
        offset = rng.choice([0, 0, 0, 1, 7, 70_000])
        tail = f"{clause} LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        return Query(
            f"SELECT {head} FROM {self.table.name}{stoa_where}{tail}",
            f"SELECT {duck_head} FROM {self.table.name}{duck_where}{tail}",
            outputs, order, limit, offset, is_cut_by_duck=True)

    def order(self, count):
        """All outputs in some order, so that only equal rows are tied."""
        positions = list(range(count))
        self.rng.shuffle(positions)
        return [(p, self.rng.random() < 0.4, self.rng.choice([None, None, True, False]))
                for p in positions]

    @staticmethod
    def order_clause(order):
        items = []
        for position, is_descending, nulls_first in order:
            nulls = {None: "", True: " NULLS FIRST", False: " NULLS LAST"}[nulls_first]
            items.append(f"{position + 1}{' DESC' if is_descending else ''}{nulls}")
        return " ORDER BY " + ", ".join(items)

    def aggregate(self):
        rng = self.rng
        keys = [self.expressions.key() for _ in range(rng.choice([0, 0, 1, 1, 1, 2, 2, 3]))]
        keys = list({k.stoa: k for k in keys}.values())
        outputs = [Output(k.stoa, [k.duck]) for k in keys]
        calls = [self.call() for _ in range(rng.randint(1, 4))]
        stoa_where, duck_where = self.where()
        head = ", ".join(o.stoa for o in outputs + calls)
        duck_head = ", ".join(text for o in outputs + calls for text in o.duck)
        by = rng.random() < 0.5
        stoa_group = ", ".join(str(i + 1) if by else k.stoa for i, k in enumerate(keys))
        duck_group = ", ".join(k.duck for k in keys)
        stoa_having, duck_having = self.having() if keys else ("", "")
        order, limit, offset, tail = [], None, 0, ""
        if rng.random() < 0.7:
            order = self.order(len(keys) + len(calls))
            tail = self.order_clause(order)
            if rng.random() < 0.5:
                limit, offset = rng.choice([1, 5, 20]), rng.choice([0, 0, 3])
                tail += f" LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        return Query(
            f"SELECT {head} FROM {self.table.name}{stoa_where}"
            + (f" GROUP BY {stoa_group}" if keys else "") + stoa_having + tail,
            f"SELECT {duck_head} FROM {self.table.name}{duck_where}"
            + (f" GROUP BY {duck_group}" if keys else "") + duck_having,
            outputs + calls, order, limit, offset)

    def having(self):
        """A condition on groups, of aggregates that both compute exactly."""
        rng = self.rng
        if "having" not in self.features or rng.random() < 0.7:
            return "", ""
        choice = rng.randrange(4)
        if choice == 0:
            text = f"count(*) {rng.choice(['>', '<=', '<>'])} {rng.choice([1, 2, 40, 1600])}"
            return f" HAVING {text}", f" HAVING {text}"
        source = self.expressions.small_integer()
        name, test = rng.choice([
            ("min", "< 10"), ("max", "> 100"), ("sum", "> 12345"), ("count", ">= 30"),
            ("min", "IS NOT NULL"), ("max", "BETWEEN 0 AND 5000")])
        return (f" HAVING {name}({source.stoa}) {test}", f" HAVING {name}({source.duck}) {test}")

    def call(self):
        """An aggregate, sometimes over the rows of a condition only."""
        made = self.plain_call()
        if "filter" not in self.features or self.rng.random() < 0.75:
            return made
        condition = self.expressions.predicate(1)
        return Output(
            f"{made.stoa} FILTER (WHERE {condition.stoa})",
            [filtered(text, condition.duck) for text in made.duck], made.combine)

    def plain_call(self):
        rng = self.rng
        choice = rng.randrange(13)
        if choice == 0:
            return Output("count(*)", ["count(*)"])
        if choice == 1:
            source = self.expressions.scalar()
            return Output(f"count({source.stoa})", [f"count({source.duck})"])
        if choice in (2, 3):
            source = self.extremum_source()
            name = rng.choice(["min", "max"])
            return Output(f"{name}({source.stoa})", [f"{name}({source.duck})"])
        if choice == 8:
            return self.distinct_call()
        if choice == 9:
            return self.variance_call()
        if choice in (10, 11):
            return self.row_call()
        name = "sum" if choice < 6 else "avg"
        return self.sum_or_average(name, self.summed(), "")

    def summed(self):
        """What is summed; of the biggest table rarely floats, whose list DuckDB has to make."""
        source = self.expressions.number()
        while self.is_big and source.kind == "float" and self.rng.random() < 0.9:
            source = self.expressions.number()
        return source

    def distinct_call(self):
        source = self.expressions.scalar()
        if "sum-distinct" in self.features and self.rng.random() < 0.4:
            name = self.rng.choice(["sum", "avg"])
            return self.sum_or_average(name, self.summed(), "DISTINCT ")
        if "count-distinct" not in self.features:
            return Output(f"count({source.stoa})", [f"count({source.duck})"])
        return Output(f"count(DISTINCT {source.stoa})", [f"count(DISTINCT {source.duck})"])

    def sum_or_average(self, name, source, distinct):
        if source.scale is None:
            name = "sum"  # An average's digits follow from the type, which is not known.
        text = f"{name}({distinct}{source.stoa})"
        if source.kind == "float":
            combine = exact.float_sum if name == "sum" else exact.float_average
            return Output(text, [f"list({distinct}CAST({source.duck} AS DOUBLE))"], combine)
        argument = source.duck
        if source.kind == "uint64":
            argument = f"CAST({argument} AS HUGEINT)"
        parts = [f"sum({distinct}{argument})", f"count({distinct}{argument})"]
        if name == "sum":
            return Output(text, parts[:1])
        if source.kind in ("dec", "int128"):
            scale = source.scale + 6 if source.kind == "dec" else 0
            return Output(text, parts, exact.decimal_average(scale))
        return Output(text, parts, exact.integer_average)

    def variance_call(self):
        there = [f for f in ("stddev", "variance") if f in self.features]
        source = self.summed()
        if not there or self.is_big or source.kind in ("uint64", "int128"):
            return self.sum_or_average("sum", source, "")
        name = {"stddev": "stddev", "variance": "var"}[self.rng.choice(there)]
        kind = self.rng.choice(["samp", "pop"])
        duck = f"CAST({source.duck} AS DOUBLE)" if source.kind == "float" else source.duck
        return Output(f"{name}_{kind}({source.stoa})", [f"list({duck})"],
                      exact.variance(kind == "samp", name == "stddev"))

    def row_call(self):
        """Aggregates that answer a value of one row: the one with the least or greatest key."""
        names = {column.name for column in self.table.columns}
        if "seen" not in names:  # Times are not distinct.
            return Output("count(*)", ["count(*)"])
        source = column(self.rng.choice(self.table.columns))
        makers = []
        if "arg-extremes" in self.features:
            key = self.rng.choice(["seen", "code"])
            name = self.rng.choice(["arg_min", "arg_max"])
            makers.append(Output(
                f"{name}({source.stoa}, {key})", [f"{name}({source.duck}, {key})"]))
        if "first-last" in self.features:
            name = self.rng.choice(["first", "last"])
            makers.append(Output(
                f"{name}({source.stoa})",
                [f"{name}({source.duck} ORDER BY seen) FILTER (WHERE {source.duck} IS NOT NULL)"]))
        if "weighted-average" in self.features:
            makers.append(self.weighted())
        return self.rng.choice(makers) if makers else Output("count(*)", ["count(*)"])

    def weighted(self):
        value, weight = self.expressions.small_integer(), same("grp", "int")
        duck = [f"sum(CAST({value.duck} AS BIGINT) * CAST({weight.duck} AS BIGINT))",
                f"sum({weight.duck}) FILTER (WHERE {value.duck} IS NOT NULL)"]
        return Output(f"weighted_avg({value.stoa}, {weight.stoa})", duck, exact.weighted)

    def extremum_source(self):
        if self.rng.random() < 0.6:
            return column(self.rng.choice(self.table.columns))
        return self.expressions.number()
