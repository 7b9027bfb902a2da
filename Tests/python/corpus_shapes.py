"""Files by how they are cut: delimiters, quotes, headers, and what stands around a table."""

from decimal import Decimal

from corpus import day, moment, sample

AB = "a INT64, b STRING"
TWO = [(1, "x"), (2, "y")]

DELIMITERS = [
    sample("commas", "a,b\n1,x\n2,y\n", AB, TWO, says="','"),
    sample("semicolons", "a;b\n1;x\n2;y\n", AB, TWO, says="';'", told={"sep": ";"}),
    sample("tabs", "a\tb\n1\tx\n2\ty\n", AB, TWO, says="tab", ending="tsv", told={"sep": "\t"}),
    sample("tabs-named-txt", "a\tb\n1\tx, y, z\n2\tu, v\n", AB, [(1, "x, y, z"), (2, "u, v")],
           ending="txt", told={"sep": "\t"}),
    sample("bars", "a|b\n1|x\n2|y\n", AB, TWO, says="'|'", told={"sep": "|"}),
    sample("bars-with-commas", "name|address|n\n"
           + "".join(f"n{i}|street {i}, town, land|{i}\n" for i in range(80)),
           "name STRING, address STRING, n INT64", 80, told={"sep": "|"}),
    sample("carets-said", "a^b\n1^x\n2^y\n", AB, TWO, options="--delimiter ^", told={"sep": "^"}),
    sample("one-column", "a\n1\n2\n", "a INT64", [(1,), (2,)]),
    sample("lines-of-sentences-said", "text\nOne, two.\nThree four\n", "text STRING",
           [("One, two.",), ("Three four",)], options="--delimiter tab", told={"sep": "\t"}),
    sample("sep-line-of-excel", "sep=;\na;b\n1;x\n2;y\n", AB, TWO,
           told={"sep": ";", "skiprows": 1}),
    sample("quoted-commas", 'a;b\n"1,2,3";x\n"4,5,6";y\n', "a STRING, b STRING",
           [("1,2,3", "x"), ("4,5,6", "y")], told={"sep": ";"}),
]

QUOTES = [
    sample("quotes", 'a,b\n1,"x, y"\n2,"say ""hi"""\n', AB, [(1, "x, y"), (2, 'say "hi"')]),
    sample("quotes-around-all", '"a","b"\n"1","x"\n"2","y"\n', AB, TWO),
    sample("quoted-line-ends", 'a,b\n1,"x\ny"\n2,"u\r\nv"\n', AB, [(1, "x\ny"), (2, "u\r\nv")]),
    sample("single-quotes", "a,b\n1,'x, y'\n2,'z'\n3,'u'\n4,'v'\n", AB,
           [(1, "x, y"), (2, "z"), (3, "u"), (4, "v")],
           told={"quotechar": "'"}),
    sample("apostrophes", "a,b\n1,it's\n2,'tis\n", AB, [(1, "it's"), (2, "'tis")]),
    sample("inches", 'a,b\n1,5" pipe\n2,7" pipe\n', AB, [(1, '5" pipe'), (2, '7" pipe')]),
    sample("text-behind-a-quote", 'a,b\n1,"x"y\n2,z\n', AB, [(2, "z")], rejects=[(2, "quote")]),
    sample("quote-that-never-ends", 'a,b\n1,"x\n2,y\n3,z\n', AB, [(2, "y"), (3, "z")],
           rejects=[(2, "never ends")]),
    sample("no-quotes-said", 'a,b\n1,"x\n2,y"\n', AB, [(1, '"x'), (2, 'y"')],
           options="--quote none"),
    sample("blank-before-quote", 'a, b\n1, "x"\n2, "y"\n', AB, [(1, ' "x"'), (2, ' "y"')]),
    sample("quoted-header", '"a b","c,d"\n1,x\n', "a b INT64, c,d STRING", [(1, "x")]),
]

HEADERS = [
    sample("header-alone", "a,b\n", "a STRING, b STRING", []),
    sample("no-header", "1,x\n2,y\n", "column_1 INT64, column_2 STRING", TWO,
           told={"header": None}),
    sample("no-header-said", "a,b\nc,d\n", "column_1 STRING, column_2 STRING",
           [("a", "b"), ("c", "d")], options="--no-header", told={"header": None}),
    sample("header-of-text", "name,city\nAda,Rom\nBob,Ulm\n", "name STRING, city STRING",
           [("Ada", "Rom"), ("Bob", "Ulm")]),
    sample("header-of-years", "region,2023,2024,2025\nNord,10,20,30\nSued,5,6,7\n",
           "region STRING, 2023 INT64, 2024 INT64, 2025 INT64",
           [("Nord", 10, 20, 30), ("Sued", 5, 6, 7)]),
    sample("header-of-dates", "item,2025-01-01,2025-01-02\nA,1,2\nB,3,4\n",
           "item STRING, 2025-01-01 INT64, 2025-01-02 INT64", [("A", 1, 2), ("B", 3, 4)]),
    sample("duplicate-names", "c;c;c;c_2\n1;2;3;4\n5;6;7;8\n",
           "c INT64, c_3 INT64, c_4 INT64, c_2 INT64", [(1, 2, 3, 4), (5, 6, 7, 8)],
           told={"sep": ";"}),
    sample("names-that-differ-by-case", "id,Name,NAME\n1,2,3\n",
           "id INT64, Name INT64, NAME_2 INT64",
           [(1, 2, 3)]),
    sample("empty-names", "id,,x\n1,2,3\n4,5,6\n", "id INT64, column_2 INT64, x INT64",
           [(1, 2, 3), (4, 5, 6)]),
    sample("blanks-around-names", " a , b\n1,x\n", AB, [(1, "x")]),
    sample("names-of-two-lines", '"a\nb",c\n1,2\n', "a b INT64, c INT64", [(1, 2)]),
    sample("index-without-name", ",a,b\n0,1,x\n1,2,y\n", "column_1 INT64, a INT64, b STRING",
           [(0, 1, "x"), (1, 2, "y")]),
    sample("repeated-header", "a,b\n1,x\na,b\n2,y\n", AB, TWO),
    sample("many-columns", ",".join(f"c{i}" for i in range(600)) + "\n"
           + ",".join(str(i) for i in range(600)) + "\n",
           ", ".join(f"c{i} INT64" for i in range(600)), [tuple(range(600))]),
    sample("names-of-words-of-sql", "select,from,order\n1,2,3\n",
           "select INT64, from INT64, order INT64", [(1, 2, 3)]),
]

AROUND = [
    sample("empty-lines", "a,b\n\n1,x\n\n\n2,y\n\n", AB, TWO),
    sample("empty-lines-first", "\n\na,b\n1,x\n2,y\n", AB, TWO),
    sample("empty-values-in-one-column", "a\n1\n\n3\n", "a INT64", [(1,), (None,), (3,)]),
    sample("delimiters-alone", "a,b\n1,x\n,\n2,y\n", AB, [(1, "x"), (None, None), (2, "y")]),
    sample("comments", "# made by hand\na,b\n1,x\n# half\n2,y\n", AB, TWO,
           options="--comment #", told={"comment": "#"}),
    sample("comments-above", "# made by hand\n# 2025\na,b\n1,x\n2,y\n", AB, TWO,
           told={"comment": "#"}),
    sample("title-above", "Report of sales\n\na,b,c\n1,x,2\n2,y,3\n",
           "a INT64, b STRING, c INT64", [(1, "x", 2), (2, "y", 3)], says="skip"),
    sample("preamble-of-an-instrument", "Device: X7\nSerial;1234\nDate;2025-01-31\n\n"
           "time;value;unit\n10:00;1.5;V\n10:01;1.6;V\n10:02;1.7;V\n10:03;1.8;V\n",
           "time STRING, value DECIMAL(18,1), unit STRING",
           [("10:00", Decimal("1.5"), "V"), ("10:01", Decimal("1.6"), "V"),
            ("10:02", Decimal("1.7"), "V"), ("10:03", Decimal("1.8"), "V")], says="skip",
           told={"sep": ";", "skiprows": 4}),
    sample("skip-said", "x,y\nz,w\na,b\n1,x\n2,y\n", AB, TWO, options="--skip 2",
           told={"skiprows": 2}),
    sample("row-of-units", "time,speed\ns,m/s\n1,2.5\n2,3.5\n",
           "time INT64, speed DECIMAL(18,1)", [(1, Decimal("2.5")), (2, Decimal("3.5"))],
           rejects=[]),
    sample("total-at-the-end", "item,n\nA,1\nB,2\nTotal,3\n", "item STRING, n INT64",
           [("A", 1), ("B", 2), ("Total", 3)]),
    sample("footer-of-one-cell", "a,b\n1,x\n2,y\nEnd of report\n", AB, TWO,
           rejects=[(4, "1 values instead of 2")]),
    sample("row-count-at-the-end", "a,b\n1,x\n2,y\n(2 rows)\n", AB, TWO, says="left out"),
    sample("ragged-short", "a,b,c\n1,x,p\n2,y\n3,z,q\n", "a INT64, b STRING, c STRING",
           [(1, "x", "p"), (3, "z", "q")], rejects=[(3, "2 values instead of 3")]),
    sample("ragged-long", "a,b\n1,x\n2,y,z\n3,w\n", AB, [(1, "x"), (3, "w")],
           rejects=[(3, "3 values instead of 2")]),
    sample("delimiter-at-the-end-of-rows", "a,b\n1,x,\n2,y,\n3,z,\n", AB,
           [(1, "x"), (2, "y"), (3, "z")]),
    sample("delimiter-at-the-end-of-lines", "a,b,\n1,x,\n2,y,\n", AB, TWO),
    sample("psql", " a | b \n---+---\n 1 | x\n 2 | y\n(2 rows)\n", AB, TWO, ending="txt"),
    sample("mysql", "+---+---+\n| a | b |\n+---+---+\n| 1 | x |\n| 2 | y |\n+---+---+\n", AB, TWO,
           ending="txt"),
    sample("markdown", "| a | b |\n|---|---|\n| 1 | x |\n| 2 | y |\n", AB, TWO, ending="md"),
    sample("sqlite-list", "a|b\n1|x\n2|y\n", AB, TWO, told={"sep": "|"}),
    sample("bank-statement", "Konto;DE02\nZeitraum;01.01.2025 - 31.01.2025\n\n"
           "Datum;Text;Betrag\n31.01.2025;Miete;-1.050,00\n15.01.2025;Lohn;2.500,10\n"
           "14.01.2025;Brot;-3,20\n",
           "Datum DATE, Text STRING, Betrag DECIMAL(18,2)",
           [(day("2025-01-31"), "Miete", Decimal("-1050.00")),
            (day("2025-01-15"), "Lohn", Decimal("2500.10")),
            (day("2025-01-14"), "Brot", Decimal("-3.20"))], told={"sep": ";", "skiprows": 3}),
    sample("web-log-tabs", "at\tmsg\n" + "".join(
        f"2026-01-01 00:00:{i % 60:02}\tstep {i}, ok, done\n" for i in range(80)),
           "at TIMESTAMP, msg STRING", 80, told={"sep": "\t"}, ending="log"),
    sample("time-series", "t,v\n2025-01-31 00:00:00,1.5\n2025-01-31 00:01:00,2.5\n",
           "t TIMESTAMP, v DECIMAL(18,1)",
           [(moment("2025-01-31"), Decimal("1.5")),
            (moment("2025-01-31 00:01"), Decimal("2.5"))]),
    sample("long-cells", "k,v\n1," + "x" * 300_000 + "\n2,y\n", "k INT64, v STRING",
           [(1, "x" * 300_000), (2, "y")]),
]

SAMPLES = [*DELIMITERS, *QUOTES, *HEADERS, *AROUND]
