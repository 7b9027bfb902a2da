"""What the suites share: the built programs, a daemon on a free port, the driver.

Programs run as an ordinary user, whoever started the suites; see user.py.
"""

import os
import re
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from user import ROOT, as_root, can_be_root, drop, python  # noqa: F401

SAMPLE = ROOT / "tools" / "samples" / "birdstrikes.csv"
sys.path.insert(0, str(ROOT / "tools" / "python"))


def program(name):
    """The path of a built program; the tools say in BIN_PATH where they built it."""
    folder = os.environ.get("BIN_PATH")
    if not folder:
        raise SystemExit("start the suites with tools/test --python")
    return str(Path(folder) / name)


def clean_environment(**extra):
    """The environment without anybody's own STOA_ variables."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STOA_")}
    return {**kept, **extra}


class Daemon:
    """A stoad of the test's own; it is ended by its process id and by nothing else.

    `path` is another stoad than the built one. Further options are those of `subprocess.Popen`.
    """

    READY = re.compile(r"listening on (\S+):(\d+), data in (.+)")

    def __init__(self, directory, *options, environment=None, wait=True, path=None, **process):
        self.directory = str(directory)
        self.log = tempfile.TemporaryFile(mode="w+b")
        arguments = [path or program("stoad"), "--data-dir", self.directory]
        if "--listen" not in options:
            arguments += ["--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            self.command([*arguments, *options]), stdout=subprocess.PIPE, stderr=self.log,
            env=clean_environment() if environment is None else environment,
            **{**drop(), **process})
        self.port = None
        if wait:
            self.wait_ready()

    def command(self, arguments):
        """The command line; a suite may put something in front of it."""
        return arguments

    def wait_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            readable = left > 0 and select.select([self.process.stdout], [], [], left)[0]
            chunk = os.read(self.process.stdout.fileno(), 1) if readable else b""
            if not chunk:
                self.kill()
                raise AssertionError(f"stoad did not start: {self.log_text()}")
            line += chunk
        match = self.READY.match(line.decode())
        if not match:
            self.kill()
            raise AssertionError(f"unexpected first line: {line!r}")
        self.port = int(match.group(2))

    @property
    def url(self):
        return f"stoa://127.0.0.1:{self.port}"

    def connect(self):
        import stoa
        return stoa.connect(self.url)

    def log_text(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")

    @property
    def is_running(self):
        return self.process.poll() is None

    def stop(self, seconds=30):
        """SIGTERM; returns the exit code."""
        if self.is_running:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"stoad did not stop: {self.log_text()}") from None
        finally:
            self.process.stdout.close()

    def kill(self):
        """kill -9."""
        if self.is_running:
            self.process.kill()
        self.process.wait()
        if not self.process.stdout.closed:
            self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()
        self.log.close()


def stoa(*arguments, url=None, text=None, environment=None, seconds=120, path=None, **process):
    """Runs the command line; returns (exit code, stdout, stderr).

    `path` is another stoa than the built one. Further options are those of `subprocess.run`.
    """
    extra = {"STOA_URL": url} if url else {}
    done = subprocess.run(
        [path or program("stoa"), *map(str, arguments)], input=text, capture_output=True, text=True,
        timeout=seconds, env=environment or clean_environment(**extra), **{**drop(), **process})
    return done.returncode, done.stdout, done.stderr


def refused_start(directory, *options, environment=None, seconds=30, **process):
    """Starts a stoad that must not start; returns (exit code, stderr).

    Further options are those of `subprocess.run`.
    """
    arguments = [program("stoad"), "--data-dir", str(directory)]
    if "--listen" not in options:
        arguments += ["--listen", "127.0.0.1:0"]
    done = subprocess.run(
        [*arguments, *options], capture_output=True, text=True, timeout=seconds,
        env=environment or clean_environment(), **{**drop(), **process})
    return done.returncode, done.stderr


def snapshot_of(directory):
    """Every name beneath a directory with its bytes: to show that nothing was touched."""
    found = {}
    for path in sorted(Path(directory).rglob("*")):
        found[str(path.relative_to(directory))] = path.read_bytes() if path.is_file() else None
    return found


def error_name(error):
    """The stable name of an error of the server: `UNKNOWN_TABLE`; empty for other errors."""
    return getattr(error, "name", "") or ""
