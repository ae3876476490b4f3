# SPDX-License-Identifier: Apache-2.0
"""The master is killed: requests go on, workers stay, another takes over."""
import time

from harness import apps, procs
from harness.client import BothLoads, answers_from, free_port


def kill_master(one):
    """SIGKILL it and wait for its successor to answer; how long that took."""
    old = one.parts()["master"]
    begin = time.monotonic()
    procs.kill(old)

    def back():
        status = one.try_status()
        return status and status["clusterd"]["master_pid"] not in (0, old) \
            and status["clusterd"]["state"] == "running"
    one.wait(back, "another master answers", timeout_s=10)
    return time.monotonic() - begin


def test_under_load(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    pids = one.pids()
    before = one.fd_counts()
    with BothLoads(port) as load:
        for _ in range(3):
            kill_master(one)
            assert one.pids() == pids
    load.expect_no_failure()
    assert load.pids() <= set(pids)
    one.expect_fd_counts(before)
    assert one.ctl("reload").rc == 0
    assert not set(one.pids()) & set(pids)


def test_node_workers_stay(cluster):
    """The channel is held by the keeper: Node does not see its end."""
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port)))
    pids = one.pids()
    with BothLoads(port) as load:
        kill_master(one)
        assert one.pids() == pids
        one.ctl("reload").expect(0)
        new = one.pids()
        assert not set(new) & set(pids)
        answers_from(port, new)
    load.expect_no_failure()


def test_a_worker_that_dies_meanwhile_is_noticed(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    victim, other = one.pids()
    master = one.parts()["master"]
    procs.kill(master)
    procs.kill(victim)
    one.wait(lambda: one.try_status() and
             len([row for row in one.workers() if row["status"] == "ready"
                  and row["pid"] != victim]) == 2, "the worker is back")
    assert other in one.pids()


def test_in_the_middle_of_a_reload(cluster):
    port = free_port()
    one = cluster(apps.one(apps.node("plain.cjs", port, instances=3)))
    before = one.fd_counts()
    old = one.pids()
    with BothLoads(port) as load:
        one.proc.send_signal(1)
        one.wait(lambda: set(one.pids()) - set(old), "a successor is there")
        kill_master(one)
        one.wait(lambda: len(one.workers()) == 3 and
                 all(row["status"] == "ready" for row in one.workers()),
                 "three workers serve")
        one.ctl("reload").expect(0)
        one.wait(lambda: not any(procs.alive(pid) for pid in old),
                 "the old ones have gone")
    load.expect_no_failure()
    one.expect_fd_counts(before)


def test_stop_ends_all_after_a_crash(cluster):
    one = cluster(apps.one(apps.shell(instances=2)))
    kill_master(one)
    everyone = procs.descendants(one.proc.pid)
    assert one.stop() == 0
    assert not [entry for entry in everyone if procs.alive(entry.pid)]


def test_scale_goes_on_from_where_it_was(cluster):
    one = cluster(apps.one(apps.shell(instances=2)))
    one.ctl("scale", "4").expect(0)
    pids = one.pids()
    kill_master(one)
    assert one.pids() == pids, "not the count of the file"
