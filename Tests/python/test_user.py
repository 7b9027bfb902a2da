"""stoad and stoa are any user's, not only root's, and need what every system has."""

import os
import re
import resource
import shutil
import stat
import subprocess
import tempfile
import unittest
from pathlib import Path

from harness import (
    SAMPLE, Daemon, as_root, can_be_root, clean_environment, program, refused_start, stoa)
from user import ORDINARY

# What every Linux has: the C library's parts, and the C++ compiler's run-time.
SYSTEM = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libpthread.so.0",
          "libdl.so.2", "librt.so.1"}


def needed_libraries(path):
    """{name: file} of the shared libraries of a program, the loader under its own path."""
    text = subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout
    named = dict(re.findall(r"(\S+) => (/\S+)", text))
    return named, re.search(r"^\s*(/\S*ld-linux\S*)", text, re.MULTILINE).group(1)


class Programs(unittest.TestCase):
    """What the cases share."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="stoa-user-")
        self.addCleanup(self.folder.cleanup)
        self.directory = Path(self.folder.name) / "data"

    def assert_works(self, daemon, source=SAMPLE, **options):
        """Sign of life, load and answer of the command line, and an answer of the client."""
        code, output, errors = stoa("ping", url=daemon.url, **options)
        self.assertEqual(code, 0, output + errors)
        code, _, errors = stoa("import", source, "--table", "t", "--create", url=daemon.url,
                               **options)
        self.assertEqual(code, 0, errors)
        code, output, errors = stoa(
            "sql", "SELECT count(*) FROM t", "--csv", "--no-header", url=daemon.url, **options)
        self.assertEqual((code, output), (0, "10000\n"), errors)
        with daemon.connect() as connection:
            self.assertEqual(connection.query("SELECT count(*) FROM t").rows, [(10_000,)])


class UserTests(Programs):
    def test_the_programs_are_an_ordinary_users_and_so_are_the_files(self):
        with Daemon(self.directory) as daemon:
            status = Path(f"/proc/{daemon.process.pid}/status").read_text()
            ids = re.search(r"^Uid:\s+(.*)$", status, re.MULTILINE).group(1).split()
            self.assertNotIn("0", ids)
            self.assertEqual(re.search(r"^CapEff:\s+(\w+)", status, re.MULTILINE).group(1),
                             "0" * 16)
            self.assert_works(daemon)
            self.assertEqual(daemon.stop(), 0)
        # Nobody else may look: rows are the owner's.
        for path in [self.directory, *self.directory.rglob("*")]:
            mode = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(mode, 0o700 if path.is_dir() else 0o600, path)
            self.assertEqual(path.stat().st_uid, int(ids[0]), path)

    def test_segments_that_nobody_may_write_are_read(self):
        with Daemon(self.directory) as daemon:
            self.assert_works(daemon)
            self.assertEqual(daemon.stop(), 0)
        segments = list((self.directory / "seg").iterdir())
        self.assertTrue(segments)
        for path in segments:
            path.chmod(0o400)
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            self.assertEqual(connection.query("SELECT count(*) FROM t").rows, [(10_000,)])
            # A file's own permissions do not keep its directory's owner from removing it.
            connection.query("DROP TABLE t")
            self.assertEqual(daemon.stop(), 0)

    def test_files_that_may_not_be_read_or_written_are_named_in_a_sentence(self):
        config = Path(self.folder.name) / "stoad.yaml"
        config.write_text("workers: 1\n")
        config.chmod(0)
        code, errors = refused_start(self.directory, "--config", config)
        self.assertEqual(code, 1)
        self.assertIn("error [INVALID_SETTING]", errors)
        self.assertIn(str(config), errors)
        self.assertFalse(self.directory.exists())
        with Daemon(self.directory) as daemon:
            self.assert_works(daemon)
            self.assertEqual(daemon.stop(), 0)
        log = next((self.directory / "wal").iterdir())
        for path, mode in ((log, 0), (self.directory / "wal", 0o500), (self.directory, 0o500),
                           (self.directory / "LOCK", 0o400), (self.directory / "CURRENT", 0)):
            before = stat.S_IMODE(path.stat().st_mode)
            path.chmod(mode)
            with self.subTest(path=path.name):
                code, errors = refused_start(self.directory)
                path.chmod(before)
                self.assertEqual(code, 1, errors)
                self.assertRegex(errors, r"error \[\w+\] ")
                self.assertIn(self.directory.name, errors)
                self.assertNotIn("Fatal", errors)
        with Daemon(self.directory) as daemon, daemon.connect() as connection:
            self.assertEqual(connection.query("SELECT count(*) FROM t").rows, [(10_000,)])
        source = Path(self.folder.name) / "rows.csv"
        source.write_text("a\n1\n")
        source.chmod(0)
        with Daemon(self.directory) as daemon:
            code, _, errors = stoa("import", source, url=daemon.url)
            self.assertEqual(code, 1, errors)
            self.assertIn("rows.csv", errors)
            self.assertRegex(errors, r"[Pp]ermission|may not|cannot be read")

    def test_neither_home_nor_a_temporary_directory_nor_locked_memory_is_needed(self):
        environment = clean_environment(TMPDIR="/nonexistent")
        environment.pop("HOME")

        def limit():
            resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            resource.setrlimit(resource.RLIMIT_RTPRIO, (0, 0))

        with Daemon(self.directory, environment=environment, preexec_fn=limit) as daemon:
            self.assert_works(
                daemon, environment={**environment, "STOA_URL": daemon.url}, preexec_fn=limit)
            # Beyond its memory, so that it goes to the disk.
            code, output, errors = stoa(
                "sql", "SET memory = '2MiB'; SELECT a.\"Wildlife Species\" AS s FROM t a "
                "ORDER BY s, a.\"Record ID\" LIMIT 1 OFFSET 9999", url=daemon.url)
            self.assertEqual(daemon.stop(), 0)

    def test_a_limit_of_file_size_is_an_error_and_no_death(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))

        code, errors = refused_start(self.directory, preexec_fn=limit)
        self.assertEqual(code, 1, errors)
        self.assertIn("error [", errors)
        with Daemon(self.directory) as daemon:
            self.assertEqual(daemon.stop(), 0)

    def test_only_libraries_that_every_system_has_are_needed(self):
        for name in ("stoad", "stoa"):
            libraries, _ = needed_libraries(program(name))
            self.assertLessEqual(set(libraries), SYSTEM, name)


if can_be_root:

    class RootTests(Programs):
        """What takes root to try."""

        def test_a_daemon_of_root_serves_everybody_and_its_directory_is_its_own(self):
            with as_root():
                directory = tempfile.mkdtemp(prefix="stoa-root-", dir="/tmp")
                os.chmod(directory, 0o755)
                self.addCleanup(self.remove, directory)
                data = Path(directory) / "data"
                with Daemon(data, user=None, group=None) as daemon:
                    status = Path(f"/proc/{daemon.process.pid}/status").read_text()
                    self.assertIn("Uid:\t0\t0\t0\t0", status)
                    self.assert_works(daemon)
                    self.assertEqual(daemon.stop(), 0)
            code, errors = refused_start(data)
            self.assertEqual(code, 1, errors)
            self.assertIn("error [DIRECTORY_UNUSABLE]", errors)
            self.assertIn(str(data), errors)

        @staticmethod
        def remove(directory):
            with as_root():
                shutil.rmtree(directory)

        def test_both_programs_work_in_a_bare_root(self):
            """Nothing there but the programs, five libraries, and a directory of the user's: no
            /proc, /dev, /etc or /tmp, and nothing else may be written."""
            with as_root():
                root = Path(tempfile.mkdtemp(prefix="stoa-bare-", dir="/tmp"))
                self.addCleanup(self.remove, root)
                root.chmod(0o755)
                (root / "bin").mkdir()
                for name in ("stoad", "stoa"):
                    libraries, loader = needed_libraries(program(name))
                    shutil.copy(program(name), root / "bin")
                    for file in [*libraries.values(), loader]:
                        (root / file[1:]).parent.mkdir(parents=True, exist_ok=True)
                        shutil.copy(file, root / file[1:])
                shutil.copy(SAMPLE, root / "rows.csv")
                (root / "home").mkdir(mode=0o700)
                os.chown(root / "home", ORDINARY, ORDINARY)

                def enter():
                    os.chroot(root)
                    os.chdir("/")
                    os.setgid(ORDINARY)
                    os.setuid(ORDINARY)

                inside = {"user": None, "group": None, "preexec_fn": enter, "environment": {}}
                with Daemon("/home/data", path="/bin/stoad", **inside) as daemon:
                    inside["environment"] = {"STOA_URL": daemon.url}
                    self.assert_works(daemon, "/rows.csv", path="/bin/stoa", **inside)
                    self.assertEqual(daemon.stop(), 0)
                    self.assertNotIn("warning", daemon.log_text())
