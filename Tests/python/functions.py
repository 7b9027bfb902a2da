"""Random calls of functions, choices and arithmetic with times, in both spellings."""

from expression import Expression, column, same, same_text

WORDS = ["a", "ab", "Größe", "", "zebra", "NULL", "ORD-0000777", "ORD-0065535", "日本語", "m"]


class FunctionExpressions:
    """What a Generator adds when the probes found it; each method gives None when there is
    nothing of the kind."""

    def has(self, feature):
        return feature in self.features

    def any_of(self, makers):
        """An expression of one of (feature, maker) that are there."""
        there = [maker for feature, maker in makers if self.has(feature)]
        return self.rng.choice(there)() if there else None

    # Numbers

    def number_function(self):
        return self.any_of([
            ("abs", self.absolute), ("round", self.rounded), ("floor", self.floor),
            ("ceil", self.ceil), ("length", self.length), ("case", self.number_choice),
            ("case-operand", self.number_by_value), ("coalesce", self.number_coalesce),
            ("text-to-number", self.number_of_text), ("nullif", self.number_nullif),
        ])

    def absolute(self):
        source = self.pick("dec", "float") if self.rng.random() < 0.5 else self.small_integer()
        if not source or source.kind == "int":
            source = source or self.small_integer()
            return Expression(f"abs({source.stoa})", f"abs(CAST({source.duck} AS BIGINT))", "int")
        return self.of_float_or_decimal("abs({})", source, source.scale)

    def of_float_or_decimal(self, template, source, scale):
        if source.kind == "float":
            duck = f"CAST({source.duck} AS DOUBLE)"
            return Expression(template.format(source.stoa), template.format(duck), "float")
        # The type's digits are not part of what is compared here.
        return same_text(template, source, "dec", None if scale is None else scale)

    def rounded(self):
        source = self.pick("dec")
        if source and self.rng.random() < 0.6:
            digits = self.rng.randint(0, max(0, source.scale - 1))
            return same_text(f"round({{}}, {digits})", source, "dec", None)
        return self.of_float_or_decimal("round({})", self.pick("float"), None)

    def floor(self):
        return self.of_float_or_decimal("floor({})", self.pick("float", "dec"), None)

    def ceil(self):
        return self.of_float_or_decimal("ceil({})", self.pick("float", "dec"), None)

    def length(self):
        return same_text("length({})", self.text(), "int")

    def number_of_text(self):
        source = next((c for c in self.columns if c.name == "code"), None)
        if not source:
            return None
        return same_text(
            "CAST(substr({}, 5) AS INT64)", column(source), "int", INT64="BIGINT")

    def wide(self, source):
        """An integer as DuckDB's BIGINT, so that no branch is narrower than its constants."""
        return Expression(source.stoa, f"CAST({source.duck} AS BIGINT)", "int")

    def number_choice(self):
        rng = self.rng
        parts = [(self.predicate(1), self.wide(self.small_integer()))
                 for _ in range(rng.randint(1, 3))]
        tail = self.wide(self.small_integer()) if rng.random() < 0.7 else None
        return self.choice_of(parts, tail, "int")

    @staticmethod
    def choice_of(parts, tail, kind):
        def spell(name):
            arms = "".join(
                f" WHEN {getattr(when, name)} THEN {getattr(then, name)}" for when, then in parts)
            return f"(CASE{arms}" + (f" ELSE {getattr(tail, name)}" if tail else "") + " END)"
        return Expression(spell("stoa"), spell("duck"), kind)

    def number_by_value(self):
        source = self.small_integer()
        arms = " ".join(f"WHEN {self.threshold(source)} THEN {number * 10}"
                        for number in range(self.rng.randint(1, 4)))
        tail = self.rng.choice(["", " ELSE -1", " ELSE NULL"])
        return same_text(f"(CASE {{}} {arms}{tail} END)", self.wide(source), "int")

    def number_coalesce(self):
        parts = [self.wide(self.small_integer()) for _ in range(self.rng.randint(1, 3))]
        last = self.rng.choice(["0", "-7", ""])
        return Expression(
            f"coalesce({', '.join([p.stoa for p in parts] + ([last] if last else []))})",
            f"coalesce({', '.join([p.duck for p in parts] + ([last] if last else []))})", "int")

    def number_nullif(self):
        left, right = self.wide(self.small_integer()), self.wide(self.small_integer())
        if self.rng.random() < 0.5:
            right = same(self.rng.choice(["0", "1", "17"]), "int")
        return Expression(
            f"nullif({left.stoa}, {right.stoa})", f"nullif({left.duck}, {right.duck})", "int")

    # Text

    def text(self):
        """A column of text, or a function of one."""
        source = self.pick("str")
        if self.rng.random() < 0.5:
            return source
        return self.text_function(source) or source

    def text_function(self, source=None):
        source = source or self.pick("str")
        rng = self.rng

        def cut():
            start = rng.randint(1, 8)
            length = f", {rng.randint(0, 6)}" if rng.random() < 0.6 else ""
            return same_text(f"substr({{}}, {start}{length})", source, "str")

        def joined(template, word):
            other = self.pick("str") if rng.random() < 0.5 else same(f"'{word}'", "str")
            return Expression(template.format(source.stoa, other.stoa),
                              template.format(source.duck, other.duck), "str")

        return self.any_of([
            ("lower", lambda: same_text("lower({})", source, "str")),
            ("upper", lambda: Expression(
                f"upper({source.stoa})", f"replace(upper({source.duck}), 'ẞ', 'ß')", "str")),
            ("substr", cut),
            ("concat", lambda: joined("concat({}, {})", rng.choice(WORDS))),
            ("concatenation", lambda: joined("({} || {})", rng.choice(WORDS))),
            ("case", self.text_choice),
            ("coalesce", lambda: same_text("coalesce({}, 'none')", source, "str")),
        ])

    def text_choice(self):
        parts = [(self.predicate(1), self.pick("str") if self.rng.random() < 0.5 else
                  same(f"'{self.rng.choice(WORDS)}'", "str"))
                 for _ in range(self.rng.randint(1, 2))]
        return self.choice_of(parts, self.rng.choice([None, self.pick("str")]), "str")

    def ilike(self):
        pattern = self.rng.choice(["A%", "%B%", "zEbRa", "%/IMG%", "ord-00%", "USER_0%", "%E", "_"])
        negation = self.rng.choice(["", "NOT "])
        return same_text(f"({{}} {negation}ILIKE '{pattern}')", self.pick("str"), "bool")

    # Times

    def moment(self):
        return self.any_of([
            ("time_bucket", self.bucket), ("time_bucket-origin", self.bucket_from),
            ("interval", self.shifted), ("make-time", self.made),
            ("date-step", self.stepped),
        ])

    def made(self):
        """A moment of parts, all of which exist."""
        source = self.instant()
        return source and same_text(
            "make_timestamp(extract(year FROM {0}), extract(month FROM {0}), 28, "
            "extract(hour FROM {0}), extract(minute FROM {0}), 59.25)", source, "ts")

    def stepped(self):
        """The midnight some days before or after; `seen` is far from the first and last year."""
        names = {c.name for c in self.columns}
        if not {"seen", "grp"} <= names:
            return None
        days = self.rng.choice(["grp", "i16 % 900", "-800", "17"] if "i16" in names else ["grp"])
        step = f"CAST(seen AS DATE) {self.rng.choice('+-')} {days}"
        return Expression(
            f"CAST({step} AS TIMESTAMP)",
            f"CAST({step.replace(days, f'CAST({days} AS INTEGER)')} AS TIMESTAMP)", "ts")

    def instant(self):
        fitting = [c for c in self.columns if c.name in ("at", "seen")]
        return column(self.rng.choice(fitting)) if fitting else None

    def bucket(self):
        source = self.instant()
        width = self.rng.choice([
            "1 second", "15 minutes", "7 minutes", "1 hour", "6 hours", "1 day", "7 days",
            "1 month", "1 year", "90 seconds"])
        return source and same_text(f"time_bucket(INTERVAL '{width}', {{}})", source, "ts")

    def bucket_from(self):
        source = self.instant()
        width = self.rng.choice(["15 minutes", "7 hours", "1 day", "11 seconds"])
        origin = self.rng.choice(["1970-01-01 00:05:00", "2024-02-29 12:34:56", "1969-07-20"])
        return source and same_text(
            f"time_bucket(INTERVAL '{width}', {{}}, TIMESTAMP '{origin}')", source, "ts")

    def shifted(self):
        source = self.instant()
        span = self.rng.choice([
            "1 day", "36 hours", "1 month", "3 months", "1 year", "90 minutes", "5 seconds",
            "250 milliseconds", "1 week"])
        return source and same_text(
            f"({{}} {self.rng.choice('+-')} INTERVAL '{span}')", source, "ts")
