"""Makes random expressions, each in two spellings: Stoa's, and DuckDB's for the same meaning.

The spellings differ only by the rules of DIFFERENCES; everything else is the same text.
"""

import datetime as dt

from expression import Expression, column, same, same_text
from functions import WORDS, FunctionExpressions

DIFFERENCES = {
    "int64-arithmetic": "Stoa computes integers in 64 bits, DuckDB in the operands' width: "
                        "DuckDB's operands are cast to BIGINT.",
    "uint64-arithmetic": "Arithmetic with a UINT64 is DECIMAL(38,0) in Stoa: DuckDB's operands "
                         "are cast to HUGEINT.",
    "float-arithmetic": "FLOAT32 arithmetic is done in FLOAT64: DuckDB's operands are cast.",
    "zero-divisor": "1/0 is an error in Stoa and infinite in DuckDB: divisors are constants "
                    "other than zero.",
    "decimal-product": "DuckDB refuses products that could pass 38 digits, Stoa those that do: "
                       "DuckDB's factors are cast to narrower decimals that hold them.",
    "exact-sum": "Sums and averages of floats are computed exactly and rounded once; DuckDB adds "
                 "in its own order: math.fsum over DuckDB's list of the values is the answer.",
    "exact-average": "avg of integers is the exact quotient rounded once, avg of DECIMAL(p,s) is "
                     "DECIMAL(38,s+6) rounded half away from zero, with fewer digits where p "
                     "leaves less room (none for arithmetic with a UINT64); in DuckDB both are "
                     "DOUBLE: the quotient of DuckDB's sum and count is the answer.",
    "minus-zero": "-0.0 and 0.0 are one value in Stoa: DuckDB gets 0.0 for both.",
    "exact-comparison": "DuckDB compares integers and decimals with floats as DOUBLE, Stoa "
                        "exactly: such comparisons are made with numbers both hold exactly.",
    "date-trunc": "date_trunc of a DATE is a DATE in Stoa: DuckDB's answer is cast.",
    "extract-parts": "millisecond and microsecond are those of the minute in both.",
    "function-width": "Functions of integers and floats compute in 64 bits: DuckDB's arguments "
                      "are cast.",
    "decimal-digits": "round, floor, ceil and abs of decimals keep another type in each: such "
                      "values are compared as numbers, and never averaged.",
    "exact-variance": "var and stddev are exact and rounded once: computed from DuckDB's list of "
                      "the values.",
    "sharp-s": "upper follows Unicode's simple mappings, in which ß has no capital: DuckDB's "
               "capital is put back.",
    "overflow": "Where DuckDB refuses a number that is out of range, Stoa must, too.",
    "lazy-overflow": "Stoa computes an argument only for rows that FILTER, CASE, AND or OR "
                     "leave to it, DuckDB for all: then Stoa may have an answer where DuckDB "
                     "refuses.",
    "total-order": "Rows that ORDER BY leaves tied may come in any order: the generator orders "
                   "by all outputs.",
}


class Generator(FunctionExpressions):
    def __init__(self, rng, columns, features):
        self.rng = rng
        self.columns = columns
        self.features = features

    def pick(self, *kinds):
        """A column of one of the kinds; nil when the table has none."""
        fitting = [c for c in self.columns if c.kind in kinds]
        return column(self.rng.choice(fitting)) if fitting else None

    def number(self, depth=1):
        """A numeric expression that cannot overflow or divide by zero."""
        rng = self.rng
        if depth == 0 or rng.random() < 0.4:
            return self.pick("int", "float", "dec", "uint64")
        choice = rng.randrange(9)
        if choice >= 6:
            return self.number_function() or self.small_integer()
        if choice == 0:
            return self.integer_arithmetic()
        if choice == 1:
            return self.decimal_arithmetic()
        if choice == 2:
            return self.float_arithmetic()
        if choice == 3:
            return self.field()
        if choice == 4:
            return self.numeric_cast()
        return self.pick("int", "dec")

    def small_integer(self):
        """An integer column whose values are far from the ends of 64 bits."""
        safe = [c for c in self.columns if c.kind == "int" and c.name != "i64"]
        return column(self.rng.choice(safe))

    def integer_arithmetic(self):
        rng = self.rng
        left = self.small_integer()
        if rng.random() < 0.5:
            right = self.small_integer()
        else:
            right = same(str(rng.choice([1, 2, 3, 7, 10, 100, 1000, -5])), "int")
        wide = self.pick("uint64")
        if wide and rng.random() < 0.2:
            operator = rng.choice("+-*")
            return Expression(
                f"({wide.stoa} {operator} {left.stoa})",
                f"(CAST({wide.duck} AS HUGEINT) {operator} CAST({left.duck} AS HUGEINT))",
                "int128")
        operator = rng.choice(["+", "-", "*", "//", "%"])
        if operator in ("//", "%"):
            right = same(str(rng.choice([1, 2, 3, 7, 10, 1000, -3])), "int")
        return Expression(
            f"({left.stoa} {operator} {right.stoa})",
            f"(CAST({left.duck} AS BIGINT) {operator} CAST({right.duck} AS BIGINT))", "int")

    def decimal_arithmetic(self):
        rng = self.rng
        left = self.pick("dec")
        if not left:
            return self.small_integer()
        choice = rng.randrange(4)
        if choice == 0:
            factor = self.small_integer()
            return Expression(
                f"({left.stoa} * {factor.stoa})",
                f"(CAST({left.duck} AS DECIMAL(19,{left.scale})) * "
                f"CAST({factor.duck} AS DECIMAL(10,0)))", "dec",
                # Beside 19 digits an average has fewer behind the point; it is not made.
                None if factor.stoa in ("sparse", "level", "steps") else left.scale)
        if choice == 1:
            return Expression(
                f"({left.stoa} * 1.25)",
                f"(CAST({left.duck} AS DECIMAL(19,{left.scale})) * CAST(1.25 AS DECIMAL(3,2)))",
                "dec", left.scale + 2)
        right = self.pick("dec") if choice == 2 else same("0.5", "dec", 1)
        operator = rng.choice("+-")
        scale = max(left.scale, right.scale)
        return Expression(
            f"({left.stoa} {operator} {right.stoa})",
            f"(CAST({left.duck} AS DECIMAL(30,{left.scale})) {operator} "
            f"CAST({right.duck} AS DECIMAL(30,{right.scale})))", "dec", scale)

    def float_arithmetic(self):
        rng = self.rng
        left = self.pick("float")
        operator = rng.choice("+-*")
        right = same(rng.choice(["1e3", "2e0", "5e-1", "-3e0"]), "float")
        if rng.random() < 0.3:
            right = self.pick("float")
        elif rng.random() < 0.3:
            operator, right = "/", same(rng.choice(["3e0", "7e0", "1e2"]), "float")
        return Expression(
            f"({left.stoa} {operator} {right.stoa})",
            f"(CAST({left.duck} AS DOUBLE) {operator} CAST({right.duck} AS DOUBLE))", "float")

    def field(self):
        rng = self.rng
        source = self.pick("date", "ts")
        if not source:
            return self.small_integer()
        fields = ["year", "quarter", "month", "week", "isoyear", "day", "dow", "isodow", "doy"]
        if source.kind == "ts":
            fields += ["hour", "minute", "second", "millisecond", "microsecond"]
        name = rng.choice(fields)
        return same_text("extract({} FROM {{}})".format(name), source, "int")

    def numeric_cast(self):
        rng = self.rng
        choice = rng.randrange(4)
        if choice == 0:
            return same_text("CAST({} AS FLOAT64)", self.small_integer(), "float", FLOAT64="DOUBLE")
        if choice == 1:
            return same_text("CAST({} AS DECIMAL(18,3))", self.small_integer(), "dec", scale=3)
        source = self.pick("dec")
        if choice == 2 and source:
            return same_text("CAST({} AS INT64)", source, "int", INT64="BIGINT")
        flag = self.pick("bool")
        return same_text("CAST({} AS INT32)", flag, "int", INT32="INTEGER") if flag else (
            self.small_integer())

    def time(self):
        source = self.pick("date", "ts")
        if not source:
            return None
        units = ["day", "week", "month", "quarter", "year"]
        if source.kind == "ts":
            units += ["hour", "minute", "second"]
        if self.rng.random() < 0.3:
            return source
        if self.rng.random() < 0.5:
            made = self.moment()
            if made:
                return made
        unit = self.rng.choice(units)
        duck = f"date_trunc('{unit}', {source.duck})"
        if source.kind == "date":
            duck = f"CAST({duck} AS DATE)"
        return Expression(f"date_trunc('{unit}', {source.stoa})", duck, source.kind)

    def key(self):
        """An expression with few enough values to group by."""
        rng = self.rng
        names = [c for c in self.columns if c.name in (
            "flag", "i8", "u8", "word", "grp", "f32", "runs", "level", "tick")]
        choice = rng.randrange(8)
        if choice == 0:
            return self.time_key()
        if choice == 1:
            source = self.small_integer()
            return Expression(
                f"({source.stoa} % 17)", f"(CAST({source.duck} AS BIGINT) % 17)", "int")
        if choice == 2 and any(c.kind == "ts" for c in self.columns):
            return self.field_key()
        special = {3: self.text_key, 4: self.bucket_key, 5: self.choice_key}.get(choice)
        made = special() if special else None
        return made or column(rng.choice(names))

    def text_key(self):
        word = next(c for c in self.columns if c.name == "word")
        return self.text_function(column(word))

    def bucket_key(self):
        source = self.instant()
        if not source or not self.has("time_bucket"):
            return None
        width = self.rng.choice(["1 hour", "47 minutes", "1 day"])
        return same_text(f"time_bucket(INTERVAL '{width}', {{}})", source, "ts")

    def choice_key(self):
        if not self.has("case"):
            return None
        parts = [(self.predicate(1), same(str(n), "int")) for n in range(self.rng.randint(1, 3))]
        return self.choice_of(parts, same("-1", "int"), "int")

    def time_key(self):
        source = self.pick("date", "ts")
        unit = "month" if source.kind == "date" else self.rng.choice(["hour", "day"])
        duck = f"date_trunc('{unit}', {source.duck})"
        if source.kind == "date":
            duck = f"CAST({duck} AS DATE)"
        return Expression(f"date_trunc('{unit}', {source.stoa})", duck, source.kind)

    def field_key(self):
        name = self.rng.choice(["hour", "minute", "second"])
        return same_text("extract({} FROM {{}})".format(name), self.pick("ts"), "int")

    def predicate(self, depth=2):
        """A condition of three-valued logic."""
        rng = self.rng
        if depth > 0 and rng.random() < 0.45:
            operator = rng.choice(["AND", "OR"])
            parts = [self.predicate(depth - 1) for _ in range(rng.randint(2, 3))]
            return Expression(
                "(" + f" {operator} ".join(p.stoa for p in parts) + ")",
                "(" + f" {operator} ".join(p.duck for p in parts) + ")", "bool")
        if depth > 0 and rng.random() < 0.15:
            return same_text("(NOT {})", self.predicate(depth - 1), "bool")
        return self.simple_predicate()

    def simple_predicate(self):
        rng = self.rng
        choice = rng.randrange(9)
        if choice == 8 and self.has("ilike"):
            return self.ilike()
        if choice == 0:
            source = column(rng.choice(self.columns))
            return same_text("({} IS " + rng.choice(["", "NOT "]) + "NULL)", source, "bool")
        if choice == 1:
            flag = self.pick("bool")
            if flag:
                return flag
        if choice == 2:
            return self.text_predicate()
        if choice == 3:
            return self.time_predicate()
        source = self.pick("int", "dec", "float", "uint64")
        if choice == 4:
            low, high = sorted([self.threshold(source), self.threshold(source)], key=float)
            negation = rng.choice(["", "NOT "])
            return same_text(f"({{}} {negation}BETWEEN {low} AND {high})", source, "bool")
        if choice == 5 and source.kind in ("int", "uint64"):
            values = [self.threshold(source) for _ in range(rng.randint(1, 6))]
            if rng.random() < 0.15:
                values.append("NULL")
            negation = rng.choice(["", "NOT "])
            return same_text(f"({{}} {negation}IN ({', '.join(values)}))", source, "bool")
        if choice == 6:
            left, right = self.small_integer(), self.small_integer()
            operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
            return Expression(
                f"({left.stoa} {operator} {right.stoa})",
                f"(CAST({left.duck} AS BIGINT) {operator} CAST({right.duck} AS BIGINT))", "bool")
        operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        return same_text(f"({{}} {operator} {self.threshold(source)})", source, "bool")

    def threshold(self, source):
        """A constant to compare with, exact in every type (see exact-comparison)."""
        rng = self.rng
        if source.kind == "dec":
            return rng.choice(["0", "100.25", "-50.5", "99999.99", "500000", "1000"])
        if source.kind == "float":
            return rng.choice(["0e0", "1.5e0", "-225e-2", "1e3", "-1e5", "25e-2"])
        return str(rng.choice([0, 1, 3, 17, 40, 100, 255, 500, 65535, 100_000, 3_000_000]))

    def text_predicate(self):
        rng = self.rng
        source = self.text() if rng.random() < 0.3 else self.pick("str")
        choice = rng.randrange(4)
        if choice == 0:
            pattern = rng.choice(["a%", "%b%", "_", "__", "%e", "Gr%", "%本%", "%", "x%x", "",
                                  "ORD-00%", "%7", "ORD-000_0%", "a_", "%a%b%", "Z%", "user_0%",
                                  "https://example.org/%", "%/img/_%", "user_00001_"])
            negation = rng.choice(["", "NOT "])
            return same_text(f"({{}} {negation}LIKE '{pattern}')", source, "bool")
        words = WORDS + ["user_000017", "https://example.org/shop/41", "user_00400x"]
        if choice == 1:
            values = ", ".join(f"'{w}'" for w in rng.sample(words, rng.randint(1, 4)))
            return same_text(f"({{}} {rng.choice(['', 'NOT '])}IN ({values}))", source, "bool")
        if choice == 2:
            low, high = sorted(rng.sample(words, 2), key=lambda w: w.encode())
            return same_text(f"({{}} BETWEEN '{low}' AND '{high}')", source, "bool")
        operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        return same_text(f"({{}} {operator} '{rng.choice(words)}')", source, "bool")

    def time_predicate(self):
        rng = self.rng
        source = self.pick("date", "ts")
        if source.kind == "date":
            moments = [str(dt.date(2015, 1, 1) + dt.timedelta(days=rng.randint(0, 4000)))
                       for _ in range(2)]
        else:
            first = dt.datetime(1969, 12, 31, 20)
            moments = [str(first + dt.timedelta(seconds=rng.randint(0, 70_000)))
                       for _ in range(2)]
        low, high = sorted(moments)
        if rng.random() < 0.5:
            return same_text(f"({{}} BETWEEN '{low}' AND '{high}')", source, "bool")
        operator = rng.choice(["=", "<>", "<", "<=", ">", ">="])
        return same_text(f"({{}} {operator} '{low}')", source, "bool")

    def scalar(self):
        """Any output of a query over rows."""
        rng = self.rng
        choice = rng.randrange(8)
        if choice == 7:
            return self.text_function() or self.number()
        if choice < 3:
            return column(rng.choice(self.columns))
        if choice == 3:
            return self.predicate(1)
        if choice == 4:
            return self.time() or self.number()
        if choice == 5:
            return self.text_cast()
        return self.number()

    def text_cast(self):
        source = self.pick("int", "dec", "date", "uint64") if self.rng.random() < 0.8 else (
            self.pick("ts") or self.small_integer())
        return same_text("CAST({} AS STRING)", source, "str", STRING="VARCHAR")
