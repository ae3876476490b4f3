# SPDX-License-Identifier: Apache-2.0
"""What a test must not leave behind: processes, files, sockets."""
import os
import pathlib

from . import procs


def marked(marker):
    """Processes started with this test's marker in their environment."""
    me = os.getpid()
    return [entry for entry in procs.everyone()
            if entry.pid != me and entry.state not in "ZX"
            and procs.environ(entry.pid).get("CLUSTERD_TEST") == marker]


def processes(marker):
    """Every process a test has left: our descendants and those marked."""
    found = {entry.pid: entry for entry in procs.descendants(os.getpid())}
    found.update((entry.pid, entry) for entry in marked(marker))
    return list(found.values())


def unix_sockets():
    """Names of the unix sockets there are that could be ours."""
    names = set()
    with open("/proc/net/unix", encoding="utf-8", errors="replace") as file:
        for line in file.readlines()[1:]:
            fields = line.split(None, 7)
            if len(fields) == 8:
                names.add(fields[7].strip())
    return names


def _files(folder):
    folder = pathlib.Path(folder)
    if not folder.is_dir():
        return set()
    return {str(path) for path in folder.rglob("*") if not path.is_dir()}


class Watch:
    """Taken before a test; leaks() afterwards says what is left, in words.

    Other tests may run on this machine: only what carries the name of this
    test's folders, or descends from us, counts. An abstract socket goes with
    the last process that holds it.
    """

    def __init__(self, marker):
        self.marker = marker
        self.before = {entry.pid for entry in procs.descendants(os.getpid())}

    def leaks(self, folder, empty_folders):
        """`folder`: of this test; `empty_folders`: must be empty now."""
        out = []
        for entry in processes(self.marker):
            if entry.pid in self.before:
                continue
            out.append(f"process {entry.pid} ({procs.cmdline(entry.pid)}), "
                       f"parent {entry.ppid}, state {entry.state}")
            procs.kill(entry.pid)
        out += [f"unix socket {name}" for name in unix_sockets()
                if str(folder) in name or self.marker in name]
        for empty in empty_folders:
            out += [f"file {path}" for path in sorted(_files(empty))]
        return out
