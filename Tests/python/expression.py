"""An expression in two spellings: Stoa's, and DuckDB's for the same meaning."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Expression:
    stoa: str
    duck: str
    kind: str  # bool int uint64 int128 float dec date ts str
    scale: int | None = 0  # None: of a decimal whose type the suite does not know


def column(column):
    name = f'"{column.name}"' if column.name in ("day", "at") else column.name
    return Expression(name, f'"{column.name}"', column.kind, column.scale)


def same(text, kind, scale=0):
    return Expression(text, text, kind, scale)


def same_text(template, source, kind, scale=0, **renamed):
    """`template` around both spellings; `renamed` are DuckDB's names of types."""
    duck = template
    for ours, theirs in renamed.items():
        duck = duck.replace(ours, theirs)
    return Expression(template.format(source.stoa), duck.format(source.duck), kind, scale)
