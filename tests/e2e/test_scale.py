# SPDX-License-Identifier: Apache-2.0
"""clusterctl scale and instances in all their forms; selectors."""
import os

import pytest

from harness import apps, procs
from harness.client import answers_from, free_port


@pytest.fixture
def demo(cluster):
    port = free_port()
    one = cluster(apps.one(apps.demo(port)))
    one.port = port
    return one


def test_forms(demo):
    for argv, count in ((["8"], 8), (["demo", "3"], 3), (["+2"], 5),
                        (["demo", "+1"], 6), (["--", "-2"], 4),
                        (["demo", "--", "-1"], 3), (["3"], 3)):
        demo.ctl("scale", *argv).expect(0)
        assert len(demo.pids()) == count, argv
    answers_from(demo.port, demo.pids())


def test_instances_keep_their_numbers(demo):
    demo.ctl("scale", "5").expect(0)
    rows = demo.workers()
    assert [row["instance"] for row in rows] == [0, 1, 2, 3, 4]
    demo.ctl("scale", "2").expect(0)
    assert demo.workers()[0]["pid"] == rows[0]["pid"]
    assert [row["instance"] for row in demo.workers()] == [0, 1]
    demo.ctl("scale", "3").expect(0)
    assert [row["instance"] for row in demo.workers()] == [0, 1, 2]


@pytest.mark.parametrize("argv, rc", [
    (["none"], 2), (["nobody", "3"], 1), (["demo", "many"], 2),
    (["demo", "-c"], 2), (["demo", "3000"], 1), ([], 2),
    (["demo", "3", "4"], 2)])
def test_wrong_forms(demo, argv, rc):
    ran = demo.ctl("scale", *argv)
    assert ran.rc == rc or (rc == 1 and ran.rc == 2), ran
    assert ran.err
    assert len(demo.pids()) == 2


def test_with_several_apps_one_must_be_named(cluster):
    one = cluster({"apps": [apps.shell("api"), apps.shell("web")]})
    ran = one.ctl("scale", "4")
    assert ran.rc != 0
    assert "several apps" in ran.err
    assert len(one.pids()) == 2
    one.ctl("scale", "web", "3").expect(0)
    assert len(one.pids("web")) == 3
    assert len(one.pids("api")) == 1


def test_scale_up_that_fails_says_so(cluster):
    """New workers that do not come up: a status that says it, old ones stay."""
    one = cluster(start=False)
    script = one.app_file("one-only.sh", "#!/bin/sh\n"
                          "[ $NODE_APP_INSTANCE = 0 ] || exit 9\n"
                          "trap 'exit 0' TERM\n"
                          "echo 'clusterd/1 ready' >&$CLUSTERD_CHANNEL_FD\n"
                          "while :; do sleep 100 & wait $!; done\n")
    one.write_config(apps.one({"name": "sh", "script": str(script),
                               "wait_ready": True}))
    one.start()
    pid = one.pids()[0]
    ran = one.ctl("scale", "3")
    assert ran.rc == 1, ran
    assert "status 9" in ran.err
    assert one.workers()[0]["pid"] == pid


def test_sixty_four(cluster):
    one = cluster(apps.one(apps.shell()))
    before = one.fd_counts()
    one.ctl("scale", "64").expect(0)
    assert len(set(one.pids())) == 64
    one.ctl("scale", "1").expect(0)
    one.expect_fd_counts(before)


@pytest.mark.parametrize("instances", ["max", 0, -1, "2/cpu"])
def test_counts_by_cpu(cluster, instances):
    cpus = len(os.sched_getaffinity(0))
    one = cluster(apps.one(apps.shell(instances=instances)))
    wanted = {"max": cpus, 0: cpus, -1: max(cpus - 1, 1),
              "2/cpu": 2 * cpus}[instances]
    assert 1 <= len(one.pids()) <= wanted  # a cgroup quota may make it less


def test_affinity_counts(cluster):
    cpu = min(os.sched_getaffinity(0))
    one = cluster(apps.one(apps.shell(instances="2/cpu")), prefix=[
        "setpriv", "--nnp", "taskset", "-c", str(cpu)])
    assert len(one.pids()) == 2


def test_selectors(cluster):
    one = cluster({"apps": [
        apps.shell("api", instances=2, namespace="shop"),
        apps.shell("web", namespace="shop"),
        apps.shell("mailer")]})

    def selected(selector):
        rows = one.rpc("status", selector=selector)["workers"]
        return sorted((row["name"], row["instance"]) for row in rows)

    api = [("api", 0), ("api", 1)]
    assert selected("api") == api
    assert selected("all") == [*api, ("mailer", 0), ("web", 0)]
    assert selected("shop") == [*api, ("web", 0)]
    assert selected("/^a|er$/") == [*api, ("mailer", 0)]
    assert selected("web,mailer") == [("mailer", 0), ("web", 0)]
    ids = {(row["name"], row["instance"]): row["id"] for row in one.workers()}
    assert selected(str(ids["api", 1])) == [("api", 1)]
    for wrong in ("nobody", "99", "/nobody/", "api,nobody"):
        ran = one.ctl("stop", wrong)
        assert ran.rc == 1, ran
        assert "no" in ran.err
    assert len(one.pids()) == 4


def test_stop_start_restart_delete(cluster):
    one = cluster({"apps": [apps.shell("api", instances=2),
                            apps.shell("web")]})
    web = one.pids("web")
    old = one.pids("api")
    one.ctl("stop", "api").expect(0)
    assert not any(procs.alive(pid) for pid in old)
    assert {row["status"] for row in one.workers("api")} == {"stopped"}
    one.ctl("start", "api").expect(0)
    new = one.pids("api")
    assert len(new) == 2 and not set(new) & set(old)
    one.ctl("restart", "api").expect(0)
    assert not set(one.pids("api")) & set(new)
    one.ctl("delete", "api").expect(0)
    assert not one.workers("api")
    assert one.pids("web") == web
    assert one.ctl("start", "api").rc == 1


def test_one_worker_of_an_app(cluster):
    one = cluster(apps.one(apps.shell(instances=3)))
    first, second, third = one.pids()
    one.ctl("restart", "1").expect(0)
    now = one.pids()
    assert (now[0], now[2]) == (first, third)
    assert now[1] != second
    one.ctl("stop", "0").expect(0)
    assert [row["status"] for row in one.workers()] == [
        "stopped", "ready", "ready"]


def test_kill_ends_everything(cluster):
    one = cluster(apps.one(apps.shell(instances=2)))
    everyone = procs.descendants(one.proc.pid)
    one.ctl("kill").expect(0)
    assert one.exit_status() == 0
    assert not [e for e in everyone if procs.alive(e.pid)]
