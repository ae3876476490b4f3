# SPDX-License-Identifier: Apache-2.0
"""Listening sockets of every kind, and the errors of those that cannot be."""
import fcntl
import os
import pwd
import socket
import stat

import pytest

from harness import apps, badconfigs, procs
from harness.client import answers_from, free_port, pid_of, refuses


def listening(cluster, listen, **keys):
    return cluster(apps.one(apps.demo(listen, **keys)))


def address(one, row=0):
    """What `describe` says of the first listener."""
    return one.describe_worker(str(one.workers()[row]["id"]))["listeners"][0]


def test_dual_stack(cluster):
    port = free_port(socket.AF_INET6)
    listening(cluster, f"tcp://[::]:{port}")
    assert pid_of(("127.0.0.1", port))
    assert pid_of(("::1", port))


def test_ipv6_only(cluster):
    port = free_port(socket.AF_INET6)
    listening(cluster, f"tcp://[::]:{port}?ipv6only=true")
    assert pid_of(("::1", port))
    assert refuses(("127.0.0.1", port))


def test_port_zero_is_chosen_once(cluster):
    one = listening(cluster, "tcp://127.0.0.1:0")
    port = int(address(one)["address"].rsplit(":", 1)[1])
    assert port > 0
    answers_from(port, one.pids())
    one.ctl("reload").expect(0)
    answers_from(port, one.pids())


def test_several_named(cluster):
    first, second = free_port(), free_port()
    one = listening(cluster, {"web": f"tcp://127.0.0.1:{first}",
                              "admin": f"tcp://127.0.0.1:{second}"})
    answers_from(first, one.pids())
    names = {item["name"] for item in
             one.describe_worker("0")["listeners"]}
    assert names == {"web", "admin"}


def test_unix_socket_mode_and_owner(cluster, root):
    one = cluster(start=False)
    path = one.run / "app.sock"
    one.write_config(apps.one(apps.demo(
        f"unix:{path}?mode=0620&user=nobody&group=nogroup")))
    one.start()
    found = path.stat()
    assert stat.S_IMODE(found.st_mode) == 0o620
    nobody = pwd.getpwnam("nobody")
    assert (found.st_uid, found.st_gid) == (nobody.pw_uid, nobody.pw_gid)
    answers_from(f"unix:{path}", one.pids())
    inode = path.stat().st_ino
    one.ctl("reload").expect(0)
    assert path.stat().st_ino == inode
    assert one.stop() == 0
    assert not path.exists()


def test_a_stale_unix_socket_is_replaced(cluster):
    one = cluster(start=False)
    path = one.run / "app.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    one.write_config(apps.one(apps.demo(f"unix:{path}")))
    one.start()
    answers_from(f"unix:{path}", one.pids())


def test_a_unix_socket_in_use_is_not_stolen(cluster):
    one = cluster(start=False)
    path = one.run / "app.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        one.write_config(apps.one(apps.demo(f"unix:{path}", name="api")))
        ran = one.run_once()
        assert ran.rc != 0
        assert not badconfigs.says(ran.err, ["api", str(path), "in use"])
        assert path.exists()
    path.unlink()


def test_abstract_unix_socket(cluster, marker):
    one = listening(cluster, f"unix:@clusterd-test-{marker}")
    answers_from(f"unix:@clusterd-test-{marker}", one.pids())


def test_udp(cluster):
    port = free_port(kind=socket.SOCK_DGRAM)
    one = cluster(start=False)
    script = one.app_file("udp.py", """import os, socket
sock = socket.socket(fileno=int(os.environ["UDP_FD"]))
sock.setblocking(True)
os.write(int(os.environ["CLUSTERD_CHANNEL_FD"]), b"clusterd/1 ready\\n")
while True:
    data, peer = sock.recvfrom(100)
    sock.sendto(b"%d %s" % (os.getpid(), data), peer)
""")
    one.write_config(apps.one({
        "name": "udp", "script": str(script), "instances": 2,
        "interpreter": "/usr/bin/python3",
        "wait_ready": True, "listen": {"udp": f"udp://127.0.0.1:{port}"},
        "env": {"UDP_FD": "3"}}))
    one.start()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect(("127.0.0.1", port))
        sock.settimeout(5)
        sock.send(b"ping")
        pid, echo = sock.recv(100).split()
    assert echo == b"ping"
    assert int(pid) in one.pids()


def test_a_descriptor_number_in_an_argument(cluster):
    port = free_port()
    one = cluster(start=False)
    script = one.app_file("fd.py", """import os, socket, sys
sock = socket.socket(fileno=int(sys.argv[2]))
sock.setblocking(True)
while True:
    conn = sock.accept()[0]
    conn.recv(4096)
    body = b"pid %d %s" % (os.getpid(), sys.argv[1].encode())
    conn.sendall(b"HTTP/1.0 200 OK\\r\\n\\r\\n" + body)
    conn.close()
""")
    one.write_config(apps.one({
        "name": "fd", "command": ["/usr/bin/python3", str(script), "--fd",
                                  "${listen.http}"],
        "listen": {"http": f"tcp://127.0.0.1:{port}"}}))
    one.start()
    assert pid_of(port) == one.pids()[0]


def test_a_backlog_holds_clients_while_workers_boot(cluster):
    """The socket listens before the first worker is ready."""
    port = free_port()
    one = cluster(apps.one(apps.node("ready.cjs", port, wait_ready=True,
                                     env={"READY_AFTER_MS": 400})),
                  start=False)
    one.spawn()
    one.wait(lambda: not refuses(port), "the port is open")
    assert any(row["status"] == "starting" for row in one.workers())
    one.wait_running()


def test_an_address_in_use_names_its_holder(cluster):
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        one = cluster(apps.one(apps.demo(port, name="api")), start=False)
        ran = one.run_once()
        assert ran.rc == 1, ran
        assert not badconfigs.says(ran.err, [
            "api", f"127.0.0.1:{port}", "in use", str(os.getpid()),
            procs.stat(os.getpid()).comm])
        assert not one.socket.exists()


def test_a_privileged_port_needs_the_right(cluster, root):
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start",
              encoding="ascii") as file:
        if int(file.read()) <= 81:
            pytest.skip("every port is free to all here")
    one = cluster(apps.one(apps.demo("tcp://127.0.0.1:81", name="api")),
                  start=False, prefix=[
                      "setpriv", "--reuid=65534", "--regid=65534",
                      "--clear-groups", "--inh-caps=-all",
                      "--bounding-set=-all"])
    for folder in (one.folder, one.run, one.logs, one.tmp):
        os.chown(folder, 65534, 65534)
    ran = one.run_once()
    assert ran.rc == 1, ran
    assert not badconfigs.says(ran.err, ["api", "127.0.0.1:81", "permission"])


def test_an_unprivileged_user_runs_a_cluster(cluster, root):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)), start=False, prefix=[
        "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"])
    for folder in (one.folder, one.run, one.logs, one.tmp):
        os.chown(folder, 65534, 65534)
    one.start()
    answers_from(port, one.pids())
    for pid in one.parts().values():
        assert os.stat(f"/proc/{pid}").st_uid == 65534
    one.ctl("reload").expect(0)


def test_an_address_that_is_not_here(cluster):
    one = cluster(apps.one(apps.demo("tcp://192.0.2.1:8080", name="api")),
                  start=False)
    ran = one.run_once()
    assert ran.rc in (1, 4), ran
    assert not badconfigs.says(ran.err, ["api", "192.0.2.1:8080"])


def test_reload_binds_what_is_new_and_closes_what_is_not_named(cluster):
    first, second, third = free_port(), free_port(), free_port()
    listen = {"a": f"tcp://127.0.0.1:{first}", "b": f"tcp://127.0.0.1:{second}"}
    one = listening(cluster, listen)
    listen = {"a": f"tcp://127.0.0.1:{first}", "c": f"tcp://127.0.0.1:{third}"}
    one.write_config(apps.one(apps.demo(listen)))
    one.ctl("reload").expect(0)
    assert not refuses(first)
    assert not refuses(third)
    one.wait(lambda: refuses(second), "the old port is closed")


def init_sockets(one, count, names):
    """clusterd as systemd starts it with sockets: LISTEN_FDS and names."""
    script = one.app_file("as-init.py", """import os, sys
os.environ["LISTEN_PID"] = str(os.getpid())
os.execv(sys.argv[1], sys.argv[1:])
""")
    one.prefix = ["/usr/bin/python3", str(script)]
    one.env.update({"LISTEN_FDS": str(count), "LISTEN_FDNAMES": names})


def with_fds(one, socks):
    """Start it with these sockets at 3, 4, .."""
    # first out of the way of 3, 4, .., which they may themselves be
    high = [fcntl.fcntl(sock, fcntl.F_DUPFD, 100) for sock in socks]

    def place():
        for number, fd in enumerate(high):
            os.dup2(fd, 3 + number, inheritable=True)
        os.closerange(3 + len(high), 200)

    try:
        one.start(preexec_fn=place, close_fds=False)
    finally:
        for fd in high:
            os.close(fd)


def test_sockets_given_by_init(cluster):
    one = cluster(start=False)
    with socket.create_server(("127.0.0.1", 0)) as web, \
            socket.create_server(("127.0.0.1", 0)) as admin:
        one.write_config(apps.one(apps.demo({
            "web": "systemd:web", "admin": "systemd:admin"})))
        init_sockets(one, 2, "web:admin")
        with_fds(one, [web, admin])
        ports = [web.getsockname()[1], admin.getsockname()[1]]
        answers_from(ports[0], one.pids())
        one.ctl("reload").expect(0)
        answers_from(ports[0], one.pids())
        env = procs.environ(one.pids()[0])
        assert env.get("LISTEN_FDS") == "2", "its own, not clusterd's"
        assert env.get("LISTEN_PID") == str(one.pids()[0])


def test_a_name_that_init_did_not_give(cluster):
    one = cluster(apps.one(apps.demo("systemd:http", name="api")),
                  start=False)
    ran = one.run_once()
    assert ran.rc in (1, 4), ran
    assert not badconfigs.says(ran.err, ["api", "http"])


def test_status_counts_what_waits(cluster):
    """Connections nobody accepts show in `queued`."""
    port = free_port()
    one = cluster(apps.one(apps.misbehave(
        "quiet", name="api", listen=f"tcp://127.0.0.1:{port}")))
    socks = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    try:
        one.wait(lambda: address(one)["queued"] == 5, "five are queued")
    finally:
        for sock in socks:
            sock.close()


def test_a_large_backlog(cluster):
    port = free_port()
    cluster(apps.one(apps.misbehave(
        "quiet", name="api", listen=f"tcp://127.0.0.1:{port}?backlog=300")))
    socks = []
    try:
        for _ in range(290):
            socks.append(socket.create_connection(("127.0.0.1", port), 5))
    finally:
        for sock in socks:
            sock.close()


def test_two_apps_cannot_have_one_address(cluster):
    port = free_port()
    one = cluster({"apps": [apps.demo(port, name="a"),
                            apps.demo(port, name="b")]}, start=False)
    ran = one.run_once("-t")
    assert ran.rc == 4, ran
    assert not badconfigs.says(ran.err, ["a", "b", str(port)])

