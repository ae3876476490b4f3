# SPDX-License-Identifier: Apache-2.0
"""Signals to clusterd, and where they must not go."""
import os
import signal

import pytest

from harness import apps, procs
from harness.client import BothLoads, Load, free_port, refuses


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT])
def test_a_graceful_stop_finishes_requests(cluster, signum):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port)))
    pids = one.pids()
    load = Load(port, "close", connections=4, path="/slow/2500",
                think_ms=60000)
    load.begin()
    try:
        one.wait(lambda: connections(pids, port) == 4, "requests are under way")
        assert one.stop(signum) == 0
    finally:
        load.finish()
    assert load.result["failed"] == 0, load.result
    assert load.result["ok"] == 4
    assert refuses(port)
    assert not any(procs.alive(pid) for pid in pids)


def connections(pids, port):
    """Established connections to `port` that these processes hold."""
    inodes = set()
    with open("/proc/net/tcp", encoding="ascii") as file:
        for line in file.readlines()[1:]:
            fields = line.split()
            if fields[1].endswith(f":{port:04X}") and fields[3] == "01":
                inodes.add(f"socket:[{fields[9]}]")
    return sum(target in inodes for pid in pids
               for target in procs.fds(pid).values())


def test_quit_is_quick(cluster):
    one = cluster(apps.one(apps.misbehave("ignores_sigterm",
                                          kill_timeout=60000)))
    pids = one.pids()
    assert one.stop(signal.SIGQUIT, timeout_s=5) == 0
    assert not any(procs.alive(pid) for pid in pids)


def test_a_second_term_is_not_needed_nor_harmful(cluster):
    one = cluster(apps.one(apps.misbehave("ignores_sigterm",
                                          kill_timeout=700)))
    one.proc.send_signal(signal.SIGTERM)
    one.proc.send_signal(signal.SIGTERM)
    assert one.exit_status() == 0


def test_hup_replaces_every_worker(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    old = one.pids()
    generation = one.status()["clusterd"]["generation"]
    with BothLoads(port) as load:
        one.proc.send_signal(signal.SIGHUP)
        one.wait_replaced(old, 2)
    load.expect_no_failure()
    assert one.status()["clusterd"]["generation"] == generation + 1


def test_a_volley_of_hup_ends_in_one_state(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    before = one.fd_counts()
    old = one.pids()
    with BothLoads(port) as load:
        for _ in range(20):
            one.proc.send_signal(signal.SIGHUP)
        one.wait_replaced(old, 2)
        one.wait_settled()
        one.ctl("reload").expect(0)
    load.expect_no_failure()
    one.expect_fd_counts(before)


def test_ttin_and_ttou_scale_by_one(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    for number, count in ((signal.SIGTTIN, 3), (signal.SIGTTIN, 4),
                          (signal.SIGTTOU, 3), (signal.SIGTTOU, 2),
                          (signal.SIGTTOU, 1)):
        one.proc.send_signal(number)
        one.wait_workers(count)
    one.proc.send_signal(signal.SIGTTOU)  # one is the least
    one.ctl("ping").expect(0)
    one.wait_settled()
    assert len(one.pids()) == 1


def test_a_signal_to_workers(cluster):
    one = cluster(start=False)
    script = one.app_file("usr2.sh", "#!/bin/sh\n"
                          "trap 'echo got usr2' USR2\ntrap 'exit 0' TERM\n"
                          "echo 'clusterd/1 ready' >&$CLUSTERD_CHANNEL_FD\n"
                          "while :; do sleep 100 & wait $!; done\n")
    one.write_config(apps.one({"name": "sh", "script": str(script),
                               "instances": 2, "wait_ready": True}))
    one.start()
    for name in ("SIGUSR2", "USR2", str(int(signal.SIGUSR2))):
        seen = len(one.records())
        one.ctl("sendSignal", name, "sh").expect(0)
        one.wait(lambda n=seen: len(one.records()) == n + 2, "both have it")
    assert one.ctl("sendSignal", "SIGNONE", "sh").rc in (1, 2)
    assert one.ctl("sendSignal", "USR2", "nobody").rc == 1


def test_workers_start_with_clean_signals(cluster):
    """No signal blocked or ignored, whatever clusterd itself has."""
    one = cluster(apps.one(apps.misbehave("quiet")))
    with open(f"/proc/{one.pids()[0]}/status", encoding="utf-8") as file:
        masks = dict(line.split(":\t") for line in file if line[:3] == "Sig")
    assert int(masks["SigBlk"], 16) == 0
    # SIGPIPE and SIGXFSZ are Python's own, 32 and 33 the C library's
    others = sum(1 << (number - 1) for number in
                 (signal.SIGPIPE, signal.SIGXFSZ, 32, 33))
    assert int(masks["SigIgn"], 16) & ~others == 0


def test_parts_are_not_ended_by_a_terminal(cluster):
    """Ctrl-C reaches the foreground group: workers are not in it."""
    one = cluster(apps.one(apps.shell()))
    group = os.getpgid(one.proc.pid)
    assert os.getpgid(one.pids()[0]) != group
