# SPDX-License-Identifier: Apache-2.0
"""Unmodified Node servers: what their cluster module sees, and every way of
listening."""
import json
import signal
import socket
import threading

from harness import apps, procs
from harness.client import (Load, answers_from, connect, free_port, get,
                            pid_of, refuses)


def said(one, what, count=1):
    """What sockets.cjs has reported about one of its sockets."""
    def found():
        out = []
        for record in one.records():
            message = record["message"]
            if isinstance(message, str):
                message = json.loads(message)
            if message.get("what") == what:
                out.append(message)
        return len(out) >= count and out
    return one.wait(found, f"{count} reports of {what}")


def sockets(cluster, **keys):
    ports = [free_port() for _ in range(4)] + [free_port(
        kind=socket.SOCK_DGRAM)]
    one = cluster(start=False)
    one.ports = ports
    one.path = one.run / "app.sock"
    one.port_exclusive, one.port_again = free_port(), free_port()
    app = apps.node("sockets.cjs", ports[0], listen=[
        f"tcp://127.0.0.1:{ports[0]}", f"tcp://127.0.0.1:{ports[1]}"], env={
            "PORTS": f"{ports[0]},{ports[1]},{ports[2]},{ports[4]}",
            "PORT_EXCLUSIVE": one.port_exclusive,
            "PORT_AGAIN": one.port_again,
            "SOCKET_PATH": str(one.path)}, log_type="json", **keys)
    one.write_config(apps.one(app))
    return one.start()


def test_cluster_module_sees_a_worker(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("messages.cjs", port)))
    seen = {}

    def both_seen():
        about = json.loads(get(port, "/about")[2])
        seen[about["instance"]] = about
        return len(seen) == 2
    one.wait(both_seen, "both workers have answered")
    assert set(seen) == {"0", "1"}
    assert seen["0"]["id"] != seen["1"]["id"]
    for about in seen.values():
        assert about["isWorker"] is True
        assert about["connected"] is True
        assert about["leaked"] == []


def test_a_worker_that_disconnects_itself_is_replaced(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("messages.cjs", port)))
    for path in ("/disconnect", "/kill"):
        before = one.pids()
        with Load(port, "close", connections=4) as load:
            gone = pid_of(port, path)
            one.wait(lambda pid=gone: not procs.alive(pid),
                     f"{path}: the worker has gone")
            one.wait_workers(2)
        assert gone in before
        # kill() is Node's own exit(0): requests in flight are the app's loss
        if path == "/disconnect":
            load.expect_no_failure()


def test_every_way_to_listen(cluster):
    one = sockets(cluster)
    pids = one.pids()
    for port in one.ports[:3]:
        answers_from(port, pids)
    answers_from(f"unix:{one.path}", pids)
    answers_from(one.port_again, pids)

    any_port = {said(one, "any port", 2)[i]["address"]["port"]
                for i in range(2)}
    again = {said(one, "any port again", 2)[i]["address"]["port"]
             for i in range(2)}
    assert len(any_port) == len(again) == 1, "workers share a port"
    assert any_port != again, "two listens have two ports"
    answers_from(any_port.pop(), pids)
    answers_from(again.pop(), pids)

    assert {item["error"] for item in said(one, "twice", 2)} == {"EADDRINUSE"}
    assert {item["error"] for item in said(one, "no such address", 2)} == {
        "EADDRNOTAVAIL"}
    exclusive = said(one, "exclusive", 2)
    assert sorted(item.get("error", "") for item in exclusive) == [
        "", "EADDRINUSE"]
    assert one.stop() == 0
    for port in one.ports[:3]:
        assert refuses(port)
    assert not one.path.exists()


def test_udp(cluster):
    one = sockets(cluster)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.settimeout(5)
        sock.connect(("127.0.0.1", one.ports[4]))
        sock.send(b"hello")
        answer = sock.recv(100).decode()
    assert answer.endswith(" hello")
    assert int(answer.split()[1]) in one.pids()


def test_reload_keeps_sockets_the_file_does_not_name(cluster):
    one = sockets(cluster)
    before = one.fd_counts()
    old = one.pids()
    with Load(one.ports[2], "close") as unnamed, \
            Load(f"unix:{one.path}", "keep") as path:
        one.ctl("reload").expect(0)
        assert not set(one.pids()) & set(old)
    unnamed.expect_no_failure()
    path.expect_no_failure()
    one.expect_fd_counts(before)


def test_a_kill_breaks_exactly_the_requests_in_it(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port)))
    victim, other = one.pids()
    owner, whole = {}, {}

    def stream(number):
        with connect(port, 20) as sock:
            sock.sendall(b"GET /stream/2500 HTTP/1.1\r\nHost: x\r\n"
                         b"Connection: close\r\n\r\n")
            data = b""
            try:
                while chunk := sock.recv(4096):
                    data += chunk
                    if b"pid " in data and number not in owner:
                        owner[number] = int(
                            data.split(b"pid ")[1].split(b"\n")[0])
            except ConnectionError:
                pass
            whole[number] = b"end\n" in data

    threads = [threading.Thread(target=stream, args=(number,))
               for number in range(24)]
    for thread in threads:
        thread.start()
    one.wait(lambda: len(owner) == len(threads), "all streams have begun")
    assert set(owner.values()) == {victim, other}, "both workers have streams"
    procs.kill(victim, signal.SIGKILL)
    for thread in threads:
        thread.join()
    for number, pid in owner.items():
        assert whole[number] == (pid == other)
    one.wait_workers(2)


def test_long_requests_are_finished_before_a_worker_goes(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port, kill_timeout=8000)))
    with Load(port, "close", connections=4, path="/slow/1500") as load:
        one.ctl("reload").expect(0)
    load.expect_no_failure()


def test_without_the_preload_one_connection_a_request_loses_nothing(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port, drain_preload=False)))
    with Load(port, "close") as load:
        one.ctl("reload").expect(0)
    load.expect_no_failure()


def test_fork_mode_binds_for_itself(cluster):
    port = free_port()
    app = apps.node("plain.cjs", port, instances=1, exec_mode="fork")
    del app["listen"]
    one = cluster(apps.one(app))
    assert pid_of(port) == one.pids()[0]
    assert one.workers()[0]["mode"] == "fork"
    one.ctl("restart", "app").expect(0)
    one.wait(lambda: not refuses(port), "it listens again")
    assert pid_of(port) == one.pids()[0]


def test_a_listening_app_without_a_configured_socket_is_shared(cluster):
    port = free_port()
    app = apps.node("plain.cjs", port, instances=2)
    del app["listen"]
    one = cluster(apps.one(app))
    assert {row["mode"] for row in one.workers()} == {"cluster"}
    answers_from(port, one.pids())
    with Load(port, "close") as load:
        one.ctl("reload").expect(0)
    load.expect_no_failure()
