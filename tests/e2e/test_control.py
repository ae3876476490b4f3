# SPDX-License-Identifier: Apache-2.0
"""The control socket: its protocol, and clients that do everything wrong."""
import contextlib
import json
import os
import socket
import subprocess
import threading

import pytest

from harness import apps, paths, procs
from harness.clusterd import Rpc, RpcError
from harness.client import free_port


@contextlib.contextmanager
def client(one, timeout_s=10.0):
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(timeout_s)
        sock.connect(str(one.socket))
        yield sock


def answer(sock):
    data = b""
    while not data.endswith(b"\n"):
        chunk = sock.recv(65536)
        if not chunk:
            return None
        data += chunk
    return json.loads(data)


@pytest.fixture
def one(cluster):
    """A cluster, and afterwards the check that it is as it was."""
    running = cluster(apps.one(apps.shell(instances=2)))
    pids, before = running.pids(), running.fd_counts()
    yield running
    assert running.rpc("ping")["pong"]
    assert running.pids() == pids
    running.expect_fd_counts(before)
    assert procs.rss_kb(running.parts()["master"]) < procs.rss_max_kb()


def test_version(one):
    version = one.rpc("version")
    assert version["protocol"] == 1
    assert version["version"][0].isdigit()


@pytest.mark.parametrize("line, code", [
    (b"hello", -32700),
    (b"{\"jsonrpc\":", -32700),
    (b"\xff\xfe\x00", -32700),
    (b"[7]", -32600),
    (b"{}", -32600),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1}", -32600),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":7}", -32600),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"nonsense\"}", -32601),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scale\"}", -32602),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scale\","
     b"\"params\":{\"to\":\"x\"}}", -32602),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"describe\","
     b"\"params\":{\"selector\":\"nobody\"}}", 2),
    (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"stop\","
     b"\"params\":{\"selector\":\"/[/\"}}", -32602),
])
def test_a_wrong_request_has_its_code(one, line, code):
    with client(one) as sock:
        sock.sendall(line + b"\n")
        got = answer(sock)
    assert got is not None, "the connection was closed without an answer"
    assert got["error"]["code"] == code, got
    assert got["error"]["message"]


def test_a_name_that_is_near_is_suggested(one):
    with pytest.raises(RpcError) as error:
        one.rpc("stop", selector="shh")
    assert error.value.code == 2
    assert "\"sh\"" in error.value.message


def test_half_a_request_and_gone(one):
    for _ in range(20):
        with client(one) as sock:
            sock.sendall(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"meth")


def test_requests_in_pieces_and_in_one_piece(one):
    request = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"
    with client(one) as sock:
        for byte in request:
            sock.sendall(bytes([byte]))
        assert answer(sock)["result"]["pong"]
        sock.sendall(request * 50)
        got = b""
        while got.count(b"\n") < 50:
            got += sock.recv(65536)
    assert got.count(b"pong") == 50


def test_a_line_of_a_gigabyte(one):
    """Dropped at the bound, long before the end of it."""
    chunk = b"z" * (1 << 20)
    sent = 0
    with client(one) as sock:
        with contextlib.suppress(ConnectionError):
            while sent < 1 << 30:
                sent += sock.send(chunk)
    assert sent < 8 << 20


def test_a_client_that_never_reads(one):
    """Its answers wait up to the bound; then it is dropped."""
    request = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n" * 100
    sent = 0
    with client(one, timeout_s=0.5) as sock:
        with contextlib.suppress(ConnectionError, TimeoutError):
            while sent < 64 << 20:
                sent += sock.send(request)
        assert one.rpc("ping")["pong"]
    assert sent < 64 << 20


def test_a_hundred_at_once(one):
    """64 are served at once; the others wait for a place, and have it as soon
    as one of the first goes."""
    ping = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n"
    answers = []

    def ask():
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(one.socket))  # blocks while the queue is full
            sock.settimeout(20)
            sock.sendall(ping)
            answers.append(answer(sock))

    with contextlib.ExitStack() as held:
        for _ in range(64):
            sock = held.enter_context(client(one))
            sock.sendall(ping)
            assert answer(sock)
        rest = [threading.Thread(target=ask) for _ in range(36)]
        for thread in rest:
            thread.start()
    for thread in rest:
        thread.join()
    assert [bool(item) for item in answers] == [True] * 36


def test_forty_commands_at_once(one):
    """Real ones that come and go: none is lost for the sake of the bound."""
    running = [subprocess.Popen(
        [paths.CLUSTERCTL, "--socket", one.socket, "ping"], env=one.env,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(40)]
    errors = [proc.communicate(timeout=60)[1] for proc in running]
    assert [proc.returncode for proc in running] == [0] * 40, errors


def test_progress_comes_before_the_answer(one):
    with Rpc(one.socket) as rpc:
        done = rpc.call("scale", to=4)
        assert done == {"done": 2, "failed": 0, "errors": []}
        assert rpc.events
        for event in rpc.events:
            assert event["method"] == "progress"
            assert event["params"]["text"]
        rpc.call("scale", to=2)


def test_a_client_that_goes_away_does_not_stop_what_it_asked_for(one):
    with client(one) as sock:
        sock.sendall(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"scale\","
                     b"\"params\":{\"to\":5}}\n")
    one.wait_workers(5)
    one.ctl("scale", "2").expect(0)


def test_other_users_are_not_served(cluster, root):
    running = cluster(apps.one(apps.shell()))
    running.socket.chmod(0o666)
    running.run.chmod(0o755)
    ran = running.command([
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
        paths.CLUSTERCTL, "--socket", running.socket, "status"])
    assert ran.rc != 0, ran


def test_two_changes_of_one_app_at_once(cluster):
    """Both are done one after the other, or the second is told that it is
    busy: never a mixture."""
    port = free_port()
    running = cluster(apps.one(apps.node("plain.cjs", port)))
    both = [subprocess.Popen(
        [paths.CLUSTERCTL, "--socket", running.socket, *argv],
        env=running.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True) for argv in (["reload", "app"], ["scale", "app", "4"])]
    said = [proc.communicate(timeout=60) for proc in both]
    for proc, (_, err) in zip(both, said):
        assert proc.returncode in (0, 1), err
        if proc.returncode == 1:
            assert "under way" in err or "overtaken" in err
    assert 0 in [proc.returncode for proc in both]
    expected = 4 if both[1].returncode == 0 else 2
    running.wait_workers(expected)
    running.wait_settled()
