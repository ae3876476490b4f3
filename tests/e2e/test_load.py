# SPDX-License-Identifier: Apache-2.0
"""The load client itself: every kind of failure is seen and named."""
import contextlib
import json
import socket
import subprocess
import threading

import pytest

from harness import paths
from harness.client import free_port

OK = b"HTTP/1.1 200 OK\r\nX-Pid: 7\r\nContent-Length: 2\r\n\r\nok"


def read_request(conn):
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = conn.recv(4096)
        if not chunk:
            return False
        data += chunk
    return True


def answer(conn, reply, then_close):
    while read_request(conn):
        conn.sendall(reply)
        if then_close:
            break


def reset(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    b"\1\0\0\0\0\0\0\0")
    conn.close()


def second_request_dies(conn):
    """Good once; then reads the next request and closes."""
    answer(conn, OK, then_close=True)
    read_request(conn)


def hang(conn):
    read_request(conn)
    conn.recv(1)


BEHAVIOURS = {
    "fine": lambda conn: answer(conn, OK, False),
    "one_each": lambda conn: answer(conn, OK.replace(
        b"\r\nContent", b"\r\nConnection: close\r\nContent"), True),
    "eof_before_response": read_request,
    "reset": lambda conn: (read_request(conn), reset(conn)),
    "eof_in_response": lambda conn: answer(conn, OK[:-1], True),
    "half_a_head": lambda conn: answer(conn, OK[:20], True),
    "status_5xx": lambda conn: answer(
        conn, OK.replace(b"200 OK", b"503 Busy"), False),
    "not_http": lambda conn: answer(conn, b"hello\r\n\r\n", True),
    "too_long": lambda conn: answer(conn, OK + b"!", True),
    "stale": second_request_dies,
    "timeout": hang,
    "chunked": lambda conn: answer(
        conn, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"6\r\npid 42\r\n0\r\n\r\n", False),
}


@contextlib.contextmanager
def server(behaviour):
    port = free_port()
    listener = socket.create_server(("127.0.0.1", port), backlog=64)
    conns = []

    def handle(conn):
        with contextlib.suppress(OSError), conn:
            behaviour(conn)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                conn = listener.accept()[0]
                conns.append(conn)
                threading.Thread(target=handle, args=(conn,)).start()

    thread = threading.Thread(target=accept)
    thread.start()
    try:
        yield port
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
        for conn in conns:
            with contextlib.suppress(OSError):
                conn.shutdown(socket.SHUT_RDWR)


def load(port, mode="keep", *more):
    done = subprocess.run(
        [paths.LOAD, "--url", f"http://127.0.0.1:{port}/", "--connections",
         "2", "--mode", mode, "--think-ms", "5", "--duration-ms", "300",
         "--timeout-ms", "100", *more], check=True, stdout=subprocess.PIPE,
        text=True, timeout=30)
    return json.loads(done.stdout)


@pytest.mark.parametrize("mode", ["keep", "close"])
@pytest.mark.parametrize("what", ["fine", "one_each", "chunked"])
def test_counts_answers(what, mode):
    with server(BEHAVIOURS[what]) as port:
        result = load(port, mode)
    assert result["failed"] == 0
    assert result["ok"] == result["requests"] > 2
    assert result["pids"] == {"42" if what == "chunked" else "7": result["ok"]}
    assert 0 < result["latency_ms"]["p50"] <= result["latency_ms"]["max"]
    if mode == "close" or what == "one_each":
        assert result["connects"] == result["requests"]
    else:
        assert result["connects"] == 2


@pytest.mark.parametrize("what, kind", [
    ("eof_before_response", "eof_before_response"),
    ("reset", "reset"),
    ("eof_in_response", "eof_in_response"),
    ("half_a_head", "eof_in_response"),
    ("status_5xx", "status_5xx"),
    ("not_http", "other"),
    ("too_long", "other"),
    ("timeout", "timeout"),
])
def test_names_a_failure(what, kind):
    with server(BEHAVIOURS[what]) as port:
        result = load(port)
    assert result["failed"] == result["requests"] > 0
    assert result["failures"][kind] == result["failed"], result
    assert result["first_failure"]["kind"] == kind


def test_a_reused_connection_that_dies_is_a_failure():
    with server(BEHAVIOURS["stale"]) as port:
        result = load(port)
    assert result["failures"]["stale"] == result["failed"] > 0
    assert result["ok"] >= result["failed"]


def test_a_refused_connection_is_a_failure():
    result = load(free_port(), "close")
    assert result["failures"]["refused"] == result["requests"] > 0
    assert result["first_failure"]["errno"] == "Connection refused"


def test_an_idle_connection_that_ends_is_none():
    """The server closes 20 ms after an answer; the next request comes later."""
    def close_idle(conn):
        answer(conn, OK, True)
        threading.Event().wait(0.02)

    with server(close_idle) as port:
        result = load(port, "keep", "--think-ms", "60")
    assert result["failed"] == 0, result
    assert result["idle_closed"] > 0
