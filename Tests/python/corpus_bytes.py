"""Files by their bytes: line ends, encodings, compression; and what is no table at all."""

import io
import sqlite3
import tempfile
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet

from corpus import gz, sample

AB = "a INT64, b STRING"
TWO = [(1, "x"), (2, "y")]
CITIES = "id,Stadt\n1,Köln\n2,Zürich\n"
CITY_COLUMNS = "id INT64, Stadt STRING"
CITY_ROWS = [(1, "Köln"), (2, "Zürich")]


def zstd(data):
    return pyarrow.compress(data, codec="zstd", asbytes=True)


LINE_ENDS = [
    sample("crlf", "a,b\r\n1,x\r\n2,y\r\n", AB, TWO),
    sample("cr", "a,b\r1,x\r2,y\r", AB, TWO),
    sample("mixed-line-ends", "a,b\r\n1,x\n2,y\r3,z\n", AB, [*TWO, (3, "z")]),
    sample("no-last-line-end", "a,b\n1,x\n2,y", AB, TWO),
    sample("crcrlf", "a,b\r\r\n1,x\r\r\n2,y\r\r\n", AB, TWO),
    sample("byte-order-mark", b"\xef\xbb\xbfa,b\n1,x\n2,y\n", AB, TWO),
    sample("byte-order-mark-quoted", b'\xef\xbb\xbf"a","b"\r\n1,x\r\n2,y\r\n', AB, TWO),
    sample("control-z-at-the-end", b"a,b\n1,x\n2,y\n\x1a", AB, TWO, rejects=[(4, "1 values")]),
]

ENCODINGS = [
    sample("utf16-little-endian", ("\ufeff" + CITIES).encode("utf-16-le"), CITY_COLUMNS,
           CITY_ROWS, says="utf-16le", told={"encoding": "utf-16"}),
    sample("utf16-big-endian", ("\ufeff" + CITIES).encode("utf-16-be"), CITY_COLUMNS, CITY_ROWS,
           says="utf-16be", told={"encoding": "utf-16"}),
    sample("utf16-tabs-of-excel", ("\ufeff" + CITIES.replace(",", "\t")).encode("utf-16-le"),
           CITY_COLUMNS, CITY_ROWS, ending="txt", told={"encoding": "utf-16", "sep": "\t"}),
    sample("utf16-said", CITIES.encode("utf-16-le"), CITY_COLUMNS, CITY_ROWS,
           options="--encoding utf-16", told={"encoding": "utf-16-le"}),
    sample("utf16-unsaid", CITIES.encode("utf-16-le"), refused=("zero bytes", "--encoding utf-16")),
    sample("utf16-half-a-pair", ("\ufeffk,v\n1,").encode("utf-16-le") + b"\x00\xd8"
           + "\n2,y\n".encode("utf-16-le"), "k INT64, v STRING", [(2, "y")],
           rejects=[(2, '"v": not UTF-8')], told={"encoding": "utf-16"}),
    sample("latin1-said", CITIES.encode("latin-1"), CITY_COLUMNS, CITY_ROWS,
           options="--encoding latin1", told={"encoding": "latin-1"}),
    sample("latin1-unsaid", CITIES.encode("latin-1"), CITY_COLUMNS, [],
           rejects=[(2, '"Stadt": not UTF-8'), (3, '"Stadt": not UTF-8')]),
    sample("latin1-in-some-rows", "id,city\n1,Berlin\n2,Köln\n3,Ulm\n".encode("latin-1"),
           "id INT64, city STRING", [(1, "Berlin"), (3, "Ulm")],
           rejects=[(3, '"city": not UTF-8')], says="--encoding latin1"),
    sample("latin1-header", "id,Straße\n1,a\n2,b\n".encode("latin-1"),
           refused=("UTF-8", "--encoding")),
    sample("windows1252-said", "id,v\n1,5 €\n2,„x“\n".encode("cp1252"), "id INT64, v STRING",
           [(1, "5 €"), (2, "„x“")], options="--encoding windows-1252",
           told={"encoding": "cp1252"}),
    sample("windows1252-undefined", b"id,v\n1,\x81\n2,y\n", "id INT64, v STRING", [(2, "y")],
           options="--encoding windows-1252", rejects=[(2, "not UTF-8")],
           told={"encoding": "cp1252"}),
    sample("overlong-utf8", b"id,v\n1,\xc0\xaf\n2,y\n", "id INT64, v STRING", [(2, "y")],
           rejects=[(2, "not UTF-8")]),
    sample("nul-at-the-start", b"id,city\n1,Ber\x00lin\n2,Ulm\n", refused="zero bytes"),
    sample("nul-further-down", b"id,city\n" + b"".join(b"%d,Ulm\n" % i for i in range(300))
           + b"301,Ber\x00lin\n302,Ulm\n", "id INT64, city STRING", 302),
    sample("latin1-gzip", gz(CITIES.encode("latin-1")), CITY_COLUMNS, CITY_ROWS,
           options="--encoding latin1", ending="csv.gz",
           told={"encoding": "latin-1", "compression": "gzip"}),
]

PLAIN = b"a,b\n1,x\n2,y\n"
COMPRESSED = [
    sample("gzip", gz(PLAIN), AB, TWO, says="gzip", ending="csv.gz"),
    sample("gzip-without-its-name", gz(PLAIN), AB, TWO, told={"compression": "gzip"}),
    sample("gzip-of-two-members", gz(PLAIN) + gz(b"3,z\n"), AB, [*TWO, (3, "z")],
           ending="csv.gz"),
    sample("gzip-with-padding", gz(PLAIN) + bytes(512), AB, TWO, ending="csv.gz"),
    sample("gzip-cut", gz(PLAIN * 50)[:-9], refused=("gzip", "too early"), ending="csv.gz"),
    sample("gzip-damaged", gz(PLAIN)[:-6] + b"\x00" + gz(PLAIN)[-5:],
           refused=("gzip", "damaged"), ending="csv.gz"),
    sample("gzip-with-rubbish-behind", gz(PLAIN) + b"rubbish", refused=("behind the gzip",),
           ending="csv.gz"),
    sample("gzip-only-by-name", PLAIN, AB, TWO, ending="csv.gz", told={"compression": None}),
    sample("gzip-of-gzip", gz(gz(PLAIN)), refused="compressed twice", ending="csv.gz"),
    sample("gzip-of-nothing", gz(b""), refused="no records", ending="csv.gz"),
    sample("gzip-of-utf16", gz(("\ufeff" + CITIES).encode("utf-16-le")), CITY_COLUMNS, CITY_ROWS,
           ending="csv.gz", told={"encoding": "utf-16"}),
    sample("zstd", zstd(PLAIN), AB, TWO, says="zstd", ending="csv.zst"),
    sample("zstd-of-two-frames", zstd(PLAIN) + zstd(b"3,z\n"), AB, [*TWO, (3, "z")],
           ending="csv.zst"),
    sample("zstd-cut", zstd(PLAIN * 50)[:-3], refused=("zstd", "too early"), ending="csv.zst"),
]


def parquet():
    target = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table({"a": [1, 2]}), target)
    return target.getvalue()


def sqlite():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.db"
        with sqlite3.connect(path) as connection:
            connection.execute("CREATE TABLE t (a)")
        return path.read_bytes()


def archive(*names):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        for name in names:
            file.writestr(name, "x")
    return target.getvalue()


NO_TABLES = [
    sample("empty", "", refused="no records"),
    sample("only-line-ends", "\n\n\r\n", refused="no records"),
    sample("only-a-mark", b"\xef\xbb\xbf", refused="no records"),
    sample("only-comments", "# a\n# b\n", refused="no records", options="--comment #"),
    sample("json-array", '[{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]\n',
           refused=("JSON", "jq"), ending="json"),
    sample("json-lines", '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n', refused=("JSON", "jq")),
    sample("json-pretty", '{\n  "a": [1,\n 2]\n}\n', refused="JSON"),
    sample("html", "<!DOCTYPE html>\n<html><table><tr><td>1</td></tr></table></html>\n",
           refused="HTML", ending="html"),
    sample("xml", '<?xml version="1.0"?>\n<rows><row a="1"/></rows>\n', refused="XML"),
    sample("sql-dump", "-- dump\nCREATE TABLE t (a INT);\nINSERT INTO t VALUES (1);\n",
           refused=("SQL", "stoa sql")),
    sample("parquet", parquet(), refused="Parquet", ending="parquet"),
    sample("sqlite", sqlite(), refused="SQLite", ending="db"),
    sample("xlsx", archive("[Content_Types].xml", "xl/workbook.xml"), refused=("Excel", "CSV"),
           ending="xlsx"),
    sample("zip", archive("a.csv"), refused=("zip", "unzip"), ending="zip"),
    sample("pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", refused="PDF", ending="pdf"),
    sample("png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", refused="image", ending="png"),
    sample("bzip2", b"BZh91AY&SY\0\0\0\0", refused=("bzip2", "bzip2 -dc"), ending="csv.bz2"),
    sample("xz", b"\xfd7zXZ\0\0\x04", refused=("xz", "xz -dc"), ending="csv.xz"),
    sample("tar-in-gzip", gz(b"a.csv".ljust(257, b"\0") + b"ustar\x0000" + bytes(600)),
           refused=("tar", "tar -xOf"), ending="tar.gz"),
    sample("brackets-in-a-table", "[id],[name]\n1,x\n2,y\n", "[id] INT64, [name] STRING", TWO),
    sample("json-in-a-column", 'k;v\n1;{"a": 1}\n2;[1, 2]\n', "k INT64, v STRING",
           [(1, '{"a": 1}'), (2, "[1, 2]")], told={"sep": ";"}),
    sample("prose", "Dear all,\n\nthe meeting is moved, sorry, as the room is taken.\n"
           "It will be on Friday, at ten, in room 4, if nobody minds.\nPlease bring the plans\n"
           "and, if you can, the keys, the lamp and the list of those who come.\n"
           "Thank you for your patience\nYours, A.\n", refused=("no table", "--delimiter")),
]

SAMPLES = [*LINE_ENDS, *ENCODINGS, *COMPRESSED, *NO_TABLES]
