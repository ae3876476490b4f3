# SPDX-License-Identifier: Apache-2.0
"""Processes as /proc shows them, and waiting for things with a deadline."""
import ctypes
import os
import signal
import time

from . import paths

PR_SET_CHILD_SUBREAPER = 36


def rss_max_kb():
    """No process of clusterd may grow beyond this, whatever a peer does. A
    build with sanitizers uses memory several times over."""
    instrumented = b"__asan_init" in paths.MASTER.read_bytes()
    return (512 if instrumented else 64) * 1024


def rss_kb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def become_subreaper():
    """Orphans of the tests come to us, so that none can hide from the count."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def wait_for(condition, what, timeout_s=20.0, interval_s=0.02, alive=None):
    """The first true value of condition(); fails with `what` at the deadline.

    `alive` says why waiting is in vain (text), or None.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        reason = alive() if alive else None
        if reason:
            raise AssertionError(f"{what}: {reason}")
        if time.monotonic() >= deadline:
            raise AssertionError(f"{what}: not so after {timeout_s:g} s")
        time.sleep(interval_s)


class Stat:
    """One process: pid, ppid, state, session, comm, start."""

    def __init__(self, pid):
        with open(f"/proc/{pid}/stat", encoding="utf-8",
                  errors="replace") as file:
            text = file.read()
        self.pid = int(text[:text.index(" ")])
        self.comm = text[text.index("(") + 1:text.rindex(")")]
        rest = text[text.rindex(")") + 2:].split()
        self.state = rest[0]
        self.ppid = int(rest[1])
        self.session = int(rest[3])
        self.start = int(rest[19])


def stat(pid):
    """Stat, or None when there is no such process."""
    try:
        return Stat(pid)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return None


def alive(pid):
    """True unless the process is gone or a zombie."""
    found = stat(pid)
    return found is not None and found.state not in "ZX"


def everyone():
    """A Stat for every process there is."""
    found = (stat(name) for name in os.listdir("/proc") if name.isdigit())
    return [entry for entry in found if entry]


def descendants(pid, zombies=False):
    """All processes below `pid`, itself left out."""
    children = {}
    for entry in everyone():
        children.setdefault(entry.ppid, []).append(entry)
    out, todo = [], [pid]
    while todo:
        for entry in children.get(todo.pop(), ()):
            todo.append(entry.pid)
            if zombies or entry.state not in "ZX":
                out.append(entry)
    return out


def environ(pid):
    """The environment a process was started with, as a dict."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            data = file.read()
    except OSError:
        return {}
    pairs = (item.partition(b"=") for item in data.split(b"\0") if item)
    return {name.decode(errors="replace"): value.decode(errors="replace")
            for name, _, value in pairs}


def cmdline(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(
                errors="replace").strip()
    except OSError:
        return ""


def fds(pid):
    """{number: what it points to} of a process."""
    out = {}
    for number in os.listdir(f"/proc/{pid}/fd"):
        try:
            out[int(number)] = os.readlink(f"/proc/{pid}/fd/{number}")
        except OSError:
            pass
    return out


def kill(pid, signum=signal.SIGKILL):
    try:
        os.kill(pid, signum)
    except ProcessLookupError:
        pass


def reap_adopted():
    """Collect orphans that came to us and have ended."""
    me = os.getpid()
    for entry in descendants(me, zombies=True):
        if entry.ppid == me and entry.state == "Z":
            try:
                os.waitpid(entry.pid, os.WNOHANG)
            except ChildProcessError:
                pass
