"""Random SELECTs over one table, with what DuckDB has to be asked to know the right answer."""

import math
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction

from expressions import Generator, column


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


def exact_float_sum(values):
    """The sum of doubles as if computed without rounding, then rounded once."""
    values = [v for v in values or [] if v is not None]
    if not values:
        return None
    if any(math.isnan(v) for v in values):
        return math.nan
    infinite = {v for v in values if math.isinf(v)}
    if infinite:
        return infinite.pop() if len(infinite) == 1 else math.nan
    return math.fsum(values)


def exact_float_average(values):
    values = [v for v in values or [] if v is not None]
    total = exact_float_sum(values)
    if total is None or math.isnan(total) or math.isinf(total):
        return total
    return float(sum(map(Fraction, values)) / len(values))


def exact_integer_average(total, count):
    return float(Fraction(int(total), count)) if count else None


def exact_decimal_average(scale):
    """An average with `scale` digits after the point, rounded half away from zero."""
    def average(total, count):
        if not count:
            return None
        unscaled = Fraction(total) * 10**scale / count
        whole = math.floor(abs(unscaled) + Fraction(1, 2))
        return Decimal(whole if unscaled >= 0 else -whole).scaleb(-scale, Context(prec=60))
    return average


class QueryGenerator:
    def __init__(self, rng, table):
        self.rng = rng
        self.table = table
        self.expressions = Generator(rng, list(table.columns))
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
        order, limit, offset, tail = [], None, 0, ""
        if rng.random() < 0.7:
            order = self.order(len(keys) + len(calls))
            tail = self.order_clause(order)
            if rng.random() < 0.5:
                limit, offset = rng.choice([1, 5, 20]), rng.choice([0, 0, 3])
                tail += f" LIMIT {limit}" + (f" OFFSET {offset}" if offset else "")
        return Query(
            f"SELECT {head} FROM {self.table.name}{stoa_where}"
            + (f" GROUP BY {stoa_group}" if keys else "") + tail,
            f"SELECT {duck_head} FROM {self.table.name}{duck_where}"
            + (f" GROUP BY {duck_group}" if keys else ""),
            outputs + calls, order, limit, offset)

    def call(self):
        rng = self.rng
        choice = rng.randrange(8)
        if choice == 0:
            return Output("count(*)", ["count(*)"])
        if choice == 1:
            source = self.expressions.scalar()
            return Output(f"count({source.stoa})", [f"count({source.duck})"])
        if choice in (2, 3):
            source = self.extremum_source()
            name = rng.choice(["min", "max"])
            return Output(f"{name}({source.stoa})", [f"{name}({source.duck})"])
        source = self.expressions.number()
        while self.is_big and source.kind == "float" and rng.random() < 0.9:
            source = self.expressions.number()
        name = "sum" if choice < 6 else "avg"
        text = f"{name}({source.stoa})"
        if source.kind == "float":
            exact = exact_float_sum if name == "sum" else exact_float_average
            return Output(text, [f"list(CAST({source.duck} AS DOUBLE))"], exact)
        argument = source.duck
        if source.kind == "uint64":
            argument = f"CAST({argument} AS HUGEINT)"
        if name == "sum":
            return Output(text, [f"sum({argument})"])
        if source.kind in ("dec", "int128"):
            scale = source.scale + 6 if source.kind == "dec" else 0
            return Output(
                text, [f"sum({argument})", f"count({argument})"], exact_decimal_average(scale))
        return Output(text, [f"sum({argument})", f"count({argument})"], exact_integer_average)

    def extremum_source(self):
        if self.rng.random() < 0.6:
            return column(self.rng.choice(self.table.columns))
        return self.expressions.number()
