# SPDX-License-Identifier: Apache-2.0
"""Clients of the servers under test: single requests, and the load client."""
import json
import os
import re
import select
import socket
import subprocess

from . import paths, procs


def free_port(family=socket.AF_INET, kind=socket.SOCK_STREAM):
    """A port that nobody uses now.

    Below the range the kernel takes ports of outgoing connections from, so
    that the load of another test cannot sit on it.
    """
    host = "::1" if family == socket.AF_INET6 else "127.0.0.1"
    start = free_port.next
    for offset in range(8000):
        port = 20000 + (start - 20000 + offset) % 8000
        with socket.socket(family, kind) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        free_port.next = port + 1
        return port
    raise AssertionError("no free port between 20000 and 28000")


free_port.next = 20000 + os.getpid() * 37 % 8000


def connect(address, timeout_s=5.0):
    """A connected stream socket: port, (host, port), "unix:..." ."""
    if isinstance(address, int):
        address = ("127.0.0.1", address)
    if isinstance(address, str):
        name = address.removeprefix("unix:")
        if name.startswith("@"):
            name = "\0" + name[1:]
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(timeout_s)
        try:
            sock.connect(name)
        except OSError:
            sock.close()
            raise
        return sock
    return socket.create_connection(address, timeout=timeout_s)


def get(address, path="/", timeout_s=5.0):
    """(status, headers, body) of one request on a connection of its own."""
    with connect(address, timeout_s) as sock:
        sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n"
                     "Connection: close\r\n\r\n".encode())
        data = b""
        while chunk := sock.recv(65536):
            data += chunk
    head, gap, body = data.partition(b"\r\n\r\n")
    if not gap:
        raise ConnectionError(f"no whole answer: {data[:80]!r}")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.strip().lower(): value.strip() for name, _, value in
               (line.partition(":") for line in lines[1:])}
    if "chunked" in headers.get("transfer-encoding", ""):
        body = b"".join(chunk.split(b"\r\n", 1)[1]
                        for chunk in re.findall(
                            rb"[0-9a-fA-F]+\r\n.+?(?=\r\n)", body, re.S))
    return int(lines[0].split()[1]), headers, body.decode(errors="replace")


def pid_of(address, path="/", timeout_s=5.0):
    """The pid that answered."""
    status, headers, body = get(address, path, timeout_s)
    assert status == 200, f"status {status}: {body[:200]}"
    text = headers.get("x-pid") or re.search(r"pid (\d+)", body).group(1)
    return int(text)


def answers_from(address, pids, timeout_s=20.0):
    """Wait until each of `pids` has answered (several at once, so that every
    worker is woken)."""
    seen = set()
    wanted = set(pids)

    def ask():
        socks = []
        try:
            for _ in range(4 * len(wanted)):
                sock = connect(address)
                socks.append(sock)
                sock.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n"
                             b"Connection: close\r\n\r\n")
            for sock in socks:
                data = b""
                while chunk := sock.recv(65536):
                    data += chunk
                if found := re.search(rb"(?i)x-pid: *(\d+)|pid (\d+)", data):
                    seen.add(int(found.group(1) or found.group(2)))
        finally:
            for sock in socks:
                sock.close()
        return wanted <= seen

    procs.wait_for(ask, f"all of {sorted(wanted)} answer", timeout_s)
    return seen


def refuses(address):
    """True if nobody listens there."""
    try:
        connect(address).close()
    except (ConnectionRefusedError, FileNotFoundError):
        return True
    return False


class Load:
    """The load client, running until the `with` block ends.

    with Load(port, "keep") as load:
        ...                              # under load
    load.result["failed"] == 0
    """

    def __init__(self, address, mode, connections=16, think_ms=8,
                 timeout_ms=15000, path="/"):
        if isinstance(address, int):
            url = f"http://127.0.0.1:{address}{path}"
        elif isinstance(address, tuple):
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            url = f"http://{host}:{address[1]}{path}"
        else:
            url = address
        self.mode = mode
        self.proc = None
        self.result = None
        self.argv = [str(paths.LOAD), "--url", url, "--mode", mode,
                     "--connections", str(connections),
                     "--think-ms", str(think_ms),
                     "--timeout-ms", str(timeout_ms),
                     "--until-stdin-closes", "--announce"]

    def begin(self):
        """Start it without waiting for an answer."""
        self.proc = subprocess.Popen(
            self.argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        self.begin()
        ready, _, _ = select.select([self.proc.stderr], [], [], 20)
        line = self.proc.stderr.readline() if ready else ""
        if line != "answered\n":
            self.finish()
            raise AssertionError("load client: not every connection has had "
                                 f"an answer: {line} {self.result}")
        return self

    def __exit__(self, kind, value, trace):
        self.finish()
        return False

    def finish(self):
        out, err = self.proc.communicate(timeout=60)
        assert self.proc.returncode == 0, err
        self.result = json.loads(out)

    @property
    def failures(self):
        """{kind: count} of those that happened."""
        return {kind: count for kind, count
                in self.result["failures"].items() if count}

    def expect_no_failure(self):
        assert self.result["failed"] == 0, (
            f"{self.mode}: {self.result['failed']} of "
            f"{self.result['requests']} failed: {self.failures}, first "
            f"{self.result['first_failure']}")
        assert self.result["ok"] > 0


class BothLoads:
    """One connection a request and keep-alive, at the same time."""

    def __init__(self, address, modes=("close", "keep"), **options):
        self.loads = [Load(address, mode, **options) for mode in modes]

    def __enter__(self):
        started = []
        try:
            for load in self.loads:
                started.append(load.__enter__())
        except BaseException:
            for load in started:
                load.finish()
            raise
        return self

    def __exit__(self, kind, value, trace):
        for load in self.loads:
            load.finish()
        return False

    def expect_no_failure(self):
        for load in self.loads:
            load.expect_no_failure()

    def pids(self):
        """Every pid that answered."""
        return {int(pid) for load in self.loads for pid in load.result["pids"]}
