"""Where `stoa import` takes its bytes from: pipes, several files, compressed files, files that
change, and connections that end between commit and answer."""

import gzip
import os
import resource
import signal
import subprocess
import tempfile
import threading
import time
import unittest
from pathlib import Path

from harness import Daemon, clean_environment, program, stoa
from proxy import CommitProxy


class InputCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="stoa-input-")
        cls.home = Path(cls.folder.name)
        cls.daemon = Daemon(cls.home / "data")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__()
        cls.folder.cleanup()

    def load(self, *arguments, code=0, data=None, url=None, **options):
        done = subprocess.run(
            [program("stoa"), "import", *map(str, arguments)], input=data, capture_output=True,
            timeout=60, cwd=self.home, env=clean_environment(STOA_URL=url or self.daemon.url),
            **options)
        said = done.stdout.decode() + done.stderr.decode()
        self.assertEqual(done.returncode, code, said)
        return said

    def rows(self, sql):
        code, output, errors = stoa(
            "sql", "--csv", "--no-header", "-q", sql, url=self.daemon.url)
        self.assertEqual(code, 0, errors)
        return output.splitlines()

    def is_there(self, table):
        return stoa("sql", "-q", f"DESCRIBE {table}", url=self.daemon.url)[0] == 0

    def write(self, name, data):
        path = self.home / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path


class StreamTests(InputCase):
    def test_standard_input_is_read_like_a_file(self):
        text = b"a,b\n1,x\n2,y\n"
        self.load("-", "--table", "piped", "--create", data=text)
        self.assertEqual(self.rows("SELECT * FROM piped"), ["1,x", "2,y"])
        self.load("-", "--table", "piped", data=gzip.compress(text))
        self.assertEqual(self.rows("SELECT count(*) FROM piped"), ["4"])
        with open(self.write("redirected.csv", text)) as file:
            self.load("-", "--table", "redirected", "--create", stdin=file)
        self.assertEqual(self.rows("SELECT * FROM redirected"), ["1,x", "2,y"])

    def test_standard_input_needs_a_table_and_comes_once(self):
        self.assertIn("--table", self.load("-", "--create", data=b"a\n1\n", code=1))
        self.assertIn("once", self.load("-", "-", "--table", "x", data=b"a\n1\n", code=1))
        self.assertIn("no records", self.load("-", "--table", "x", "--create", data=b"", code=1))

    def test_a_fifo_and_a_descriptor_are_read(self):
        path = self.home / "fifo.csv"
        os.mkfifo(path)
        writer = threading.Thread(target=path.write_bytes, args=(b"a,b\n1,x\n2,y\n",))
        writer.start()
        self.load(path, "--create")
        writer.join(30)
        self.assertEqual(self.rows("SELECT * FROM fifo"), ["1,x", "2,y"])
        self.load("/dev/stdin", "--table", "by_path", "--create", data=b"a,b\n1,x\n")
        self.assertEqual(self.rows("SELECT * FROM by_path"), ["1,x"])
        self.assertIn("no records", self.load("/dev/null", "--table", "x", "--create", code=1))

    def test_a_late_misfit_in_a_pipe_begins_again_from_what_was_kept(self):
        lines = "".join(f"{i}\n" for i in range(30_000))
        said = self.load("-", "--table", "late", "--create", data=f"a\n{lines}x7\n".encode())
        self.assertIn("widened", said)
        self.assertEqual(self.rows("SELECT count(*), max(a) FROM late"), ["30001,x7"])

    def test_a_late_misfit_behind_what_was_kept_ends_the_load_with_what_to_do(self):
        head, line = b"a,b\n", b"1," + b"x" * 97 + b"\n"
        data = head + line * 700_000 + b"x7,y\n"
        self.assertGreater(len(data), 64 << 20)
        said = self.load("-", "--table", "long", "--create", data=data, code=1)
        self.assertIn("standard input", said)
        self.assertIn("hint", said)
        self.assertFalse(self.is_there("long"))

    def test_directories_and_missing_files_are_named(self):
        self.assertIn("directory", self.load(self.home, "--create", code=1))
        self.assertIn("nowhere.csv", self.load("nowhere.csv", "--create", code=1))


class SeveralFilesTests(InputCase):
    def test_several_files_are_one_load_with_one_label(self):
        first = self.write("day1.csv", "a,b\n1,x\n2,y\n")
        second = self.write("day2.csv", "b;a\nz;3\nw;4.5\n")
        third = self.write("day3.csv.gz", gzip.compress(b"A,B\n7,v\n"))
        said = self.load(first, second, third, "--table", "days", "--create", "--label", "l1")
        self.assertIn("3 files", said)
        self.assertEqual(
            self.rows("SELECT a, b FROM days"), ["1.0,x", "2.0,y", "3.0,z", "4.5,w", "7.0,v"])
        said = self.load(third, "--table", "days", "--label", "l1", code=3)
        self.assertIn("DUPLICATE_LABEL", said)
        self.load(first, second, "--table", "days")
        self.assertEqual(self.rows("SELECT count(*) FROM days"), ["9"])

    def test_a_fault_in_the_last_file_leaves_nothing_of_the_first(self):
        first = self.write("good.csv", "a,b\n" + "1,x\n" * 5_000)
        second = self.write("cut.csv.gz", gzip.compress(b"a,b\n" + os.urandom(99_999).hex().encode()
                                                        + b",y\n")[:-20])
        self.assertIn("too early", self.load(first, second, "--table", "none", "--create", code=1))
        self.assertFalse(self.is_there("none"))

    def test_files_without_the_same_columns_are_refused_by_name(self):
        first = self.write("one.csv", "a,b\n1,2\n")
        table = [
            ("two.csv", "a,c\n1,2\n", '"b"'), ("more.csv", "a,b,c\n1,2,3\n", '"c"'),
            ("bare.csv", "5,6\n7,8\n", "header"),
        ]
        for name, text, part in table:
            with self.subTest(name=name):
                said = self.load(first, self.write(name, text), "--table", "n", "--create", code=1)
                self.assertIn(part, said)
                self.assertIn(name, said)
        self.assertFalse(self.is_there("n"))

    def test_a_header_of_the_first_file_is_the_header_of_the_others(self):
        first = self.write("typed.csv", "name,city\nAda,Rom\n1,2\n")
        second = self.write("text.csv", "name,city\nname,city\nBob,Ulm\n")
        self.load(first, second, "--table", "people", "--create", "--header")
        self.load(first, second, "--table", "people2", "--create")
        self.assertEqual(
            self.rows("SELECT name FROM people"), self.rows("SELECT name FROM people2"))

    def test_rejected_rows_name_their_file_and_their_line(self):
        first = self.write("r1.csv", "a,b\n1,x\n2\n")
        second = self.write("r2.csv", "a,b\n3,x\n4,y\n5\n")
        self.load(first, second, "--table", "r", "--create", code=4)
        rejected = (self.home / "r1.csv.rejected").read_text()
        self.assertIn(f'"{first}",3,', rejected)
        self.assertIn(f'"{second}",4,', rejected)
        self.assertEqual(self.rows("SELECT count(*) FROM r"), ["3"])


class LongFileTests(InputCase):
    def test_a_bomb_passes_through_bounded_memory(self):
        # 200 MB of rows in 1 MB, and one line of 40 MB.
        path = self.home / "bomb.csv.gz"
        with gzip.open(path, "wb", compresslevel=1) as file:
            file.write(b"a,b\n")
            for _ in range(20):
                file.write((b"1," + b"x" * 97 + b"\n") * 100_000)
            file.write(b"2," + b"y" * 40_000_000 + b"\n3,z\n")
        limit = 1_000 << 20

        def bounded():
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        said = self.load(
            path, "--table", "bomb", "--create", "--threads", "1", code=4, preexec_fn=bounded)
        self.assertIn("1 row rejected", said)
        self.assertEqual(
            self.rows("SELECT a, count(*) FROM bomb GROUP BY a ORDER BY a"), ["1,2000000", "3,1"])

    def test_a_file_that_grows_meanwhile_is_not_loaded(self):
        path = self.write("growing.csv", "a\n" + "1234567\n" * 2_000_000)
        stops = threading.Event()

        def grow():
            while not stops.wait(0.001):
                with open(path, "a") as file:
                    file.write("7\n")
        writer = threading.Thread(target=grow)
        writer.start()
        try:
            said = self.load(path, "--create", code=1)
        finally:
            stops.set()
            writer.join(30)
        self.assertIn("changed", said)
        self.assertFalse(self.is_there("growing"))


class CommitDoubtTests(InputCase):
    def test_a_connection_lost_between_commit_and_answer_says_what_is_known(self):
        for ends, count in [("after", "2"), ("before", "0")]:
            with self.subTest(ends=ends):
                table = f"doubt_{ends}"
                path = self.write("doubt.csv", "a,b\n1,x\n2,y\n")
                with CommitProxy(self.daemon.port, ends) as proxy:
                    said = self.load(
                        path, "--table", table, "--create", "--label", "monday", code=2,
                        url=proxy.url)
                self.assertIn("is not known", said)
                self.assertIn("2 rows", said)
                self.assertIn("--label monday", said)
                self.assertEqual(self.is_there(table), ends == "after")
                # The same command again: stored once, whatever became of the first.
                said = self.load(
                    path, "--table", table, "--create", "--label", "monday",
                    code=3 if ends == "after" else 0)
                self.assertEqual("DUPLICATE_LABEL" in said, ends == "after", said)
                self.assertEqual(self.rows(f"SELECT count(*) FROM {table}"), ["2"])

    def test_without_a_label_the_sentence_names_it(self):
        path = self.write("doubt.csv", "a,b\n1,x\n2,y\n")
        with CommitProxy(self.daemon.port, "after") as proxy:
            said = self.load(path, "--table", "unnamed", "--create", code=2, url=proxy.url)
        self.assertIn("is not known", said)
        self.assertIn("--label", said)

    def test_a_connection_lost_before_the_commit_says_that_nothing_was_stored(self):
        # More than may be on its way at once, so that the loss is seen before the commit.
        path = self.write("lost.csv", b"a\n" + os.urandom(16 << 20).hex(",", 40).encode().replace(
            b",", b"\n") + b"\n")
        with CommitProxy(self.daemon.port, "batch") as proxy:
            said = self.load(path, "--table", "lost", "--create", code=2, url=proxy.url)
        self.assertIn("nothing", said)
        self.assertFalse(self.is_there("lost"))

    def test_an_interrupt_during_the_commit_says_what_is_known(self):
        path = self.write("doubt.csv", "a,b\n1,x\n2,y\n")
        with CommitProxy(self.daemon.port, "never") as proxy:
            process = subprocess.Popen(
                [program("stoa"), "import", path, "--table", "cut_off", "--create"],
                stderr=subprocess.PIPE, env=clean_environment(STOA_URL=proxy.url))
            self.assertTrue(proxy.committed.wait(60))
            time.sleep(0.2)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertIn(b"is not known", errors)

    def test_a_daemon_killed_between_commit_and_answer_keeps_all_rows_or_none(self):
        path = self.write("doubt.csv", "a,b\n1,x\n2,y\n")
        data = self.home / "other"
        with Daemon(data) as daemon, CommitProxy(daemon.port, "never") as proxy:
            process = subprocess.Popen(
                [program("stoa"), "import", path, "--table", "t", "--create", "--label", "l"],
                stderr=subprocess.PIPE, env=clean_environment(STOA_URL=proxy.url))
            self.assertTrue(proxy.committed.wait(60))
            daemon.kill()
            proxy.close()
            _, errors = process.communicate(timeout=60)
        self.assertIn(b"is not known", errors)
        self.assertEqual(process.returncode, 2)
        with Daemon(data) as daemon:
            said = self.load(path, "--table", "t", "--create", "--label", "l", code=3,
                             url=daemon.url)
            self.assertIn("DUPLICATE_LABEL", said)
            _, output, _ = stoa("sql", "--csv", "--no-header", "-q", "SELECT count(*) FROM t",
                                url=daemon.url)
            self.assertEqual(output.strip(), "2")
