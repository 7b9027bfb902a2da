"""The user whom the suites are run by: an ordinary one, also where root started them.

Root may write read-only files, set every socket option and lock all memory, so what only works for
root works in a suite of root. `become_ordinary` makes the suites' own process act as an ordinary
user; programs that `harness` starts are that user's with no way back. What needs root, like a
control group or a mount, is done in `with as_root():`.
"""

import contextlib
import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Whom Linux calls nobody: owns nothing that is there before.
ORDINARY = 65534

# Whether root started the suites; then some cases can be tried that others cannot.
can_be_root = os.getuid() == 0
# Says to a copy that it is one.
COPY = "STOA_TEST_COPY"


def drop():
    """Options of `subprocess` for a program of an ordinary user."""
    return {"user": ORDINARY, "group": ORDINARY} if can_be_root else {}


@contextlib.contextmanager
def as_root():
    """Acts as root for a while; programs of `subprocess` are root's unless they `drop`."""
    if not can_be_root:
        raise RuntimeError("root did not start the suites")
    before = os.geteuid(), os.getegid()
    os.seteuid(0)
    os.setegid(0)
    try:
        yield
    finally:
        os.setegid(before[1])
        os.seteuid(before[0])
        read_everywhere()


def read_everywhere():
    """Lets this process read what is root's: Python may be, and loads modules late.

    No program inherits it, and nothing may be written by it.
    """
    if os.geteuid() != 0 and not can_read([sys.executable]):
        version, read_search = 0x20080522, 1 << 2  # CAP_DAC_READ_SEARCH
        header = (ctypes.c_uint32 * 2)(version, 0)
        sets = (ctypes.c_uint32 * 6)()
        libc = ctypes.CDLL(None, use_errno=True)
        libc.capget(header, sets)
        sets[0] |= read_search & sets[1]
        libc.capset(header, sets)


def python():
    """A Python that an ordinary user can start."""
    found = [path for path in (sys.executable, "/usr/bin/python3") if can_read([path])]
    if not found:
        raise RuntimeError(f"no Python but root's {sys.executable}; install python3")
    return found[0]


def become_ordinary():
    """Acts as an ordinary user from here on, with a temporary directory and a home of its own.

    Returns what takes them away again. Does nothing for whoever is no root.
    """
    if not can_be_root:
        return lambda: None
    folder = tempfile.mkdtemp(prefix="stoa-suites-", dir="/tmp")
    os.chown(folder, ORDINARY, ORDINARY)
    os.environ.update(HOME=folder, TMPDIR=folder, USER="nobody", LOGNAME="nobody")
    tempfile.tempdir = None
    os.setgroups([])
    os.setegid(ORDINARY)
    os.seteuid(ORDINARY)
    read_everywhere()

    def leave():
        with as_root():
            shutil.rmtree(folder, ignore_errors=True)
    return leave


def can_read(paths):
    """Whether an ordinary user may read all of them, and look into what stands above them."""
    return all(
        subprocess.run(["/usr/bin/test", "-r", path], **drop()).returncode == 0 for path in paths)


def run_elsewhere(programs):
    """Runs this very command in a copy of the tree that every user may read; returns its code.

    Root's clone may stand where no other user may look.
    """
    folder = Path(tempfile.mkdtemp(prefix="stoa-tree-", dir="/tmp"))
    try:
        folder.chmod(0o755)
        copy = folder / "tree"
        shutil.copytree(
            ROOT, copy, symlinks=True, ignore=shutil.ignore_patterns(".git", ".build*", ".venv*"))
        (folder / "bin").mkdir(mode=0o755)
        for program in programs:
            shutil.copy(program, folder / "bin")
        subprocess.run(["chmod", "-R", "a+rX", folder], check=True)
        script = copy / Path(__file__).resolve().relative_to(ROOT).with_name("run.py")
        return subprocess.call(
            [sys.executable, script, *sys.argv[1:]],
            env={**os.environ, "BIN_PATH": str(folder / "bin"), COPY: "1"})
    finally:
        shutil.rmtree(folder, ignore_errors=True)
