# SPDX-License-Identifier: Apache-2.0
"""Runs inside a booted systemd (test_systemd.py): one step of the tests each,
named by the first argument. Ends with status 0 when all is as it should be."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

WORK = pathlib.Path(sys.argv[2])
PROGRAMS = pathlib.Path(sys.argv[3])  # with clusterd, clusterctl and the rest
UNIT = pathlib.Path("/etc/systemd/system/clusterd.service")
CONFIG = pathlib.Path("/etc/clusterd/ecosystem.yaml")
CONTROL = "/run/clusterd/clusterd.sock"
TEMPLATE = pathlib.Path(sys.argv[4]) / "contrib/systemd"
DATADIR = pathlib.Path(sys.argv[4]) / "contrib/node"


def run(*argv, check=True, timeout=60):
    done = subprocess.run(argv, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=timeout,
                          check=False)
    if check and done.returncode != 0:
        journal = subprocess.run(
            ["journalctl", "-u", "clusterd", "--no-pager", "-n", "40"],
            stdout=subprocess.PIPE, text=True, check=False).stdout
        raise AssertionError(f"{' '.join(argv)}: status {done.returncode}\n"
                             f"{done.stdout}\n{journal}")
    return done.stdout


def show(name, unit="clusterd.service"):
    return run("systemctl", "show", "-P", name, unit).strip()


def until(condition, what, timeout_s=20):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not so; " + run(
            "journalctl", "-u", "clusterd", "--no-pager", "-n", "40")
        time.sleep(0.05)


def status():
    return json.loads(run(str(PROGRAMS / "clusterctl"), "--socket", CONTROL,
                          "status", "--json"))


def pids():
    return [row["pid"] for row in status()["workers"] if row["pid"]]


def get(port):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        data = b""
        while chunk := sock.recv(4096):
            data += chunk
    assert data.startswith(b"HTTP/1.1 200"), data
    return data


def install(config, drop_in=""):
    """The unit as `make install` writes it, for the programs of the build."""
    text = (TEMPLATE / "clusterd.service.in").read_text()
    for name, value in (("@sbindir@", PROGRAMS), ("@CONFIG@", CONFIG),
                        ("@RUNDIR@", "clusterd"), ("@FOR@", "")):
        text = text.replace(name, str(value))
    assert not re.search(r"@\w+@", text), text
    UNIT.write_text(text)
    folder = UNIT.with_name("clusterd.service.d")
    folder.mkdir(exist_ok=True)
    (folder / "test.conf").write_text(
        f"[Service]\nEnvironment=CLUSTERD_LIBEXECDIR={PROGRAMS} "
        f"CLUSTERD_DATADIR={DATADIR}\n{drop_in}\n")
    CONFIG.parent.mkdir(exist_ok=True)
    CONFIG.write_text(config)
    run("systemctl", "daemon-reload")


def slow_app(listen="tcp://127.0.0.1:8080", ready_s=0.4):
    """A worker that is ready some time after it started."""
    script = WORK / "slow.sh"
    script.write_text(
        f"#!/bin/sh\nsleep {ready_s}\n"
        f"exec {PROGRAMS}/clusterd-demo\n")
    script.chmod(0o755)
    return (f"apps:\n  - name: web\n    command: [{script}]\n"
            f"    instances: 2\n    listen: {{ http: \"{listen}\" }}\n"
            "    wait_ready: true\n")


def lifecycle():
    install(slow_app())
    begin = time.monotonic()
    run("systemctl", "start", "clusterd")
    assert time.monotonic() - begin > 0.3, "start returned before READY=1"
    assert show("ActiveState") == "active"
    assert {row["status"] for row in status()["workers"]} == {"ready"}
    get(8080)
    until(lambda: re.search(r"2 .*ready|ready.* 2", show("StatusText")),
          "the status text counts workers")
    main = show("MainPID")
    assert int(main) == status()["clusterd"]["pid"]

    old = pids()
    run("systemctl", "reload", "clusterd")
    until(lambda: not set(pids()) & set(old) and len(pids()) == 2 and
          show("ActiveState") == "active", "HUP has replaced the workers")
    assert show("MainPID") == main
    get(8080)

    log = pathlib.Path("/var/log/clusterd")
    assert log.is_dir(), "LogsDirectory"
    group = show("ControlGroup")
    run("systemctl", "stop", "clusterd")
    assert show("ActiveState") == "inactive"
    assert show("Result") == "success"
    procs = pathlib.Path(f"/sys/fs/cgroup{group}/cgroup.procs")
    assert not procs.exists() or not procs.read_text().split()
    assert not os.path.exists(CONTROL)


def slow_start():
    """An app slower than TimeoutStartSec: EXTEND_TIMEOUT_USEC keeps it alive."""
    install(slow_app(ready_s=5), "TimeoutStartSec=2s")
    run("systemctl", "start", "clusterd")
    assert show("ActiveState") == "active"
    run("systemctl", "stop", "clusterd")


def bad_config():
    """No restarts in a circle: status 4 is final, and the journal says why."""
    install("apps:\n  - name: web\n    scirpt: ./x\n")
    assert subprocess.run(["systemctl", "start", "clusterd"], check=False,
                          stderr=subprocess.DEVNULL).returncode != 0
    assert show("ExecMainStatus") == "4"
    assert show("NRestarts") == "0"
    journal = run("journalctl", "-u", "clusterd", "--no-pager")
    assert "scirpt" in journal and "script" in journal


def watchdog():
    install(slow_app(ready_s=0), "WatchdogSec=2s")
    run("systemctl", "start", "clusterd")
    main = show("MainPID")
    time.sleep(5)  # the watchdog's own time, twice
    assert show("MainPID") == main, "the watchdog was not fed"
    assert show("NRestarts") == "0"
    os.kill(status()["clusterd"]["master_pid"], signal.SIGSTOP)
    until(lambda: show("NRestarts") == "1" and show("ActiveState") == "active",
          "a master that hangs is noticed", 30)
    get(8080)
    run("systemctl", "stop", "clusterd")


def socket_activation():
    install(slow_app("systemd:http"))
    UNIT.with_name("clusterd.socket").write_text(
        "[Socket]\nListenStream=127.0.0.1:8081\nFileDescriptorName=http\n"
        "NoDelay=yes\n[Install]\nWantedBy=sockets.target\n")
    run("systemctl", "daemon-reload")
    run("systemctl", "start", "clusterd.socket")
    get(8081)  # starts clusterd, and waits for it
    until(lambda: show("ActiveState") == "active", "it is up")
    assert len(pids()) == 2
    run("systemctl", "restart", "--no-block", "clusterd")
    get(8081)  # waits, is not refused
    until(lambda: show("ActiveState") == "active", "it is up again")
    run("systemctl", "stop", "clusterd.socket", "clusterd")


globals()[sys.argv[1]]()
