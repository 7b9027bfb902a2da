"""Why pandas and DuckDB read files of the corpus otherwise than Stoa.

A rule has the kind of difference that it explains: `names` (other column names), `count` (another
number of rows or columns), `values` (other values), `refuses` (no reading at all), `reads` (a
reading of what Stoa refuses). A difference without a rule of its kind fails, and so does a rule
whose difference is gone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    peer: str
    kind: str
    reason: str
    files: frozenset


def rules(kind, reason, pandas="", duckdb=""):
    """One rule for each reader that has files, which stand in one text."""
    return [Rule(peer, kind, reason, frozenset(files.split()))
            for peer, files in (("pandas", pandas), ("duckdb", duckdb)) if files]


TYPES = [
    *rules("values", "codes lose what a number leaves out: zeros in front, a plus sign, the "
           "sign of zero, the x of hexadecimal; here they stay text",
           pandas="leading-zeros leading-zeros-of-decimals postcodes plus-signs plus-beside-minus "
                  "minus-zero",
           duckdb="minus-zero hexadecimal"),
    *rules("values", "integers beyond 64 bits become objects or HUGEINT; Stoa has no such type and "
           "keeps the text",
           pandas="integers-of-20-digits identifiers-of-25-digits",
           duckdb="integers-of-20-digits identifiers-of-25-digits"),
    *rules("values", "a float takes numbers that it does not hold: digits are dropped, 587E590 is "
           "infinite, 1e-400 is zero; here they become a DECIMAL that holds them or stay text",
           pandas="decimals-beyond-double decimals-beyond-everything exponent-codes "
                  "exponents-under-the-smallest",
           duckdb="decimals-beyond-double decimals-beyond-everything exponent-codes "
                  "exponents-under-the-smallest"),
    *rules("values", "a column of nothing but nan is taken for numbers; it may be a word, so it "
           "stays text", pandas="only-nan", duckdb="only-nan"),
    *rules("values", "decimal commas are read only when asked for; here they are detected",
           pandas="decimal-commas decimal-commas-in-quotes decimal-commas-tabs bank-statement "
                  "thousands-german thousands-french decimal-commas-many-rows",
           duckdb="decimal-commas decimal-commas-in-quotes decimal-commas-tabs bank-statement "
                  "thousands-german thousands-french decimal-commas-many-rows"),
    *rules("values", "marks between thousands are read only when asked for; here they are detected",
           pandas="thousands-with-commas thousands-and-decimals thousands-swiss",
           duckdb="thousands-with-commas thousands-and-decimals thousands-swiss"),
    *rules("values", "signs of currency and percent are never read as numbers; here they are where "
           "every value has the same",
           pandas="currency-dollars currency-euros percent",
           duckdb="currency-dollars currency-euros percent"),
    *rules("values", "dates that are not written YYYY-MM-DD stay text; here they are detected "
           "where only one reading fits",
           pandas="dates-american dates-british dates-with-points dates-with-slashes "
                  "dates-with-month-names dates-with-month-names-first timestamps-german "
                  "timestamps-with-am-pm",
           duckdb="dates-with-month-names dates-with-month-names-first timestamps-with-am-pm"),
    *rules("values", "an order of day and month is assumed where the values do not tell; here they "
           "stay text with a note", duckdb="dates-ambiguous"),
    *rules("values", "the century of a two-digit year is assumed, and its order: 31.12.25 becomes "
           "2031-12-25; here they stay text with a note", duckdb="dates-of-two-digit-years"),
    *rules("values", "24:00:00 is the next day's midnight there, no time of day here",
           duckdb="hour-24"),
    *rules("refuses", "the type is settled by the first rows, and a later value that is none ends "
           "the reading; here the column is widened",
           duckdb="dates-in-two-forms late-text"),
    *rules("values", "a late value is made to fit the type of the first rows: 007 becomes 7, +49… "
           "a number, 1 true, 1.5 even 2; here the column is widened and every value kept",
           pandas="late-leading-zero late-plus late-twenty-digits",
           duckdb="late-leading-zero late-plus late-twenty-digits late-decimal "
                  "late-one-among-booleans"),
    *rules("values", "t, f, yes and no are taken for booleans; here only true and false are",
           duckdb="booleans-t-f booleans-yes-no"),
    *rules("values", "NA, None and their like become NULL unasked, which loses Namibia; here "
           "--null says which word means nothing",
           pandas="country-codes names-that-mean-null word-for-nothing late-text"),
    *rules("values", 'the empty string in quotes is NULL there; here "" stays apart from nothing',
           pandas="empty-strings", duckdb="empty-strings"),
    *rules("values", "an option of ours said it; the reader was not told",
           pandas="thousands-or-decimals-said decimal-comma-said dates-ambiguous-said types-said "
                  "null-of-mysql",
           duckdb="thousands-or-decimals-said decimal-comma-said types-said null-of-mysql "
                  "word-for-nothing-said"),
    *rules("values", "a time of day is a type of its own there and text here",
           duckdb="preamble-of-an-instrument"),
]

SHAPES = [
    *rules("count", "an option of ours said it; the reader was not told",
           pandas="no-quotes-said",
           duckdb="carets-said no-header-said no-quotes-said skip-said"),
    *rules("count", "the row of years is taken for values; here it is a header by its form",
           duckdb="header-of-years"),
    *rules("count", "a repeated header is a row there, as when files were put behind one another",
           pandas="repeated-header", duckdb="repeated-header"),
    *rules("count", "a row of units below the header is a row there",
           pandas="row-of-units", duckdb="row-of-units"),
    *rules("count", "what a spreadsheet or a report writes above the table is taken for the table",
           pandas="title-above", duckdb="sep-line-of-excel"),
    *rules("count", "what is drawn around a table for eyes is taken for text",
           pandas="psql mysql markdown", duckdb="psql mysql markdown"),
    *rules("count", "a record of another length makes another delimiter or one column of the "
           "whole; here it alone is rejected",
           duckdb="footer-of-one-cell row-count-at-the-end ragged-short ragged-long "
                  "control-z-at-the-end"),
    *rules("count", "missing cells at a record's end are filled with NULL; here the record is "
           "rejected aloud",
           pandas="footer-of-one-cell row-count-at-the-end ragged-short control-z-at-the-end"),
    *rules("refuses", "one record with too many cells ends the reading; here it alone is rejected",
           pandas="ragged-long"),
    *rules("count", "text behind a closing quote is mended into the value; here the record is "
           "rejected", pandas="text-behind-a-quote", duckdb="text-behind-a-quote"),
    *rules("count", "the quote that never ends is taken for a character; here it costs its line",
           duckdb="quote-that-never-ends"),
    *rules("refuses", "the quote that never ends swallows the file; here it costs its line",
           pandas="quote-that-never-ends"),
    *rules("values", "a quote behind a blank opens a quoted value there; here it is a character as "
           "RFC 4180 has it, and kept", duckdb="blank-before-quote"),
    *rules("values", "a delimiter at the end of every row makes the first column an index",
           pandas="delimiter-at-the-end-of-rows"),
    *rules("count", "a delimiter at the end of every line makes a column of nothing",
           pandas="delimiter-at-the-end-of-lines", duckdb="delimiter-at-the-end-of-lines"),
    *rules("count", "commas of sentences beat the tabs that cut every line alike",
           duckdb="web-log-tabs"),
    *rules("count", "an empty line in a file of one column is nothing there and NULL here",
           pandas="empty-values-in-one-column"),
    *rules("names", "names for what has none, and for what was named before, are made otherwise; "
           "here they start with 1, and never take a name that the file has",
           pandas="duplicate-names empty-names index-without-name no-header no-header-said "
                  "names-that-differ-by-case",
           duckdb="duplicate-names empty-names index-without-name no-header "
                  "names-that-differ-by-case"),
    *rules("names", "blanks and line ends in names are kept there; here blanks around a name go, "
           "and a line end is a space",
           pandas="blanks-around-names names-of-two-lines blank-before-quote",
           duckdb="names-of-two-lines"),
]

BYTES = [
    *rules("refuses", "lines that end in several ways are refused by the strict reader; here they "
           "end in any mixture", duckdb="mixed-line-ends crcrlf"),
    *rules("refuses", "an encoding is read when it is named and the extension is loaded; here by "
           "the byte order mark or --encoding",
           duckdb="utf16-little-endian utf16-big-endian utf16-tabs-of-excel utf16-said "
                  "utf16-half-a-pair gzip-of-utf16 latin1-said latin1-gzip windows1252-said "
                  "windows1252-undefined"),
    *rules("refuses", "one value that is no text in the encoding ends the reading; here its row is "
           "rejected with line and column",
           pandas="latin1-in-some-rows overlong-utf8 utf16-half-a-pair windows1252-undefined",
           duckdb="latin1-in-some-rows overlong-utf8"),
    *rules("refuses", "compression is told by the name; here by the content",
           duckdb="gzip-without-its-name gzip-only-by-name"),
    *rules("refuses", "zeros behind the last member are no gzip there; tapes and block devices "
           "leave them, and gzip itself passes over them", duckdb="gzip-with-padding"),
    *rules("refuses", "zstd needs a package that is not part of pandas",
           pandas="zstd zstd-of-two-frames"),
    *rules("reads", "checksums are not looked at, and data cut short are taken for the end",
           duckdb="gzip-damaged zstd-cut"),
    *rules("reads", "zero bytes near the start are taken for text",
           pandas="nul-at-the-start", duckdb="nul-at-the-start"),
    *rules("reads", "what is no table becomes one of rubbish, or an empty one",
           pandas="json-array json-lines json-pretty html xml sql-dump zip",
           duckdb="json-array json-lines json-pretty html xml sql-dump bzip2 tar-in-gzip prose"),
    *rules("reads", "nothing becomes an empty table with a name of its own",
           pandas="only-comments", duckdb="empty only-a-mark only-comments gzip-of-nothing"),
]

RULES = [*TYPES, *SHAPES, *BYTES]
