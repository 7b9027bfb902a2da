"""Aggregates as if computed without rounding, then rounded once: the slow reference."""

import math
from decimal import Context, Decimal
from fractions import Fraction


def special(values):
    """NaN or an infinity that decides the sum, or None when all values are finite."""
    if any(math.isnan(v) for v in values):
        return math.nan
    infinite = {v for v in values if math.isinf(v)}
    if infinite:
        return infinite.pop() if len(infinite) == 1 else math.nan
    return None


def present(values):
    return [v for v in values or [] if v is not None]


def float_sum(values):
    values = present(values)
    if not values:
        return None
    found = special(values)
    if found is not None:
        return found
    try:
        return math.fsum(values)
    except OverflowError:  # On the way, or at the end.
        total, denominator = scaled(values)
        return quotient(sum(total), denominator)


def float_average(values):
    values = present(values)
    if not values:
        return None
    found = special(values)
    if found is not None:
        return found
    total, denominator = scaled(values)
    return quotient(sum(total), denominator * len(values))


def integer_average(total, count):
    return float(Fraction(int(total), count)) if count else None


def decimal_average(scale):
    """An average with `scale` digits after the point, rounded half away from zero."""
    def average(total, count):
        if not count:
            return None
        unscaled = Fraction(total) * 10**scale / count
        whole = math.floor(abs(unscaled) + Fraction(1, 2))
        return Decimal(whole if unscaled >= 0 else -whole).scaleb(-scale, Context(prec=60))
    return average


def scaled(values):
    """Integers, and what to divide each by; exact."""
    ratios = [v.as_integer_ratio() for v in values]
    denominator = math.lcm(*{d for _, d in ratios})
    return [n * (denominator // d) for n, d in ratios], denominator


def quotient(above, below):
    """Integers' quotient as a double, rounded once; infinite beyond the largest."""
    try:
        return above / below
    except OverflowError:
        return math.inf if above > 0 else -math.inf


def variance(is_sample, is_root):
    """var_samp, var_pop, stddev_samp or stddev_pop of a list."""
    def of(values):
        values = present(values)
        count = len(values)
        if count < (2 if is_sample else 1):
            return None
        if any(isinstance(v, float) and not math.isfinite(v) for v in values):
            return math.nan
        numbers, denominator = scaled(values)
        total, squares = sum(numbers), sum(n * n for n in numbers)
        above = count * squares - total * total
        below = count * (count - is_sample) * denominator**2
        return root(above, below) if is_root else quotient(above, below)
    return of


def root(above, below):
    """The square root of a fraction, rounded once."""
    if above == 0:
        return 0.0
    shift = max(0, 140 - above.bit_length() + below.bit_length())
    shift += shift % 2
    whole, rest = divmod(above << shift, below)
    found = math.isqrt(whole)
    # A last bit that says whether anything was cut off: more than enough to round by.
    sticky = int(rest != 0 or found * found != whole)
    return quotient(2 * found + sticky, 2 << shift // 2)


def weighted(total, weight):
    """sum(value * weight) / sum(weight), divided as FLOAT64; the sums are exact."""
    if total is None or weight is None:
        return None
    if not weight:
        return math.nan if not total else math.inf if total > 0 else -math.inf
    return float(total) / float(weight)
