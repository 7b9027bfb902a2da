"""Whether two systems gave the same answer."""

import datetime
import math
from decimal import Decimal

TOLERANCE = 1e-9


def normal(cell):
    """A cell as a value that equals what it may equal, whatever the system's type is."""
    if isinstance(cell, bytes):
        return cell.decode()
    if isinstance(cell, bool) or cell is None or isinstance(cell, str):
        return cell
    if isinstance(cell, datetime.datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, (int, Decimal)):
        return Decimal(cell)
    return float(cell) if hasattr(cell, "__float__") else cell


def is_close(left, right):
    left, right = float(left), float(right)
    if math.isnan(left) or math.isnan(right):
        return math.isnan(left) and math.isnan(right)
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=1e-300)


def same_cell(left, right, is_approximate):
    if left is None or right is None:
        return left is right
    if is_approximate:
        return is_close(left, right)
    if isinstance(left, float) != isinstance(right, float):
        return False  # An exact number and a rounded one.
    return left == right


def difference(measured, ours, theirs):
    """What differs between two answers (lists of rows), or None."""
    ours = [tuple(map(normal, row)) for row in ours]
    theirs = [tuple(map(normal, row)) for row in theirs]
    if len(ours) != len(theirs):
        return f"{len(ours)} rows, not {len(theirs)}"
    for left, right in zip(ours, theirs):
        if len(left) != len(right):
            return f"{len(left)} columns, not {len(right)}"
    if measured.cut_by is not None:
        at = measured.cut_by
        if [row[at] for row in ours] != [row[at] for row in theirs]:
            return "the ordering column differs"
        # Which of the rows tied at the cut are shown is nobody's promise.
        last = ours[-1][at] if ours else None
        ours, theirs = ([r for r in rows if r[at] != last] for rows in (ours, theirs))
    if not measured.is_ordered:
        exact = [i for i in range(len(ours[0]) if ours else 0) if i not in measured.approximate]
        ours.sort(key=lambda row: repr([row[i] for i in exact]))
        theirs.sort(key=lambda row: repr([row[i] for i in exact]))
    for index, (left, right) in enumerate(zip(ours, theirs)):
        for column, cells in enumerate(zip(left, right)):
            if not same_cell(*cells, column in measured.approximate):
                return f"row {index}, column {column}: {cells[0]!r}, not {cells[1]!r}"
    return None
