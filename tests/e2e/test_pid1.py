# SPDX-License-Identifier: Apache-2.0
"""clusterd as PID 1 of a pid namespace, as in a container."""
import os
import signal

import pytest

from harness import apps, procs
from harness.client import answers_from, free_port


@pytest.fixture
def contained(cluster, root):
    """A Clusterd that is PID 1; its .init is its pid as seen from here."""
    def make(config):
        one = cluster(config, start=False, prefix=[
            "unshare", "--pid", "--fork", "--mount-proc",
            "--kill-child=SIGKILL"])
        one.start()
        one.init = next(entry.pid for entry in procs.descendants(one.proc.pid)
                        if entry.ppid == one.proc.pid)
        return one
    made = []

    def keep(config):
        made.append(make(config))
        return made[-1]
    yield keep
    for one in made:  # SIGTERM to unshare would not reach it
        if one.proc.poll() is None:
            os.kill(one.init, signal.SIGTERM)
            one.exit_status()


def test_it_serves_and_ends(contained):
    port = free_port()
    one = contained(apps.one(apps.demo(port)))
    assert one.status()["clusterd"]["pid"] == 1
    answers_from(port, one.pids())
    one.ctl("reload").expect(0)
    os.kill(one.init, signal.SIGTERM)
    assert one.exit_status() == 0


def test_orphans_are_reaped(contained, folder):
    """A worker leaves grandchildren behind that end: none stays a zombie."""
    script = folder / "orphans.sh"
    script.write_text("#!/bin/sh\ntrap 'exit 0' TERM\n"
                      "echo 'clusterd/1 ready' >&$CLUSTERD_CHANNEL_FD\n"
                      "for i in 1 2 3 4 5 6 7 8; do\n"
                      "  sh -c 'sleep 0.1 & exit 0'\n"
                      "done\n"
                      "echo orphaned\n"
                      "while :; do sleep 100 & wait $!; done\n")
    script.chmod(0o755)
    one = contained(apps.one({"name": "sh", "script": str(script),
                              "wait_ready": True}))
    one.wait_record(lambda r: r["message"] == "orphaned")

    def settled():
        rest = procs.descendants(one.init, zombies=True)
        return not [e for e in rest if e.state == "Z"] and \
            not [e for e in rest if "sleep 0.1" in procs.cmdline(e.pid)]
    one.wait(settled, "no orphan is left")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGINT,
                                    signal.SIGQUIT])
def test_every_stop_signal_is_heard(contained, signum):
    """PID 1 has no default actions: what is not handled is ignored."""
    one = contained(apps.one(apps.shell(instances=2)))
    os.kill(one.init, signum)
    assert one.exit_status() == 0


def test_hup_reloads(contained):
    one = contained(apps.one(apps.shell()))
    old = one.pids()
    os.kill(one.init, signal.SIGHUP)
    one.wait(lambda: one.workers()[0]["pid"] not in (0, *old) and
             one.workers()[0]["status"] == "ready", "a new worker is there")
